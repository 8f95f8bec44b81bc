import { assertAlmostEquals, assertEquals } from "@std/assert";
import { symmetricPath } from "../../../sim/path.ts";
import { Random } from "../../../sim/random.ts";
import type { Burst } from "../../../sim/world/congestion.ts";
import { drawDetours } from "../../../sim/world/detour.ts";
import { drawRoundTrip } from "../../../sim/world/round_trip.ts";

const PATH = symmetricPath({ delaySeconds: 10e-3 });
const BURST: Burst = {
  fromSeconds: 0,
  untilSeconds: 100,
  outboundSeconds: 40e-3,
  inboundSeconds: 6e-3,
  lossProbability: 0,
};

Deno.test("drawRoundTrip() over a quiet path takes the path's own time", () => {
  assertEquals(drawRoundTrip(PATH, undefined, undefined, new Random(1)), {
    outboundSeconds: 10e-3,
    inboundSeconds: 10e-3,
  });
});

Deno.test("drawRoundTrip() in a burst queues both ways: Erlang, mean as given, sd mean/√2", () => {
  const random = new Random(2);
  const queues = Array.from({ length: 20_000 }, () => {
    const trip = drawRoundTrip(PATH, BURST, undefined, random)!;
    return [trip.outboundSeconds - 10e-3, trip.inboundSeconds - 10e-3];
  });
  const [out, back] = [0, 1].map((way) =>
    queues.reduce((sum, queue) => sum + queue[way]!, 0) / queues.length
  );
  assertAlmostEquals(out!, 40e-3, 0.8e-3);
  assertAlmostEquals(back!, 6e-3, 0.12e-3);
  const variance = queues.reduce((sum, queue) => sum + (queue[0]! - out!) ** 2, 0) / queues.length;
  assertAlmostEquals(Math.sqrt(variance), 28.28e-3, 0.8e-3);
});

Deno.test("drawRoundTrip() loses exchanges in a burst, and draws the others as if none were lost", () => {
  const lossy = new Random(3);
  const lossless = new Random(3);
  let lost = 0;
  for (let i = 0; i < 5000; i++) {
    const expected = drawRoundTrip(PATH, BURST, undefined, lossless);
    const trip = drawRoundTrip(PATH, { ...BURST, lossProbability: 0.06 }, undefined, lossy);
    if (trip === null) lost++;
    else assertEquals(trip, expected);
  }
  assertAlmostEquals(lost, 300, 67);
});

Deno.test("drawDetours() lengthens one direction by what it draws, between the instants that it draws", () => {
  const change = {
    server: 0,
    fromSeconds: [2300, 2700],
    untilSeconds: [5300, 5700],
    extraSeconds: [12e-3, 12e-3],
  } as const;
  const [detour, back] = drawDetours(
    [{ ...change, direction: "outbound" }, { ...change, direction: "inbound" }],
    new Random(4),
  );
  assertEquals(detour!.fromSeconds >= 2300 && detour!.fromSeconds < 2700, true);
  assertEquals(detour!.untilSeconds >= 5300 && detour!.untilSeconds < 5700, true);
  const trip = drawRoundTrip(PATH, undefined, detour, new Random(1))!;
  assertAlmostEquals(trip.outboundSeconds, 22e-3, 1e-12);
  assertAlmostEquals(trip.inboundSeconds, 10e-3, 1e-12);
  const other = drawRoundTrip(PATH, undefined, back, new Random(1))!;
  assertAlmostEquals(other.outboundSeconds, 10e-3, 1e-12);
  assertAlmostEquals(other.inboundSeconds, 22e-3, 1e-12);
});
