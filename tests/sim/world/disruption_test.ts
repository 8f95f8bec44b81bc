import { assert, assertEquals, assertLess } from "@std/assert";
import { JointFilter } from "../../../daemon/estimate/joint_filter.ts";
import { Pipeline } from "../../../daemon/pipeline.ts";
import { Flag } from "../../../record/layout.ts";
import { type Reading, runScenario } from "../../../sim/world/run_scenario.ts";
import type { Scenario } from "../../../sim/world/scenario.ts";
import { SCENARIOS } from "../../../sim/world/scenarios.ts";

const EVENT_SECONDS = 400.1;
const READ_INTERVAL_SECONDS = 0.2;
/** Two servers' polls at their slowest. */
const WATCHED_SECONDS = 40;
const SEEDS = [11, 12, 13];

type Kind = NonNullable<Scenario["machine"]>[number]["kind"];

/** What is read around an event in the life of a machine, times counted from it. */
function readingsAround(kind: Kind, seed: number, changes: Partial<Scenario> = {}): Reading[] {
  const scenario: Scenario = {
    ...SCENARIOS.cloud,
    durationSeconds: EVENT_SECONDS + WATCHED_SECONDS,
    machine: [{
      kind,
      atSeconds: [EVENT_SECONDS, EVENT_SECONDS],
      standstillSeconds: kind === "clocksource" ? [0, 0] : [5, 50],
      frequencyShift: [2e-6, 10e-6],
    }],
    ...changes,
  };
  const create = (...[options, base]: Parameters<Parameters<typeof runScenario>[0]["create"]>) =>
    new Pipeline(options, base, null, new JointFilter());
  return [...runScenario({ scenario, seed, create, readIntervalSeconds: READ_INTERVAL_SECONDS })]
    .filter(({ atSeconds }) => atSeconds >= EVENT_SECONDS)
    .map((reading) => ({ ...reading, atSeconds: reading.atSeconds - EVENT_SECONDS }));
}

const isValid = ({ flags }: Reading) => (flags & Flag.VALID) !== 0;
const isDisrupted = ({ flags }: Reading) => (flags & Flag.DISRUPTED) !== 0;

/** From the first evidence on: never valid and disrupted at once, soon valid again, and then right within what it says. */
function assertPromise(readings: readonly Reading[]): void {
  const first = readings.findIndex(isDisrupted);
  assert(first >= 0, "the disruption is flagged");
  const since = readings.slice(first);
  assert(since.every((reading) => isValid(reading) !== isDisrupted(reading)));
  const valid = since.filter(isValid);
  assertLess(valid[0]!.atSeconds - since[0]!.atSeconds, 3);
  for (const { errorSeconds, maxErrorSeconds, sigmaSeconds } of valid) {
    assertLess(Math.abs(errorSeconds), maxErrorSeconds);
    assertLess(Math.abs(errorSeconds), 4 * sigmaSeconds);
  }
}

for (const kind of ["migration", "restore", "fork"] as const) {
  Deno.test(`a ${kind} without any sign shows in the next answer, and no narrow interval is served from then on`, () => {
    for (const seed of SEEDS) {
      const readings = readingsAround(kind, seed);
      assertPromise(readings);
      // Until then nobody can know: at most one poll of ten seconds, lengthened by 5 %, and the way.
      assertLess(readings.find(isDisrupted)!.atSeconds, 11);
    }
  });

  Deno.test(`a ${kind} of a machine with a VMClock device is flagged within a second`, () => {
    for (const seed of SEEDS) {
      const readings = readingsAround(kind, seed, { hasVmClock: true });
      assertPromise(readings);
      assertLess(readings.find(isDisrupted)!.atSeconds, 1 + READ_INTERVAL_SECONDS);
    }
  });
}

for (const kind of ["suspend", "clocksource"] as const) {
  Deno.test(`a ${kind} is flagged within a second, and measured anew within three`, () => {
    for (const seed of SEEDS) {
      const readings = readingsAround(kind, seed);
      assertPromise(readings);
      assertLess(readings.find(isDisrupted)!.atSeconds, 1 + READ_INTERVAL_SECONDS);
    }
  });
}

Deno.test("a step of CLOCK_REALTIME by somebody else is no disruption", () => {
  const steering = {
    firstAtSeconds: EVENT_SECONDS + 5,
    minGapSeconds: 10,
    meanExtraGapSeconds: 1,
    stepShare: 1,
    stepDeviationSeconds: 1,
    maxSlew: 0,
    slewSeconds: [1, 1],
  } as const;
  const readings = readingsAround("suspend", 11, { machine: [], steering });
  assertEquals(readings.filter(isDisrupted), []);
  assertEquals(readings.every(isValid), true);
});
