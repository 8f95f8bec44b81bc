import { assertAlmostEquals, assertEquals } from "@std/assert";
import { Random } from "../../../sim/random.ts";
import { drawBursts } from "../../../sim/world/congestion.ts";

const PARAMETERS = {
  meanSeconds: 240,
  meanGapSeconds: 240,
  outboundSeconds: 40e-3,
  inboundSeconds: 6e-3,
  lossProbability: 0.06,
};

Deno.test("drawBursts() fills about as much of the time as the mean lengths of bursts and gaps say", () => {
  const seconds = 1_000_000;
  const bursts = drawBursts(PARAMETERS, seconds, new Random(1));
  const busy = bursts.reduce((sum, { fromSeconds, untilSeconds }) => sum + untilSeconds - fromSeconds, 0);
  // A burst lasts 5 s longer than drawn: 245 of 485 s.
  assertAlmostEquals(busy / seconds, 245 / 485, 0.045);
  bursts.slice(1).forEach((burst, i) => {
    assertEquals(burst.fromSeconds >= bursts[i]!.untilSeconds, true);
  });
});

Deno.test("drawBursts() makes queues as long as they are on average, with e^(1/8) for the spread of severities", () => {
  const bursts = drawBursts(PARAMETERS, 3_000_000, new Random(2));
  const mean = (valueOf: (burst: typeof bursts[number]) => number) =>
    bursts.reduce((sum, burst) => sum + valueOf(burst), 0) / bursts.length;
  assertAlmostEquals(mean(({ outboundSeconds }) => outboundSeconds), 45.3e-3, 1.6e-3);
  assertAlmostEquals(mean(({ inboundSeconds }) => inboundSeconds), 6.8e-3, 0.25e-3);
  // The worse one direction, the better the other: shares of the average add up to 2 × the severity.
  const severities = bursts.map(({ outboundSeconds, inboundSeconds }) =>
    outboundSeconds / 40e-3 + inboundSeconds / 6e-3
  ).sort((a, b) => a - b);
  assertAlmostEquals(severities[severities.length >> 1]!, 2, 0.06);
});

Deno.test("drawBursts() of a link without congestion is empty", () => {
  assertEquals(drawBursts(null, 10_000, new Random(1)), []);
});
