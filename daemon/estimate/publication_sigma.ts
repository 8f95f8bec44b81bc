/**
 * From what the estimator knows to the two uncertainties that a record can carry.
 *
 * @module
 */
import type { Estimate } from "./estimator.ts";

/** The published pair: sigma(h) = √(offsetUncertaintySeconds² + (driftUncertainty·h)²), h seconds after the estimate. */
export interface PublicationSigma {
  /** s, 1 sd. */
  readonly offsetUncertaintySeconds: number;
  /** s/s, 1 sd. */
  readonly driftUncertainty: number;
}

/**
 * The pair whose sigma(h) is nowhere below the estimate's own, √(Var(o) + 2h·Cov + h²·Var(f) + q²h³/3 + bias), for any h
 * from 0 to `horizonSeconds`. The cross term goes by 2h ≤ c + h²/c with c = √(sum of Var(o) and bias / Var(f)), AM-GM;
 * a negative one helps and is left out. The random walk goes by h³ ≤ horizon·h².
 */
export function publicationSigma(estimate: Estimate, horizonSeconds: number): PublicationSigma {
  const { frequencyVariance, randomWalkVariance } = estimate;
  const offsetVariance = estimate.offsetVariance + estimate.biasVariance;
  const covariance = Math.max(0, estimate.offsetFrequencyCovariance);
  const balanceSeconds = Math.sqrt(offsetVariance / frequencyVariance);
  const splitSeconds = balanceSeconds > 0 && balanceSeconds < Infinity ? balanceSeconds : horizonSeconds;
  return {
    offsetUncertaintySeconds: Math.sqrt(offsetVariance + covariance * splitSeconds),
    driftUncertainty: Math.sqrt(
      frequencyVariance + covariance / splitSeconds + randomWalkVariance * horizonSeconds / 3,
    ),
  };
}

/**
 * P(|error| ≤ limit) of a normal error with sd `offsetUncertaintySeconds`: erf(limit/(σ√2)), 0…1. An unknown or
 * infinite uncertainty gives 0.
 */
export function confidence(offsetUncertaintySeconds: number, maxUncertaintySeconds: number): number {
  if (!(offsetUncertaintySeconds >= 0 && maxUncertaintySeconds > 0)) return 0;
  return errorFunction(maxUncertaintySeconds / (offsetUncertaintySeconds * Math.SQRT2));
}

/** erf(x) for x ≥ 0 within 1.5e-7 (Abramowitz and Stegun, Handbook of Mathematical Functions, 7.1.26). */
function errorFunction(x: number): number {
  const t = 1 / (1 + 0.3275911 * x);
  const polynomial = t *
    (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
  return Math.min(1, Math.max(0, 1 - polynomial * Math.exp(-x * x)));
}
