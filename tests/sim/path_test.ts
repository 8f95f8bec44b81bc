import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { checkOneWay, drawDelayNs, type Jitter, type OneWay, symmetricPath } from "../../sim/path.ts";
import { Random } from "../../sim/random.ts";

function delaysNs(oneWay: OneWay, draws: number): (bigint | null)[] {
  const random = new Random(3);
  return Array.from({ length: draws }, () => drawDelayNs(oneWay, random));
}

function sortedMs(oneWay: OneWay, draws: number): number[] {
  return delaysNs(oneWay, draws).map((delayNs) => Number(delayNs) / 1e6).sort((a, b) => a - b);
}

Deno.test("drawDelayNs() of a path without jitter is its floor", () => {
  assertEquals(new Set(delaysNs({ delaySeconds: 0.00123 }, 50)), new Set([1_230_000n]));
});

Deno.test("drawDelayNs() adds exponential jitter to the floor: median ln 2 of the mean", () => {
  const ms = sortedMs({ delaySeconds: 1e-3, jitter: { kind: "exponential", meanSeconds: 0.3e-3 } }, 20_001);
  assertEquals(ms[0]! >= 1, true);
  assertAlmostEquals(ms[10_000]!, 1.20794, 0.011);
});

Deno.test("drawDelayNs() adds lognormal jitter to the floor: 84 % below median · e^sigma", () => {
  const jitter = { kind: "lognormal", medianSeconds: 0.2e-3, sigma: 1 } as const;
  const ms = sortedMs({ delaySeconds: 1e-3, jitter }, 20_001);
  assertEquals(ms[0]! > 1, true);
  assertAlmostEquals(ms[10_000]!, 1.2, 0.009);
  assertAlmostEquals(ms[16_827]!, 1.54366, 0.035);
});

Deno.test("drawDelayNs() loses the share of packets that it is told to", () => {
  const lost = delaysNs({ delaySeconds: 0, lossProbability: 0.2 }, 10_000).filter((delay) => delay === null);
  assertAlmostEquals(lost.length, 2000, 200);
});

Deno.test("drawDelayNs() draws the same delays whether packets are lost or not", () => {
  const way = { delaySeconds: 0, jitter: { kind: "exponential", meanSeconds: 1e-3 } } as const;
  const lossless = delaysNs(way, 200);
  const lossy = delaysNs({ ...way, lossProbability: 0.5 }, 200);
  assertEquals(lossy.some((delay) => delay === null), true);
  lossy.forEach((delay, i) => delay === null || assertEquals(delay, lossless[i]!));
});

Deno.test("symmetricPath() makes outbound longer than inbound by the asymmetry, and keeps their sum", () => {
  const { outbound, inbound } = symmetricPath({ delaySeconds: 4e-3, lossProbability: 0.1 }, 1e-3);
  assertAlmostEquals(outbound.delaySeconds, 4.5e-3, 1e-15);
  assertAlmostEquals(inbound.delaySeconds, 3.5e-3, 1e-15);
  assertEquals([outbound.lossProbability, inbound.lossProbability], [0.1, 0.1]);
});

/** Parts that take 1 s, 2 s … each with its probability. */
function mixture(...probabilities: readonly number[]): Jitter {
  return {
    kind: "mixture",
    of: probabilities.map((probability, i) => ({
      probability,
      jitter: { kind: "constant", seconds: i + 1 },
    })),
  };
}

Deno.test("drawDelayNs() draws each part of a mixture as often as it is probable, and nothing otherwise", () => {
  const ms = sortedMs({ delaySeconds: 0, jitter: mixture(0.3, 0.5) }, 10_000);
  assertEquals(new Set(ms), new Set([0, 1000, 2000]));
  assertAlmostEquals(ms.filter((delay) => delay === 1000).length, 3000, 183);
  assertAlmostEquals(ms.filter((delay) => delay === 2000).length, 5000, 200);
});

Deno.test("drawDelayNs() adds up the parts of a sum", () => {
  const jitter: Jitter = {
    kind: "sum",
    of: [{ kind: "constant", seconds: 1e-3 }, { kind: "uniform", maxSeconds: 2e-3 }],
  };
  const ms = sortedMs({ delaySeconds: 0, jitter }, 20_001);
  assertEquals(ms[0]! >= 1 && ms.at(-1)! < 3, true);
  assertAlmostEquals(ms[10_000]!, 2, 0.03);
});

Deno.test("drawDelayNs() cuts a Pareto tail off", () => {
  const jitter = { kind: "pareto", leastSeconds: 1e-3, shape: 1, maxSeconds: 10e-3 } as const;
  const ms = sortedMs({ delaySeconds: 0, jitter }, 20_001);
  assertEquals([ms[0]! >= 1, ms.at(-1)], [true, 10]);
  // Half of the draws exceed 2^(1/shape) times the least, a tenth are cut off.
  assertAlmostEquals(ms[10_000]!, 2, 0.06);
  assertAlmostEquals(ms.filter((delay) => delay === 10).length, 2000, 170);
});

Deno.test("checkOneWay() refuses what no path can have", () => {
  const faults: readonly (readonly [OneWay, string])[] = [
    [{ delaySeconds: -1e-3 }, "a delay of -0.001"],
    [{ delaySeconds: NaN }, "a delay of NaN"],
    [{ delaySeconds: 0, lossProbability: 1.1 }, "a loss probability of 1.1"],
    [{ delaySeconds: 0, jitter: { kind: "exponential", meanSeconds: -1 } }, "a jitter of -1"],
    [{ delaySeconds: 0, jitter: { kind: "uniform", maxSeconds: 61 } }, "a jitter of 61"],
    [{ delaySeconds: 0, jitter: { kind: "sum", of: [{ kind: "constant", seconds: -2 }] } }, "a jitter of -2"],
    [{ delaySeconds: 0, jitter: mixture(0.7, 0.7) }, "probabilities add up to a total of 1.4"],
    [{ delaySeconds: 0, jitter: mixture(1.2) }, "a probability of 1.2"],
  ];
  for (const [oneWay, words] of faults) assertThrows(() => checkOneWay(oneWay), RangeError, words);
});
