import { assertAlmostEquals, assertEquals, assertGreater, assertLess } from "@std/assert";
import { type BiasBelief, withHeavyTails } from "../../../daemon/estimate/heavy_tails.ts";
import { Random } from "../../../sim/random.ts";

function informed(biasSeconds: number, sd: number): BiasBelief {
  return { biasSeconds, priorVariance: sd ** 2, slope: -1 };
}

/** The posterior that normal priors alone leave: their precisions add up, and the biases' weighted mean is zero. */
function centred(beliefs: readonly BiasBelief[]): { variance: number; paths: BiasBelief[] } {
  const weight = beliefs.reduce((sum, { priorVariance }) => sum + 1 / priorVariance, 0);
  const mean = beliefs.reduce((sum, { biasSeconds, priorVariance }) => sum + biasSeconds / priorVariance, 0) /
    weight;
  return {
    variance: 1 / weight,
    paths: beliefs.map((belief) => ({ ...belief, biasSeconds: belief.biasSeconds - mean })),
  };
}

/** Mean and variance of Π t₄ by a sum of many terms; densities of unit variance as in any textbook. */
function theLongWay(paths: readonly BiasBelief[], reach: number): { mean: number; variance: number } {
  const density = (x: number) => (1 + x ** 2 / 2) ** -2.5;
  let total = 0, first = 0, second = 0;
  for (let i = -10_000; i <= 10_000; i++) {
    const shift = reach * i / 10_000;
    const weight = paths.reduce(
      (product, { biasSeconds, priorVariance }) =>
        product * density((biasSeconds - shift) / Math.sqrt(priorVariance)),
      1,
    );
    total += weight;
    first += weight * shift;
    second += weight * shift ** 2;
  }
  return { mean: first / total, variance: second / total - (first / total) ** 2 };
}

Deno.test("withHeavyTails() is the product of Student-t priors, whatever the paths say", () => {
  const random = new Random(3);
  for (let round = 0; round < 20; round++) {
    const count = 2 + round % 4;
    const { variance, paths } = centred(
      Array.from({ length: count }, () => informed(2 * random.normal(), 0.5 + random.uniform())),
    );
    const widest = Math.max(...paths.map(({ biasSeconds }) => Math.abs(biasSeconds)));
    const expected = theLongWay(paths, 5 * Math.sqrt(variance) + widest);
    const { shiftSeconds, variance: found } = withHeavyTails(variance, paths);
    assertAlmostEquals(shiftSeconds, expected.mean, 0.02 * Math.sqrt(expected.variance));
    assertAlmostEquals(found, expected.variance, 0.03 * expected.variance);
  }
});

Deno.test("withHeavyTails() has two servers that quarrel span the uncertainty, half their distance to either side", () => {
  for (const sigmas of [20, 100, 1000]) {
    const { variance, paths } = centred([informed(-sigmas / 2, 1), informed(sigmas / 2, 1)]);
    const found = withHeavyTails(variance, paths);
    assertAlmostEquals(found.shiftSeconds, 0, 1e-6 * sigmas);
    assertAlmostEquals(Math.sqrt(found.variance), sigmas / 2, 0.15 * sigmas / 2);
  }
});

Deno.test("withHeavyTails() is surer where servers agree than where they do not", () => {
  const agreeing = centred([informed(0, 1), informed(0, 1), informed(0, 1)]);
  const scattered = centred([informed(-2, 1), informed(0, 1), informed(2, 1)]);
  assertEquals(agreeing.variance, scattered.variance);
  const ofAgreeing = withHeavyTails(agreeing.variance, agreeing.paths).variance;
  assertLess(ofAgreeing, agreeing.variance);
  assertGreater(withHeavyTails(scattered.variance, scattered.paths).variance, 1.5 * ofAgreeing);
});

Deno.test("withHeavyTails() takes the say from a lone server far off", () => {
  const { variance, paths } = centred([informed(0, 1), informed(0.2, 1), informed(-0.2, 1), informed(12, 1)]);
  // Normal priors put the offset 3 sigmas towards the liar; back there is where the three biases are nil.
  const { shiftSeconds } = withHeavyTails(variance, paths);
  assertAlmostEquals(shiftSeconds, -3, 0.2);
});

Deno.test("withHeavyTails() keeps what the filter remembers of the offset beside the priors", () => {
  // A route changed by 6 sigmas; the offset is known from before to a twentieth of what the prior says.
  const { shiftSeconds, variance } = withHeavyTails(0.05 ** 2, [informed(6, 6)]);
  assertAlmostEquals(shiftSeconds, 0, 0.01);
  assertAlmostEquals(Math.sqrt(variance), 0.05, 0.002);
});

Deno.test("withHeavyTails() leaves an offset alone that no path tells anything of", () => {
  assertEquals(withHeavyTails(4, []), { shiftSeconds: 0, variance: 4 });
  assertEquals(withHeavyTails(0, [informed(1, 1)]), { shiftSeconds: 0, variance: 0 });
});
