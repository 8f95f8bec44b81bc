/**
 * Which estimator the daemon uses; a replay uses the same.
 *
 * @module
 */
import type { EstimatorPrior, SelectingEstimator } from "./estimator.ts";
import { JointFilter } from "./joint_filter.ts";

/** A new estimator; `prior` is what an earlier run knew of this oscillator, null for nothing. */
export function createEstimator(prior: EstimatorPrior | null = null): SelectingEstimator {
  return new JointFilter(prior);
}
