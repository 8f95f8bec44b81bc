import { assertAlmostEquals, assertEquals } from "@std/assert";
import { toSample } from "../../../daemon/estimate/sample.ts";
import type { Exchange } from "../../../daemon/sources/measurement.ts";
import { type ScenarioName, SCENARIOS } from "../../../sim/world/scenarios.ts";
import type { Scenario } from "../../../sim/world/scenario.ts";
import { TIMEOUT_SECONDS, World } from "../../../sim/world/world.ts";

const { cloud, internet } = SCENARIOS;

/** What a world answers when every server is asked every ten seconds. */
function exchanges(world: World, untilSeconds: number): Exchange[] {
  const found: Exchange[] = [];
  for (let at = 1; at < untilSeconds; at += 10) {
    world.sources.forEach((_, index) => {
      const { outcome } = world.ask(index, at);
      if (outcome.kind === "measured") found.push(outcome.exchange);
    });
  }
  return found;
}

async function hashOf(name: ScenarioName, seed: number): Promise<string> {
  const world = new World(SCENARIOS[name], seed);
  const lines = exchanges(world, 3600).map(({ source, t1RawNs, t2UtcNs, t4RawNs }) =>
    `${source} ${t1RawNs} ${t2UtcNs} ${t4RawNs}\n`
  );
  const truth = Array.from({ length: 100 }, (_, i) => Math.round(1e9 * world.truth.offsetAt(70 * i)));
  const bytes = new TextEncoder().encode(lines.join("") + truth.join(" "));
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex().slice(0, 16);
}

Deno.test("World is the same for the same seed, on every machine and for ever", async () => {
  assertEquals(await hashOf("internet", 1), "a22711fd3b7a6ea9");
  assertEquals(await hashOf("unruly", 7), "069f3f41701c84ea");
});

Deno.test("World differs between seeds", async () => {
  assertEquals(await hashOf("internet", 1) === await hashOf("internet", 2), false);
});

Deno.test("World's honest exchanges hold the truth within half the round trip and the root distance", () => {
  for (const name of ["lan", "wifi", "congested", "route"] as const) {
    const world = new World(SCENARIOS[name], 3);
    const all = exchanges(world, 7000);
    assertEquals(all.length > 600, true);
    for (const exchange of all) {
      const sample = toSample(exchange, world.base);
      const error = sample.offsetSeconds - world.truth.offsetAt(sample.atSeconds);
      assertEquals(Math.abs(error) <= sample.delaySeconds / 2 + sample.rootDistanceSeconds, true);
    }
  }
});

/** A network without chance: 1 ms each way. */
const BARE: Scenario = {
  ...cloud,
  network: {
    ...cloud.network,
    baseSeconds: [1e-3, 1.0000001e-3],
    asymmetry: 0,
    jitterMedianSeconds: 0,
    tail: { ...cloud.network.tail, probability: 0 },
    lossProbability: 0,
    stampMeanSeconds: 1e-12,
  },
  server: { errorDeviationSeconds: 0, rootDelaySeconds: [1e-3, 1.0000001e-3] },
};

Deno.test("World's exchange says when the server was asked and how long it took, by both clocks", () => {
  const world = new World(BARE, 5);
  // The scheduler's rare stalls apart, every exchange is alike.
  const { outcome, endSeconds } = world.ask(0, 100);
  assertEquals(outcome.kind, "measured");
  if (outcome.kind !== "measured") return;
  const { t1RawNs, t2UtcNs, t3UtcNs, t4RawNs, stratum, rootDelaySeconds } = outcome.exchange;
  assertEquals(t1RawNs, world.base.rawNs + 100_000_000_000n);
  assertEquals(t3UtcNs - t2UtcNs, 20_000n);
  assertAlmostEquals(Number(t4RawNs - t1RawNs), 2_020_000, 200);
  assertAlmostEquals(endSeconds, 100.00202, 2e-7);
  const sinceBase = Number(t2UtcNs - world.base.utcNs) / 1e9;
  assertAlmostEquals(sinceBase, 100 + world.truth.offsetAt(100) + 1e-3, 1e-8);
  assertEquals(stratum, 2);
  assertAlmostEquals(rootDelaySeconds, 1e-3, 1e-9);
});

Deno.test("World's route change lengthens the round trip by 12 ms and shifts the offset by 6 ms", () => {
  const network = { ...BARE.network, baseSeconds: [10e-3, 10.000001e-3] as const };
  const world = new World({ ...BARE, network, routes: SCENARIOS.route.routes }, 6);
  const [before, during, after] = [2000, 4000, 6000].map((at) => {
    const { outcome } = world.ask(0, at);
    if (outcome.kind !== "measured") throw new Error("the exchange was lost");
    const sample = toSample(outcome.exchange, world.base);
    return [sample.delaySeconds, sample.offsetSeconds - world.truth.offsetAt(sample.atSeconds)] as const;
  });
  assertAlmostEquals(before![0], 0.02, 1e-6);
  assertAlmostEquals(during![0], 0.032, 1e-6);
  assertAlmostEquals(during![1] - before![1], 6e-3, 1e-6);
  assertAlmostEquals(after![0], 0.02, 1e-6);
});

Deno.test("World's servers fall silent, kiss and limit their rate as the scenario says", () => {
  const world = new World({
    ...BARE,
    serverCount: 3,
    refusals: [
      { fromSeconds: 1000, untilSeconds: 2000, manner: "silent" },
      { servers: [1], fromSeconds: 3000, untilSeconds: 4000, manner: "DENY" },
    ],
    rateLimits: [{ server: 2, minGapSeconds: 30 }],
  }, 7);
  const outcomeOf = (index: number, at: number) => world.ask(index, at).outcome;
  assertEquals(outcomeOf(0, 999).kind, "measured");
  const silent = world.ask(0, 1000);
  assertEquals(silent.outcome.kind === "failed" && silent.outcome.reason, "timeout");
  assertEquals(silent.endSeconds, 1000 + TIMEOUT_SECONDS);
  assertEquals(outcomeOf(0, 2000).kind, "measured");
  const denied = outcomeOf(1, 3000);
  assertEquals(denied.kind === "kiss" && denied.code, "DENY");
  assertEquals(outcomeOf(0, 3000).kind, "measured");
  assertEquals(outcomeOf(2, 5000).kind, "measured");
  const limited = outcomeOf(2, 5029);
  assertEquals(limited.kind === "kiss" && limited.code, "RATE");
  assertEquals(outcomeOf(2, 5059).kind, "measured");
});

Deno.test("World loses the answer to a question that a suspend interrupts", () => {
  const suspend = { kind: "suspend", atSeconds: [500, 500], standstillSeconds: [600, 600] } as const;
  const { outcome, endSeconds } = new World({ ...BARE, machine: [suspend] }, 8).ask(0, 499.999);
  assertEquals(outcome.kind === "failed" && outcome.reason, "suspended");
  assertEquals(endSeconds, 500);
});

Deno.test("World shows a migration only in the next answer: the time moved, the raw clock did not", () => {
  const migration = {
    kind: "migration",
    atSeconds: [500, 500],
    standstillSeconds: [0.15, 0.15],
    frequencyShift: [4e-6, 4e-6],
  } as const;
  const world = new World({ ...BARE, machine: [migration] }, 9);
  const calm = new World(BARE, 9);
  assertAlmostEquals(world.truth.offsetAt(499.9), calm.truth.offsetAt(499.9), 1e-12);
  assertAlmostEquals(world.truth.offsetAt(500) - calm.truth.offsetAt(500), 0.15, 1e-12);
  const gained = world.truth.offsetAt(1500) - calm.truth.offsetAt(1500) - 0.15;
  assertAlmostEquals(Math.abs(gained), 4e-3, 1e-12);
  assertEquals(world.clocksAt(700), calm.clocksAt(700));
  const { outcome } = world.ask(0, 600);
  if (outcome.kind !== "measured") throw new Error("the exchange was lost");
  const measured = toSample(outcome.exchange, world.base).offsetSeconds;
  assertAlmostEquals(measured, world.truth.offsetAt(600), 1e-6);
});

Deno.test("World's clones of a forked machine share their past and nothing after it", () => {
  const [one, other] = [0, 1].map((branch) => new World(SCENARIOS.snapshot_fork, 10, branch));
  const forkedAt = one!.events[0]!.atSeconds;
  const [ofOne, ofOther] = [one!, other!].map((world) => exchanges(world, 7000));
  const before = (exchange: Exchange) => Number(exchange.t4RawNs - one!.base.rawNs) / 1e9 < forkedAt;
  assertEquals(ofOne!.filter(before), ofOther!.filter(before));
  assertEquals(ofOne!.filter(before).length > 200, true);
  const delays = (all: Exchange[]) =>
    all.filter((exchange) => !before(exchange)).map(({ t1RawNs, t4RawNs }) => t4RawNs - t1RawNs);
  assertEquals(delays(ofOne!).some((delay) => delays(ofOther!).includes(delay)), false);
});

Deno.test("World.pathBiasAt() is what the offsets of exchanges that never queued are off", () => {
  const network = { ...internet.network, jitterMedianSeconds: 0, stampMeanSeconds: 0, congestion: null };
  const calm = { ...network, lossProbability: 0, tail: { ...network.tail, probability: 0 } };
  const world = new World({ ...internet, network: calm }, 11);
  for (const index of [0, 1, 2, 3]) {
    const { outcome } = world.ask(index, 500);
    if (outcome.kind !== "measured") throw new Error("the exchange was lost");
    const sample = toSample(outcome.exchange, world.base);
    const error = sample.offsetSeconds - world.truth.offsetAt(sample.atSeconds);
    assertAlmostEquals(error, world.pathBiasAt(index, 500), 2e-6);
  }
});

Deno.test("World tells whether its liars are a minority", () => {
  assertEquals(new World(internet, 1).hasHonestMajority, true);
  assertEquals(new World(SCENARIOS.falsetick, 1).hasHonestMajority, true);
  assertEquals(new World(SCENARIOS.unruly, 1).hasHonestMajority, true);
  assertEquals(new World(SCENARIOS.majority_falsetick, 1).hasHonestMajority, false);
});

Deno.test("World's kernel vouches for its clock only where a daemon steers it", () => {
  assertEquals(new World(internet, 1).kernel.synchronized, false);
  assertEquals(new World(SCENARIOS.codaemon, 1).kernel.synchronized, true);
});

Deno.test("World's temperature sensor reads what a machine's does, where there is one", () => {
  const degrees = new World(SCENARIOS.lan, 1).temperatureAt(1000)!;
  assertEquals(degrees > 40 && degrees < 56, true);
  assertEquals(new World(cloud, 1).temperatureAt(1000), null);
});
