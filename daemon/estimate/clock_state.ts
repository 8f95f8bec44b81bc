/**
 * One hypothesis about the clock: mean and covariance of offset, frequency and what is peculiar to each path.
 *
 * State: o, f, then for each path (a slot) its bias b and its queueing slope κ. A sample measures
 * z = o + b + κ·excess + noise. Offsets run with the frequency; biases forget over a day (Ornstein-Uhlenbeck, so that
 * their prior variance is also what they return to); slopes wander a little.
 *
 * @module
 */
import { explainedVariance } from "./explained_variance.ts";
import type { BiasPrior, Innovation, Observation } from "./observation.ts";
import { MAX_FREQUENCY } from "./oscillator.ts";

/** What an observation did to a state. */
export interface Correction extends Innovation {
  /** Of the residual under Student-t, up to a constant. */
  readonly logLikelihood: number;
}

/** Offset and frequency, and how well they are known. */
export interface ClockMoments {
  readonly offsetSeconds: number;
  readonly frequency: number;
  readonly offsetVariance: number;
  readonly covariance: number;
  readonly frequencyVariance: number;
  /** The part of the offset's variance that the biases' own uncertainty accounts for. */
  readonly biasVariance: number;
}

const OFFSET = 0;
const FREQUENCY = 1;
const COMMON_STATES = 2;
const STATES_PER_PATH = 2;

/** White FM of the oscillator, s per √s. */
const WHITE_FM = 3e-9;
/** The slope's prior: queueing on one way only is ±½, anything in between as likely. */
const SLOPE_VARIANCE = 1 / 12;
/** Variance that a path's slope gains in a second. */
const SLOPE_WANDER = 0.02 ** 2 / 600;
/** Queueing on one way only is ±½: no slope is steeper. */
const MAX_SLOPE = 0.5;
/** Residuals are taken for Student-t with this many degrees of freedom … */
const DEGREES_OF_FREEDOM = 4;
/** … and count in full up to this square of their sigma. */
const FULL_WEIGHT_SQUARE = 1.5;

function biasOf(slot: number): number {
  return COMMON_STATES + STATES_PER_PATH * slot;
}

function slopeOf(slot: number): number {
  return biasOf(slot) + 1;
}

/** Mean and covariance; all updates in place. */
export class ClockState {
  readonly #randomWalkVariance: number;
  #size = COMMON_STATES;
  #mean = new Float64Array(COMMON_STATES);
  #covariance = new Float64Array(COMMON_STATES ** 2);
  #biasPriors: BiasPrior[] = [];

  /** A clock of which nothing but a guess of the frequency is known; `anchor` gives it an offset. */
  constructor(randomWalkVariance: number, frequency: number, frequencyVariance: number) {
    this.#randomWalkVariance = randomWalkVariance;
    this.#mean[FREQUENCY] = frequency;
    this.#setVariance(FREQUENCY, frequencyVariance);
  }

  /** Level q² of the frequency's random walk, 1/s. */
  get randomWalkVariance(): number {
    return this.#randomWalkVariance;
  }

  /** A copy with another random walk's level. */
  copy(randomWalkVariance: number): ClockState {
    const copy = new ClockState(randomWalkVariance, 0, 0);
    copy.#size = this.#size;
    copy.#mean = this.#mean.slice();
    copy.#covariance = this.#covariance.slice();
    copy.#biasPriors = [...this.#biasPriors];
    return copy;
  }

  /** Whether every figure is finite and every variance positive: else nothing here may be used. */
  get isSound(): boolean {
    for (let i = 0; i < this.#size; i++) {
      if (!Number.isFinite(this.#mean[i]!)) return false;
      const variance = this.#variance(i);
      if (!(variance >= 0 && variance < Infinity)) return false;
    }
    return true;
  }

  /** Variance of a state, or covariance of two. */
  #variance(i: number, j = i): number {
    return this.#covariance[i * this.#size + j]!;
  }

  #setVariance(i: number, variance: number): void {
    this.#covariance[i * this.#size + i] = variance;
  }

  /** Makes room for a path; its slot is the number of paths before. */
  addPath(prior: BiasPrior): void {
    const slot = this.#biasPriors.length;
    this.#resize(this.#size + STATES_PER_PATH, (i) => i < this.#size ? i : -1);
    this.#biasPriors.push(prior);
    this.#setVariance(biasOf(slot), prior.variance);
    this.#setVariance(slopeOf(slot), SLOPE_VARIANCE);
  }

  /** Forgets a path; those behind it move up one slot. */
  removePath(slot: number): void {
    this.#biasPriors.splice(slot, 1);
    this.#resize(this.#size - STATES_PER_PATH, (i) => i < biasOf(slot) ? i : i + STATES_PER_PATH);
  }

  #resize(size: number, from: (index: number) => number): void {
    const mean = new Float64Array(size);
    const covariance = new Float64Array(size * size);
    for (let i = 0; i < size; i++) {
      const row = from(i);
      if (row < 0) continue;
      mean[i] = this.#mean[row]!;
      for (let j = 0; j < size; j++) {
        const column = from(j);
        if (column >= 0) covariance[i * size + j] = this.#variance(row, column);
      }
    }
    this.#size = size;
    this.#mean = mean;
    this.#covariance = covariance;
  }

  /** What a path's bias returns to from now on. */
  setBiasPrior(slot: number, prior: BiasPrior): void {
    this.#biasPriors[slot] = prior;
  }

  /** Nothing is known of a path any more but its prior. */
  forgetPath(slot: number, prior: BiasPrior): void {
    this.setBiasPrior(slot, prior);
    for (
      const [index, variance] of [[biasOf(slot), prior.variance], [slopeOf(slot), SLOPE_VARIANCE]] as const
    ) {
      this.#isolate(index);
      this.#mean[index] = 0;
      this.#setVariance(index, variance);
    }
  }

  /** A path is no longer the one it was: its bias may have moved by `biasVariance`, its slope is unknown again. */
  changePath(slot: number, biasVariance: number): void {
    this.#covariance[biasOf(slot) * (this.#size + 1)]! += biasVariance;
    const slope = slopeOf(slot);
    this.#isolate(slope);
    this.#mean[slope] = 0;
    this.#setVariance(slope, SLOPE_VARIANCE);
  }

  /** state[target] += factor · state[source], for the covariance. */
  #addRow(target: number, source: number, factor: number): void {
    const n = this.#size, p = this.#covariance;
    for (let j = 0; j < n; j++) p[target * n + j]! += factor * p[source * n + j]!;
    for (let j = 0; j < n; j++) p[j * n + target]! += factor * p[j * n + source]!;
  }

  #isolate(index: number): void {
    for (let j = 0; j < this.#size; j++) {
      this.#covariance[index * this.#size + j] = 0;
      this.#covariance[j * this.#size + index] = 0;
    }
  }

  /** The frequency may have changed by this much; where it is an offset's cause, that offset is to be anchored anew. */
  loosenFrequency(variance: number): void {
    this.#covariance[FREQUENCY * (this.#size + 1)]! += variance;
  }

  /** Lets `seconds` pass. */
  propagate(seconds: number): void {
    const n = this.#size, p = this.#covariance, q2 = this.#randomWalkVariance;
    this.#mean[OFFSET]! += seconds * this.#mean[FREQUENCY]!;
    this.#addRow(OFFSET, FREQUENCY, seconds);
    p[0]! += q2 * seconds ** 3 / 3 + WHITE_FM ** 2 * seconds;
    p[1]! += q2 * seconds ** 2 / 2;
    p[n]! += q2 * seconds ** 2 / 2;
    p[n + 1]! += q2 * seconds;
    for (let slot = 0; slot < this.#biasPriors.length; slot++) {
      const prior = this.#biasPriors[slot]!;
      const kept = Math.exp(-seconds / prior.lifetimeSeconds);
      const bias = biasOf(slot), slope = slopeOf(slot);
      this.#mean[bias]! *= kept;
      for (let j = 0; j < n; j++) p[bias * n + j]! *= kept;
      for (let j = 0; j < n; j++) p[j * n + bias]! *= kept;
      p[bias * n + bias]! += (1 - kept * kept) * prior.variance;
      this.#setVariance(slope, Math.min(SLOPE_VARIANCE, this.#variance(slope) + SLOPE_WANDER * seconds));
    }
  }

  /** Where the observation lies against what this state expects. */
  innovation({ slot, offsetSeconds, excessSeconds }: Observation): Innovation {
    const bias = biasOf(slot), slope = slopeOf(slot), mean = this.#mean;
    const variance = this.#variance(OFFSET) + this.#variance(bias) + 2 * this.#variance(OFFSET, bias) +
      excessSeconds ** 2 * this.#variance(slope) +
      2 * excessSeconds * (this.#variance(OFFSET, slope) + this.#variance(bias, slope));
    const unslopedSeconds = offsetSeconds - mean[OFFSET]! - mean[bias]!;
    return {
      residualSeconds: unslopedSeconds - excessSeconds * mean[slope]!,
      unslopedSeconds,
      variance: Math.max(0, variance),
    };
  }

  /**
   * The offset being unknown, takes it from one observation: o = z − b − κ·excess − noise, exactly what an infinitely
   * wide prior would give.
   */
  anchor({ slot, offsetSeconds, excessSeconds }: Observation, noiseVariance: number): void {
    const n = this.#size, p = this.#covariance;
    const bias = biasOf(slot), slope = slopeOf(slot);
    this.#mean[OFFSET] = offsetSeconds - this.#mean[bias]! - excessSeconds * this.#mean[slope]!;
    this.#isolate(OFFSET);
    for (let j = 1; j < n; j++) {
      p[j] = p[j * n] = -(p[bias * n + j]! + excessSeconds * p[slope * n + j]!);
    }
    p[0] = noiseVariance - p[bias]! - excessSeconds * p[slope]!;
  }

  /**
   * Takes an observation in. An `isolated` one only tells of its own path: nothing of it reaches the offset or the
   * other paths. Joseph's form, which holds for any gain.
   */
  correct(observation: Observation, noiseVariance: number, isolated: boolean): Correction {
    const { residualSeconds, unslopedSeconds, variance } = this.innovation(observation);
    const total = variance + noiseVariance;
    const square = residualSeconds ** 2 / total;
    const noise = square <= FULL_WEIGHT_SQUARE
      ? noiseVariance
      : noiseVariance * (DEGREES_OF_FREEDOM + square) / (DEGREES_OF_FREEDOM + 1);
    this.#applyGain(observation, residualSeconds, variance + noise, noise, isolated);
    const logLikelihood = -0.5 * Math.log(total) -
      (DEGREES_OF_FREEDOM + 1) / 2 * Math.log1p(square / DEGREES_OF_FREEDOM);
    return { residualSeconds, unslopedSeconds, variance, logLikelihood };
  }

  #applyGain(
    { slot, excessSeconds }: Observation,
    residualSeconds: number,
    total: number,
    noise: number,
    isolated: boolean,
  ): void {
    const n = this.#size, p = this.#covariance;
    const bias = biasOf(slot), slope = slopeOf(slot);
    const product = new Float64Array(n), gain = new Float64Array(n);
    for (let i = 0; i < n; i++) {
      product[i] = p[i * n]! + p[i * n + bias]! + excessSeconds * p[i * n + slope]!;
      if (!isolated || i === bias || i === slope) gain[i] = product[i]! / total;
    }
    for (let i = 0; i < n; i++) {
      this.#mean[i]! += gain[i]! * residualSeconds;
      for (let j = 0; j < n; j++) p[i * n + j]! -= gain[i]! * product[j]!;
    }
    for (let i = 0; i < n; i++) {
      product[i] = p[i * n]! + p[i * n + bias]! + excessSeconds * p[i * n + slope]!;
    }
    for (let i = 0; i < n; i++) {
      for (let j = 0; j <= i; j++) {
        const upper = p[j * n + i]! - product[j]! * gain[i]!;
        const lower = p[i * n + j]! - product[i]! * gain[j]!;
        p[i * n + j] = p[j * n + i] = (upper + lower) / 2 + noise * gain[i]! * gain[j]!;
      }
    }
    this.#mean[slope] = clamp(this.#mean[slope]!, MAX_SLOPE);
    this.#mean[FREQUENCY] = clamp(this.#mean[FREQUENCY]!, MAX_FREQUENCY);
  }

  /** Bias of a path, s. */
  bias(slot: number): number {
    return this.#mean[biasOf(slot)]!;
  }

  /** utc − raw, s. */
  get offsetSeconds(): number {
    return this.#mean[OFFSET]!;
  }

  /** Covariance of a path's bias with the offset, s². */
  offsetCovariance(slot: number): number {
    return this.#variance(OFFSET, biasOf(slot));
  }

  /** Offset and frequency; the variance of the former split into what remains were all biases known, and the rest. */
  moments(): ClockMoments {
    const offsetVariance = this.#variance(OFFSET);
    const dueToBiases = explainedVariance(
      this.#biasPriors.length,
      (i, j) => this.#variance(biasOf(i), biasOf(j)),
      (i) => this.#variance(OFFSET, biasOf(i)),
    );
    return {
      offsetSeconds: this.#mean[OFFSET]!,
      frequency: this.#mean[FREQUENCY]!,
      offsetVariance,
      covariance: this.#variance(OFFSET, FREQUENCY),
      frequencyVariance: this.#variance(FREQUENCY),
      biasVariance: Math.min(offsetVariance, dueToBiases),
    };
  }
}

function clamp(value: number, limit: number): number {
  return Math.max(-limit, Math.min(limit, value));
}
