/**
 * What every estimator of the clock answers to.
 *
 * @module
 */
import type { Sample } from "./sample.ts";

/** What is known of the clock at `atSeconds` (raw since base). */
export interface Estimate {
  readonly atSeconds: number;
  /** utc − raw, relative to the base, at `atSeconds`, s. */
  readonly offsetSeconds: number;
  /** d(utc)/d(raw) − 1, s/s. */
  readonly frequency: number;
  /** What is observable of the offset's error, s²; `biasVariance` comes on top. */
  readonly offsetVariance: number;
  /** Covariance of offset and frequency, s²/s. */
  readonly offsetFrequencyCovariance: number;
  readonly frequencyVariance: number;
  /** What no one can observe from one end, the asymmetry of the paths: a prior, s². */
  readonly biasVariance: number;
  /** Level q² of the frequency's random walk, 1/s: adds q²·h³/3 to the offset's variance after h seconds. */
  readonly randomWalkVariance: number;
}

/** Learns the clock's offset and frequency from samples. Pure: time comes in with them. */
export interface Estimator {
  /** Takes one sample in. */
  add(sample: Sample): void;
  /** The estimate carried to `atSeconds`; null before the first sample. */
  estimateAt(atSeconds: number): Estimate | null;
  /** Forgets offsets (after a suspend or step); keeps the frequency as a prior. */
  disrupt(atSeconds: number): void;
}

/**
 * Carries an estimate to another time: constant frequency plus its random walk. Backwards (a time before the
 * estimate's own) nothing walks away, the line alone is followed.
 */
export function carryEstimate(estimate: Estimate, atSeconds: number): Estimate {
  const h = atSeconds - estimate.atSeconds;
  const walked = Math.max(0, h);
  const q2 = estimate.randomWalkVariance;
  const offsetVariance = estimate.offsetVariance + 2 * h * estimate.offsetFrequencyCovariance +
    h * h * estimate.frequencyVariance + q2 * walked ** 3 / 3;
  return {
    ...estimate,
    atSeconds,
    offsetSeconds: estimate.offsetSeconds + estimate.frequency * h,
    offsetVariance: Math.max(0, offsetVariance),
    offsetFrequencyCovariance: estimate.offsetFrequencyCovariance + h * estimate.frequencyVariance +
      q2 * walked ** 2 / 2,
    frequencyVariance: estimate.frequencyVariance + q2 * walked,
  };
}
