/**
 * Which estimator the daemon uses; a replay uses the same.
 *
 * @module
 */
import type { EstimatorPrior, SelectingEstimator } from "./estimator.ts";
import { LeastSquaresEstimator } from "./least_squares_estimator.ts";

/** A new estimator; `prior` is what an earlier run knew of this oscillator, null for nothing. */
export function createEstimator(prior: EstimatorPrior | null = null): SelectingEstimator {
  return new LeastSquaresEstimator(prior);
}
