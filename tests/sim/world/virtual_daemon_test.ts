import { assertAlmostEquals, assertEquals } from "@std/assert";
import { Random } from "../../../sim/random.ts";
import { SCENARIOS } from "../../../sim/world/scenarios.ts";
import type { Scenario } from "../../../sim/world/scenario.ts";
import { VirtualDaemon } from "../../../sim/world/virtual_daemon.ts";
import { World } from "../../../sim/world/world.ts";
import { RecordingKeeper } from "./support/recording_keeper.ts";

/** Raw s at which the answered questions left, by server. */
function askedAt(scenario: Scenario, untilSeconds: number): { times: number[][]; keeper: RecordingKeeper } {
  const world = new World(scenario, 1);
  const keeper = new RecordingKeeper();
  new VirtualDaemon(world, keeper, scenario.scope, new Random(1)).runUntil(untilSeconds);
  const times = world.sources.map((name) =>
    keeper.exchanges.filter(({ source }) => source === name)
      .map(({ t1RawNs }) => Number(t1RawNs - world.base.rawNs) / 1e9)
  );
  return { times, keeper };
}

function gaps(times: readonly number[]): number[] {
  return times.slice(1).map((time, i) => time - times[i]!);
}

function lossless(scenario: Scenario): Scenario {
  return { ...scenario, network: { ...scenario.network, lossProbability: 0, congestion: null } };
}

Deno.test("VirtualDaemon asks a private server quickly at first, every second for 180 s, then every ten", () => {
  const [times] = askedAt(lossless(SCENARIOS.lan), 600).times;
  const all = gaps(times!);
  // Each wait is lengthened by up to 5 %.
  for (const gap of all.slice(0, 7)) assertAlmostEquals(gap, 0.256, 0.0065);
  const warm = times!.filter((time) => time > 3 && time < 178);
  for (const gap of gaps(warm)) assertAlmostEquals(gap, 1.025, 0.0251);
  const settled = times!.filter((time) => time > 182);
  for (const gap of gaps(settled)) assertAlmostEquals(gap, 10.25, 0.251);
  assertEquals(settled.length >= 39, true);
});

Deno.test("VirtualDaemon asks public servers as seldom as manners demand", () => {
  for (const times of askedAt(lossless(SCENARIOS.internet), 900).times) {
    const all = gaps(times);
    assertEquals(Math.min(...all) >= 4, true);
    const settled = gaps(times.filter((time) => time > 200));
    for (const gap of settled) assertAlmostEquals(gap, 16.4, 0.401);
  }
});

Deno.test("VirtualDaemon hands exchanges over in the order in which their answers came", () => {
  const { keeper } = askedAt(SCENARIOS.congested, 1500);
  const arrivals = keeper.exchanges.map(({ t4RawNs }) => t4RawNs);
  assertEquals(arrivals, arrivals.toSorted((a, b) => a < b ? -1 : 1));
  assertEquals(arrivals.length > 300, true);
});

Deno.test("VirtualDaemon asks more seldom the server that kisses with RATE, and never again the one that denies", () => {
  const scenario: Scenario = {
    ...lossless(SCENARIOS.internet),
    refusals: [
      { servers: [0], fromSeconds: 500, untilSeconds: 600, manner: "RATE" },
      { servers: [1], fromSeconds: 500, untilSeconds: 600, manner: "DENY" },
    ],
  };
  const { times } = askedAt(scenario, 4000);
  const later = times.map((asked) => asked.filter((time) => time > 700));
  // Doubled from 16 s by each kiss; in a hundred seconds there is time for two or three.
  for (const gap of gaps(later[0]!)) assertEquals(gap >= 64 && gap < 135, true);
  assertEquals(later[1], []);
  assertEquals(later[2]!.length > 190, true);
});

Deno.test("VirtualDaemon notices a suspend within a second, says so once and asks anew", () => {
  const suspend = { kind: "suspend", atSeconds: [500.5, 500.5], standstillSeconds: [600, 600] } as const;
  const { times, keeper } = askedAt({ ...lossless(SCENARIOS.lan), machine: [suspend] }, 540);
  assertEquals(keeper.disruptions.map(({ count }) => count), [1]);
  const noticed = Number(keeper.disruptions[0]!.rawNs - 1_000_000_000_000n) / 1e9;
  assertEquals(noticed, 501);
  assertEquals(times[0]!.filter((time) => time >= 501 && time < 504).length, 8);
});

Deno.test("VirtualDaemon notices another clock source, and what a VMClock device tells", () => {
  const event = { atSeconds: [300.5, 300.5], standstillSeconds: [5, 5] } as const;
  const reasons = (machine: Scenario["machine"], hasVmClock: boolean) =>
    askedAt({ ...SCENARIOS.cloud, machine: machine!, hasVmClock }, 400).keeper.disruptions
      .map(({ reason }) => reason);
  assertEquals(reasons([{ ...event, kind: "clocksource" }], false), ["clocksource_change"]);
  assertEquals(reasons([{ ...event, kind: "migration" }], true), ["vm_disruption"]);
  assertEquals(reasons([{ ...event, kind: "suspend" }], true), ["suspend"]);
});

Deno.test("VirtualDaemon notices no migration and no restore from a snapshot", () => {
  for (const kind of ["migration", "restore"] as const) {
    const event = { kind, atSeconds: [300, 300], standstillSeconds: [5, 5] } as const;
    assertEquals(askedAt({ ...SCENARIOS.cloud, machine: [event] }, 400).keeper.disruptions, []);
  }
});
