import { assertAlmostEquals, assertEquals } from "@std/assert";
import { Pipeline } from "../../../daemon/pipeline.ts";
import { Flag } from "../../../record/layout.ts";
import { type Reading, runScenario, type TimekeeperFactory } from "../../../sim/world/run_scenario.ts";
import { type ScenarioName, SCENARIOS } from "../../../sim/world/scenarios.ts";
import type { Scenario } from "../../../sim/world/scenario.ts";
import { World } from "../../../sim/world/world.ts";
import { RecordingKeeper } from "./support/recording_keeper.ts";

const PRODUCTION: TimekeeperFactory = (options, base) => new Pipeline(options, base);

function readings(scenario: Scenario, seed: number, readIntervalSeconds = 10): Reading[] {
  return [...runScenario({ scenario, seed, create: PRODUCTION, readIntervalSeconds })];
}

Deno.test("runScenario() says how far a known prediction is off, now and a minute later", () => {
  const scenario = { ...SCENARIOS.cloud, durationSeconds: 20 };
  const line = {
    ...new RecordingKeeper().predict(),
    scale: "raw" as const,
    atSeconds: 1,
    offsetSeconds: 0.5,
    frequency: 3e-6,
    offsetUncertaintySeconds: 3e-6,
    driftUncertainty: 1e-7,
    maxErrorSeconds: 0.02,
    flags: 5,
  };
  const create = () => ({ add() {}, disrupt() {}, predict: () => line });
  const [, second] = [...runScenario({ scenario, seed: 4, create, readIntervalSeconds: 10 })];
  const { truth } = new World(scenario, 4);
  assertEquals(second!.atSeconds, 15);
  assertAlmostEquals(second!.errorSeconds, 0.5 + 14 * 3e-6 - truth.offsetAt(15), 1e-15);
  assertAlmostEquals(second!.aheadErrorSeconds!, 0.5 + 74 * 3e-6 - truth.offsetAt(75), 1e-15);
  assertAlmostEquals(second!.aheadSigmaSeconds, 6.7082e-6, 1e-10);
  assertEquals([second!.sigmaSeconds, second!.maxErrorSeconds, second!.flags], [3e-6, 0.02, 5]);
});

Deno.test("runScenario() judges predictions on CLOCK_REALTIME by what that clock reads", () => {
  const scenario = { ...SCENARIOS.codaemon, durationSeconds: 3000 };
  const create = () => new RecordingKeeper();
  const found = [...runScenario({ scenario, seed: 2, create, readIntervalSeconds: 100 })];
  const world = new World(scenario, 2);
  for (const { atSeconds, errorSeconds } of found) {
    const { realtimeNs } = world.clocksAt(atSeconds);
    const utcSeconds = atSeconds + world.truth.offsetAt(atSeconds);
    assertAlmostEquals(errorSeconds, Number(realtimeNs - world.base.utcNs) / 1e9 - utcSeconds, 2e-9);
  }
});

Deno.test("runScenario() marks what nobody can know: reads just after a standstill, and outages", () => {
  const migration = {
    kind: "migration",
    atSeconds: [400, 400],
    standstillSeconds: [0.1, 0.1],
  } as const;
  const scenario: Scenario = {
    ...SCENARIOS.cloud,
    durationSeconds: 700,
    machine: [migration],
    refusals: [{ fromSeconds: 500, untilSeconds: 600, manner: "silent" }],
  };
  const create = () => new RecordingKeeper();
  const found = [...runScenario({ scenario, seed: 2, create, readIntervalSeconds: 2 })];
  const timesOf = (isMarked: (reading: Reading) => boolean) => found.filter(isMarked).map((r) => r.atSeconds);
  // One poll of 10.5 s and a timeout of 2 s.
  assertEquals(timesOf(({ isBlind }) => isBlind), [401, 403, 405, 407, 409, 411]);
  const outage = timesOf(({ isOutage }) => isOutage);
  assertEquals([outage[0], outage.at(-1)], [501, 599]);
  const unforeseeable = timesOf(({ aheadErrorSeconds }) => aheadErrorSeconds === null);
  assertEquals([unforeseeable[0], unforeseeable.at(-1)], [341, 399]);
});

Deno.test("runScenario() is the same each time", () => {
  const scenario = { ...SCENARIOS.wifi, durationSeconds: 600 };
  assertEquals(readings(scenario, 11), readings(scenario, 11));
});

/** Readings that count for the promise of the hard bound. */
function bounded(all: readonly Reading[]): Reading[] {
  return all.filter(({ flags, isBlind }) => (flags & Flag.VALID) !== 0 && !isBlind);
}

/** A working day has begun by then. */
const LONGEST_SECONDS = 36_000;

const HONEST = (Object.keys(SCENARIOS) as ScenarioName[]).filter((name) => name !== "majority_falsetick");

for (const name of HONEST) {
  Deno.test(`the pipeline's hard bound holds the truth all through ${name}`, () => {
    const seed = 900;
    const durationSeconds = Math.min(LONGEST_SECONDS, SCENARIOS[name].durationSeconds);
    const scenario = { ...SCENARIOS[name], durationSeconds };
    assertEquals(new World(scenario, seed).hasHonestMajority, true);
    const found = bounded(readings(scenario, seed));
    assertEquals(found.length > 600, true);
    const outside = found.filter((reading) => Math.abs(reading.errorSeconds) > reading.maxErrorSeconds);
    assertEquals(outside, []);
  });
}

Deno.test("a majority of liars is what the hard bound cannot withstand, and the world shows it", () => {
  const found = bounded(readings(SCENARIOS.majority_falsetick, 900));
  assertEquals(found.some((reading) => Math.abs(reading.errorSeconds) > reading.maxErrorSeconds), true);
});

Deno.test("the pipeline serves no valid time between a suspend and the first answer after it", () => {
  const suspend = { kind: "suspend", atSeconds: [500.25, 500.25], standstillSeconds: [600, 600] } as const;
  const scenario: Scenario = {
    ...SCENARIOS.lan,
    durationSeconds: 560,
    machine: [suspend],
    refusals: [{ fromSeconds: 500, untilSeconds: 530, manner: "silent" }],
  };
  const found = readings(scenario, 3, 1).filter(({ atSeconds }) => atSeconds > 501.5);
  const silent = found.filter(({ atSeconds }) => atSeconds < 530);
  assertEquals(silent.every(({ flags }) => (flags & Flag.VALID) === 0), true);
  assertEquals(silent.every(({ flags }) => (flags & Flag.DISRUPTED) !== 0), true);
  const after = found.filter(({ atSeconds }) => atSeconds > 545);
  assertEquals(after.every(({ flags }) => (flags & Flag.VALID) !== 0), true);
  assertEquals(after.every(({ errorSeconds }) => Math.abs(errorSeconds) < 1e-3), true);
});

Deno.test("two hours of four servers pass at least a thousand times faster than real ones", () => {
  const began = performance.now();
  const count = readings(SCENARIOS.internet, 5, 2).length;
  const tookSeconds = (performance.now() - began) / 1000;
  assertEquals(count, 3690);
  assertEquals(SCENARIOS.internet.durationSeconds / tookSeconds > 1000, true);
});
