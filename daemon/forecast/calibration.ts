/**
 * Whether the claimed sigma is right, judged by what was measured afterwards; and by how much it is to be widened.
 *
 * A measurement tests offset + path bias, never the offset alone: an asymmetry that the estimator has learned as offset
 * shows in no residual, however long one waits. So only the identifiable part of the variance is scaled, by λ² with λ
 * never below 1, and the prior of the bias comes on top: σ² = λ²·σ²_identifiable + σ²_bias.
 *
 * @module
 */
import type { Estimate } from "../estimate/estimator.ts";

/** What a prediction claimed, and what came. */
export interface Residual {
  /** Found − predicted, s. */
  readonly residualSeconds: number;
  /** The identifiable part of the variance that the prediction claimed for that instant, before any scale, s². */
  readonly claimedVariance: number;
  /** Variance of what was found itself: not the prediction's fault, s². */
  readonly noiseVariance: number;
}

/** λ makes this interval hold: 95 % of a normal distribution. */
const CALIBRATED_SIGMAS = 1.959964;
const CALIBRATED_SHARE = 0.95;
/** Measurements that λ is taken from, newest: half an hour of four public servers, over an hour of one of one's own. */
const MEMORY = 512;
/** Measurements that the belief weighs as much as that the claims are right: one surprise among so many is none. */
const PRIOR_MEASUREMENTS = 1 / (1 - CALIBRATED_SHARE);
/** Beyond this the estimator is lost, which is not for a scale to mend. */
const MAX_SCALE = 10;

interface Score {
  /** The scale with which the interval would just have held. */
  readonly scale: number;
  /** Information about the scale: 1 where the measurement is exact, near 0 where its own noise hides the claim. */
  readonly weight: number;
}

/**
 * Adaptive conformal scale: the least λ ≥ 1 with which the intervals would have held at 95 % of the newest measurements,
 * each weighed by what it can tell. Bounded memory.
 */
export class Calibration {
  readonly #scores: Score[] = [];
  #next = 0;
  #scale = 1;

  /** λ, from 1 to {@linkcode MAX_SCALE}. */
  get scale(): number {
    return this.#scale;
  }

  /** Measurements looked back on. */
  get measurementCount(): number {
    return this.#scores.length;
  }

  /**
   * Takes what one measurement brought to light: its own residual, and those of other predictions that it made look
   * different. The worst of them counts, once, with the weight of the measurement.
   */
  observe(own: Residual, others: readonly Residual[] = []): void {
    const scale = Math.max(scaleNeeded(own), ...others.map(scaleNeeded));
    const weight = informationOf(own);
    if (!Number.isFinite(scale) || !(weight > 0)) return;
    this.#scores[this.#next] = { scale, weight };
    this.#next = (this.#next + 1) % MEMORY;
    this.#scale = this.#quantile();
  }

  #quantile(): number {
    const seen = this.#scores.reduce((sum, { weight }) => sum + weight, 0);
    const total = seen * (1 + PRIOR_MEASUREMENTS / this.#scores.length);
    const worst = this.#scores.filter(({ scale }) => scale > 1).sort((a, b) => b.scale - a.scale);
    let beyond = 0;
    for (const { scale, weight } of worst) {
      beyond += weight;
      if (beyond > (1 - CALIBRATED_SHARE) * total) return Math.min(MAX_SCALE, scale);
    }
    return 1;
  }
}

/** `estimate` with the identifiable part of its uncertainty scaled; the prior of the bias stays. */
export function scaledEstimate(estimate: Estimate, scale: number): Estimate {
  const square = scale ** 2;
  return {
    ...estimate,
    offsetVariance: square * estimate.offsetVariance,
    offsetFrequencyCovariance: square * estimate.offsetFrequencyCovariance,
    frequencyVariance: square * estimate.frequencyVariance,
    randomWalkVariance: square * estimate.randomWalkVariance,
  };
}

/** |residual| = 1.96·√(λ²·claimed + noise), solved for λ; 0 where the noise explains it all. */
function scaleNeeded({ residualSeconds, claimedVariance, noiseVariance }: Residual): number {
  const unexplained = (residualSeconds / CALIBRATED_SIGMAS) ** 2 - noiseVariance;
  return unexplained <= 0 ? 0 : Math.sqrt(unexplained / claimedVariance);
}

/** The Fisher information about the scale of a normal variance that noise is added to, as a share of that without. */
function informationOf({ claimedVariance, noiseVariance }: Residual): number {
  return (claimedVariance / (claimedVariance + noiseVariance)) ** 2;
}
