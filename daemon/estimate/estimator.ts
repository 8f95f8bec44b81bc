/**
 * What every estimator of the clock answers to.
 *
 * @module
 */
import type { Selection } from "../sources/selection.ts";
import type { Sample } from "./sample.ts";
import type { SampleWindow } from "./sample_window.ts";

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

/** What an earlier run on the same oscillator may tell a new one; nothing more than a prior. */
export interface EstimatorPrior {
  /** d(utc)/d(raw) − 1, s/s. */
  readonly frequency: number;
  readonly frequencyVariance: number;
  /** The shortest round trip of each server, s. */
  readonly floorsSeconds: Readonly<Record<string, number>>;
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

/** What an estimator believes of the way to one server. */
export interface PathBelief {
  /** What the server's offsets are off for good, s. */
  readonly biasSeconds: number;
  /** Prior variance of that, s². */
  readonly biasVariance: number;
  /** Shortest round trip, s. */
  readonly floorSeconds: number;
  /** What the offset of a sample with that round trip scatters by about the truth and the bias, s². */
  noiseVariance(delaySeconds: number): number;
}

/** An estimator of several servers at once, which also holds what the hard bound is made of. */
export interface SelectingEstimator extends Estimator {
  /** The recent samples that `hardBound` reads. */
  readonly window: SampleWindow;
  /** Who was found to tell the truth at the last sample; null before the first. */
  readonly selection: Selection | null;
  /** Steps of the clock found so far. */
  readonly regimeChanges: number;
  /** What is believed of the way to `source`; null when it is unknown or has no say. */
  pathBelief(source: string): PathBelief | null;
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
