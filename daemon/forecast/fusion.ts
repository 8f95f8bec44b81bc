/**
 * Several models' words made one.
 *
 * @module
 */
import type { Expectation } from "./outlook.ts";

/** What part each has in the fused word: inverse variances that sum up to 1. */
export function fusionWeights(expectations: readonly Expectation[]): number[] {
  const weights = expectations.map(({ sigmaSeconds }) => 1 / sigmaSeconds ** 2);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight) => weight / total);
}

/**
 * The mean weighed by inverse variance. The models look at the same samples and err together, so their agreement makes
 * nothing more certain: the sigma is the weighted mean of theirs, and their quarrel comes on top. Null without any.
 */
export function fuse(expectations: readonly Expectation[]): Expectation | null {
  if (expectations.length === 0) return null;
  const weights = fusionWeights(expectations);
  const mean = (of: (expectation: Expectation) => number) =>
    expectations.reduce((sum, expectation, i) => sum + weights[i]! * of(expectation), 0);
  // Offsets count from the first one's, lest their common size costs digits.
  const reference = expectations[0]!.offsetSeconds;
  const offset = mean(({ offsetSeconds }) => offsetSeconds - reference);
  const variance = mean(({ offsetSeconds, sigmaSeconds }) =>
    sigmaSeconds ** 2 + (offsetSeconds - reference - offset) ** 2
  );
  return { offsetSeconds: reference + offset, sigmaSeconds: Math.sqrt(variance) };
}
