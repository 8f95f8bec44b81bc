/**
 * Several hypotheses about how restless the oscillator is, weighed by how well each foretells the samples.
 *
 * @module
 */
import { ClockState } from "./clock_state.ts";
import type { Estimate } from "./estimator.ts";
import type { BiasPrior, Innovation, Observation } from "./observation.ts";

/** Random-walk levels q, s/s per √s: a quiet oven, an ordinary crystal, a restless one, one that is being heated. */
const RANDOM_WALKS = [0.5e-9, 2e-9, 10e-9, 60e-9] as const;
/** What is believed of them at first, as logarithms. */
const PRIOR_LOG_WEIGHTS = [-0.7, 0, -1.5, -4] as const;
/** No hypothesis is believed less than this against the best: it must be able to come back. */
const LEAST_LOG_WEIGHT = -8;
/** Polls after which evidence has lost most of its weight. */
const EVIDENCE_POLLS = 40;

/** Frequency before any sample, and its variance. */
export interface FrequencyPrior {
  readonly frequency: number;
  readonly variance: number;
}

/** The hypotheses, always at the same instant and about the same paths. */
export class FilterBank {
  #states: ClockState[];
  #logWeights = Float64Array.from(PRIOR_LOG_WEIGHTS);
  #weights = normalised(PRIOR_LOG_WEIGHTS);
  #atSeconds = -Infinity;
  #isAnchored = false;

  constructor(prior: FrequencyPrior) {
    this.#states = RANDOM_WALKS.map((q) => new ClockState(q ** 2, prior.frequency, prior.variance));
  }

  /** Whether the offset is known. */
  get isAnchored(): boolean {
    return this.#isAnchored;
  }

  /** See ClockState.addPath. */
  addPath(prior: BiasPrior): void {
    for (const state of this.#states) state.addPath(prior);
  }

  /** See ClockState.removePath. */
  removePath(slot: number): void {
    for (const state of this.#states) state.removePath(slot);
  }

  /** See ClockState.setBiasPrior. */
  setBiasPrior(slot: number, prior: BiasPrior): void {
    for (const state of this.#states) state.setBiasPrior(slot, prior);
  }

  /** See ClockState.forgetPath. */
  forgetPath(slot: number, prior: BiasPrior): void {
    for (const state of this.#states) state.forgetPath(slot, prior);
  }

  /** See ClockState.changePath. */
  changePath(slot: number, biasVariance: number): void {
    for (const state of this.#states) state.changePath(slot, biasVariance);
  }

  /** The clock stepped: the offset is unknown until the next observation, the frequency may have changed. */
  forgetOffset(frequencyVariance: number): void {
    this.#isAnchored = false;
    this.#atSeconds = -Infinity;
    for (const state of this.#states) state.loosenFrequency(frequencyVariance);
  }

  /** Lets time pass until `atSeconds`; an earlier time changes nothing. */
  propagateTo(atSeconds: number): void {
    const seconds = atSeconds - this.#atSeconds;
    if (seconds <= 0) return;
    if (seconds < Infinity) { for (const state of this.#states) state.propagate(seconds); }
    this.#atSeconds = atSeconds;
  }

  /** Where an observation lies against the mixture's expectation. */
  innovation(observation: Observation): Innovation {
    const each = this.#states.map((state) => state.innovation(observation));
    const residualSeconds = this.#mean((m) => each[m]!.residualSeconds);
    const variance = this.#mean((m) => each[m]!.variance + (each[m]!.residualSeconds - residualSeconds) ** 2);
    const unslopedSeconds = this.#mean((m) => each[m]!.unslopedSeconds);
    return { residualSeconds, unslopedSeconds, variance };
  }

  /** Takes the unknown offset from an observation; see ClockState.anchor. */
  anchor(observation: Observation, noiseVariance: number): void {
    for (const state of this.#states) state.anchor(observation, noiseVariance);
    this.#isAnchored = true;
  }

  /** Takes an observation in and weighs the hypotheses by it; `voters` servers share a poll. Returns where it lay before. */
  correct(observation: Observation, noiseVariance: number, isolated: boolean, voters: number): Innovation {
    const each = this.#states.map((state) => state.correct(observation, noiseVariance, isolated));
    const residualSeconds = this.#mean((m) => each[m]!.residualSeconds);
    const unslopedSeconds = this.#mean((m) => each[m]!.unslopedSeconds);
    const variance = this.#mean((m) => each[m]!.variance);
    if (!isolated) this.#weigh(each.map(({ logLikelihood }) => logLikelihood), voters);
    this.#replaceUnsound();
    return { residualSeconds, unslopedSeconds, variance };
  }

  #weigh(logLikelihoods: readonly number[], voters: number): void {
    const kept = 1 - 1 / (EVIDENCE_POLLS * voters);
    const weights = this.#logWeights;
    PRIOR_LOG_WEIGHTS.forEach((prior, m) => {
      weights[m] = prior + kept * (weights[m]! - prior) + logLikelihoods[m]!;
    });
    const best = Math.max(...weights);
    for (let m = 0; m < weights.length; m++) weights[m] = Math.max(LEAST_LOG_WEIGHT, weights[m]! - best);
    this.#weights = normalised(weights);
  }

  /** A hypothesis that came to nonsense takes over the state of one that did not; false when none is left. */
  #replaceUnsound(): void {
    const sound = this.#states.find((state) => state.isSound);
    if (sound === undefined) return;
    this.#states = this.#states.map((state) => state.isSound ? state : sound.copy(state.randomWalkVariance));
  }

  /** Whether there is anything to go on with. */
  get isSound(): boolean {
    return this.#states.every((state) => state.isSound);
  }

  /** Bias of a path, s. */
  bias(slot: number): number {
    return this.#mean((m) => this.#states[m]!.bias(slot));
  }

  /** Covariance of a path's bias with the offset, s². */
  offsetCovariance(slot: number): number {
    const bias = this.bias(slot), offset = this.#mean((m) => this.#states[m]!.offsetSeconds);
    return this.#mean((m) => {
      const state = this.#states[m]!;
      return state.offsetCovariance(slot) + (state.offsetSeconds - offset) * (state.bias(slot) - bias);
    });
  }

  /** Mean and variance of the mixture at the instant of the last observation. */
  estimate(): Estimate {
    const each = this.#states.map((state) => state.moments());
    const offsetSeconds = this.#mean((m) => each[m]!.offsetSeconds);
    const frequency = this.#mean((m) => each[m]!.frequency);
    const spread = (m: number) => each[m]!.offsetSeconds - offsetSeconds;
    const frequencySpread = (m: number) => each[m]!.frequency - frequency;
    return {
      atSeconds: this.#atSeconds,
      offsetSeconds,
      frequency,
      offsetVariance: this.#mean((m) => each[m]!.offsetVariance - each[m]!.biasVariance + spread(m) ** 2),
      offsetFrequencyCovariance: this.#mean((m) => each[m]!.covariance + spread(m) * frequencySpread(m)),
      frequencyVariance: this.#mean((m) => each[m]!.frequencyVariance + frequencySpread(m) ** 2),
      biasVariance: this.#mean((m) => each[m]!.biasVariance),
      randomWalkVariance: this.#mean((m) => this.#states[m]!.randomWalkVariance),
    };
  }

  #mean(of: (index: number) => number): number {
    let sum = 0;
    for (let m = 0; m < this.#weights.length; m++) sum += this.#weights[m]! * of(m);
    return sum;
  }
}

function normalised(logWeights: ArrayLike<number>): Float64Array {
  const weights = Float64Array.from(logWeights, (logWeight) => Math.exp(logWeight));
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return weights.map((weight) => weight / sum);
}
