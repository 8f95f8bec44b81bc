import { assertAlmostEquals, assertEquals, assertNotEquals } from "@std/assert";
import { Random } from "../../sim/random.ts";

// Computed with the authors' C code: splitmix64.c filling the state of xoshiro128starstar.c.
const REFERENCE: readonly (readonly [bigint, readonly number[]])[] = [
  [0n, [3737715805, 2584255861, 2876756834, 3286328325, 1553311962, 1625202774]],
  [1n, [1695105466, 1423115009, 634581793, 1068227753, 716759206, 4186505319]],
  [1234567n, [1967786208, 270031234, 1115494691, 824886977, 1639868524, 2161081248]],
  [18446744073709551615n, [477689756, 2493998634, 555695776, 607808419, 61340979, 301466976]],
];

Deno.test("Random gives the numbers of xoshiro128** seeded by SplitMix64", () => {
  for (const [seed, expected] of REFERENCE) {
    const random = new Random(seed);
    assertEquals(expected.map(() => random.uint32()), expected);
  }
});

const DRAWS = 200_000;

function moments(draw: () => number): { mean: number; variance: number; minimum: number; maximum: number } {
  const values = Array.from({ length: DRAWS }, draw);
  const mean = values.reduce((sum, value) => sum + value, 0) / DRAWS;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / DRAWS;
  let minimum = Infinity;
  let maximum = -Infinity;
  for (const value of values) {
    minimum = Math.min(minimum, value);
    maximum = Math.max(maximum, value);
  }
  return { mean, variance, minimum, maximum };
}

// Tolerances are five standard errors of 200,000 draws.

Deno.test("Random.uniform() has the mean 1/2 and the variance 1/12 of the unit interval and stays in it", () => {
  const random = new Random(7);
  const { mean, variance, minimum, maximum } = moments(() => random.uniform());
  assertAlmostEquals(mean, 1 / 2, 0.0033);
  assertAlmostEquals(variance, 1 / 12, 0.0009);
  assertEquals(minimum >= 0 && maximum < 1, true);
});

Deno.test("Random.normal() has mean 0, variance 1 and 95 % of its draws within 1.96", () => {
  const random = new Random(8);
  const { mean, variance } = moments(() => random.normal());
  assertAlmostEquals(mean, 0, 0.0112);
  assertAlmostEquals(variance, 1, 0.0159);
  const within = moments(() => Math.abs(random.normal()) < 1.959964 ? 1 : 0).mean;
  assertAlmostEquals(within, 0.95, 0.0025);
});

Deno.test("Random.exponential() has its mean, which is also its standard deviation", () => {
  const random = new Random(9);
  const { mean, variance, minimum } = moments(() => random.exponential(0.3));
  assertAlmostEquals(mean, 0.3, 0.0034);
  assertAlmostEquals(Math.sqrt(variance), 0.3, 0.005);
  assertEquals(minimum >= 0, true);
});

Deno.test("Random.lognormal() has half of its draws below the median and the mean median · e^(sigma²/2)", () => {
  const random = new Random(10);
  const below = moments(() => random.lognormal(2, 0.5) < 2 ? 1 : 0).mean;
  assertAlmostEquals(below, 0.5, 0.0056);
  const { mean } = moments(() => random.lognormal(2, 0.5));
  assertAlmostEquals(mean, 2.266297, 0.0135);
});

Deno.test("Random.pareto() exceeds twice its least with probability 2^-shape", () => {
  const random = new Random(12);
  const exceeding = moments(() => random.pareto(3, 1.5) > 6 ? 1 : 0).mean;
  assertAlmostEquals(exceeding, 0.353553, 0.0054);
  assertEquals(moments(() => random.pareto(3, 1.5)).minimum >= 3, true);
});

Deno.test("Random.between() and logBetween() fill their range evenly, by value and by order of magnitude", () => {
  const random = new Random(13);
  const { mean, minimum, maximum } = moments(() => random.between([2, 6]));
  assertAlmostEquals(mean, 4, 0.013);
  assertEquals(minimum >= 2 && maximum < 6, true);
  const logs = moments(() => Math.log10(random.logBetween([1e-5, 1e-1])));
  assertAlmostEquals(logs.mean, -3, 0.013);
  assertEquals(logs.minimum >= -5.000001 && logs.maximum <= -1, true);
});

Deno.test("Random.pick() gives each choice equally often", () => {
  const random = new Random(14);
  const counts = new Map<string, number>();
  for (let i = 0; i < 30_000; i++) {
    const choice = random.pick(["a", "b", "c"]);
    counts.set(choice, (counts.get(choice) ?? 0) + 1);
  }
  assertEquals([...counts.keys()].sort(), ["a", "b", "c"]);
  for (const count of counts.values()) assertAlmostEquals(count, 10_000, 410);
});

Deno.test("Random.fork() gives a sequence that its parent's further use does not change", () => {
  const parent = new Random(11);
  const fork = parent.fork();
  const other = new Random(11);
  const otherFork = other.fork();
  for (let i = 0; i < 100; i++) parent.uint32();
  const draws = Array.from({ length: 8 }, () => fork.uint32());
  assertEquals(draws, Array.from({ length: 8 }, () => otherFork.uint32()));
  assertNotEquals(draws, Array.from({ length: 8 }, () => other.uint32()));
});
