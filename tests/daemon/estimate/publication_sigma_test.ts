import { assertAlmostEquals, assertEquals, assertGreaterOrEqual } from "@std/assert";
import { carryEstimate, type Estimate } from "../../../daemon/estimate/estimator.ts";
import { confidence, publicationSigma } from "../../../daemon/estimate/publication_sigma.ts";
import { Random } from "../../support/random.ts";

const HORIZON_SECONDS = 60;

function estimate(oo: number, of: number, ff: number, bias: number, q2: number): Estimate {
  return {
    atSeconds: 100,
    offsetSeconds: 0,
    frequency: 0,
    offsetVariance: oo,
    offsetFrequencyCovariance: of,
    frequencyVariance: ff,
    biasVariance: bias,
    randomWalkVariance: q2,
  };
}

Deno.test("publicationSigma() of a hand-computed estimate", () => {
  // Var(o) + bias = 4e-12, Var(f) = 1e-14: they balance at 20 s, so Cov = 1e-13 gives 2e-12 and 5e-15. q²·60/3 = 20e-17.
  const { offsetUncertaintySeconds, driftUncertainty } = publicationSigma(
    estimate(1e-12, 1e-13, 1e-14, 3e-12, 1e-17),
    HORIZON_SECONDS,
  );
  assertAlmostEquals(offsetUncertaintySeconds ** 2, 6e-12, 1e-24);
  assertAlmostEquals(driftUncertainty ** 2, 1.52e-14, 1e-26);
});

Deno.test("publicationSigma() is nowhere below the estimate's own uncertainty up to the horizon", () => {
  const random = new Random(20240601);
  const magnitude = (low: number, high: number) => 10 ** (low + (high - low) * random.uniform());
  for (let round = 0; round < 2000; round++) {
    const oo = random.uniform() < 0.05 ? 0 : magnitude(-16, -4);
    const ff = random.uniform() < 0.05 ? 0 : magnitude(-20, -9);
    const of = (2 * random.uniform() - 1) * Math.sqrt(oo * ff);
    const known = estimate(oo, of, ff, random.uniform() < 0.2 ? 0 : magnitude(-14, -5), magnitude(-20, -14));
    const { offsetUncertaintySeconds, driftUncertainty } = publicationSigma(known, HORIZON_SECONDS);
    for (const h of [0, 0.01, 1, 10 * random.uniform(), 60 * random.uniform(), 60]) {
      const truth = carryEstimate(known, 100 + h);
      const published = offsetUncertaintySeconds ** 2 + (driftUncertainty * h) ** 2;
      assertGreaterOrEqual(published * (1 + 1e-12), truth.offsetVariance + truth.biasVariance);
    }
  }
});

Deno.test("carryEstimate() grows the variance as a random-walk frequency does, and not backwards", () => {
  // 1e-12 + 2·10·1e-14 + 100·1e-14 + 3e-18·1000/3
  const known = estimate(1e-12, 1e-14, 1e-14, 0, 3e-18);
  const later = carryEstimate({ ...known, offsetSeconds: 0.025, frequency: 20e-6 }, 110);
  assertAlmostEquals(later.offsetSeconds, 0.0252, 1e-15);
  assertAlmostEquals(later.offsetVariance, 2.201e-12, 1e-24);
  assertAlmostEquals(later.offsetFrequencyCovariance, 1e-14 + 1e-13 + 1.5e-16, 1e-26);
  assertAlmostEquals(later.frequencyVariance, 1.003e-14, 1e-26);
  assertAlmostEquals(carryEstimate(known, 99).offsetVariance, 0.99e-12, 1e-24);
});

Deno.test("confidence() agrees with Python's math.erf", () => {
  for (
    const [sigma, limit, expected] of [
      [0.005, 0.01, 0.9544997361036416],
      [0.01, 0.01, 0.6826894921370859],
      [0.02, 0.01, 0.3829249225480262],
      [0.1, 0.01, 0.07965567455405795],
      [0.01, 0.0196, 0.9500042097035591],
    ] as const
  ) assertAlmostEquals(confidence(sigma, limit), expected, 2e-7);
});

Deno.test("confidence() is 1 for a certain offset and 0 for an unknown one", () => {
  assertEquals(confidence(0, 0.01), 1);
  assertEquals(confidence(1e-9, 0.01), 1);
  assertAlmostEquals(confidence(Infinity, 0.01), 0, 1e-8);
  assertEquals(confidence(NaN, 0.01), 0);
  assertEquals(confidence(-1, 0.01), 0);
  assertEquals(confidence(0.001, 0), 0);
});
