/**
 * What is believed of the clock and of all paths together, and the ability to believe otherwise in hindsight.
 *
 * @module
 */
import type { PathBias } from "./bias_consensus.ts";
import type { Estimate } from "./estimator.ts";
import type { BiasBelief } from "./heavy_tails.ts";
import { FilterBank, type FrequencyPrior } from "./filter_bank.ts";
import type { Innovation, Observation } from "./observation.ts";
import { ReplayLog } from "./replay_log.ts";
import type { Sample } from "./sample.ts";
import { MAX_SERVERS } from "./sample_window.ts";
import { type Hindsight, ServerPath } from "./server_path.ts";

/** What an unknown oscillator is off, s/s, 1 sd. */
const FREQUENCY_PRIOR_SD = 30e-6;
/** Half of how much a floor fell, as a share of what the bias may be, that makes the past worth living again. */
const MATERIAL_FALL_SHARE = 0.02;
/** A first sample within this square of its sigma is as its path's prior has it. */
const FORESEEN_SQUARE = 9;
/** A server silent for this long is forgotten when a new one speaks, s. */
const PATH_FORGOTTEN_SECONDS = 7200;

/** Frequency of an oscillator that nothing is known of. */
export const UNKNOWN_FREQUENCY: FrequencyPrior = { frequency: 0, variance: FREQUENCY_PRIOR_SD ** 2 };

/** The filters, the paths that they know (a path's index is its slot) and what they were fed of late. */
export class JointModel {
  readonly #log = new ReplayLog();
  readonly #knownFloors: ReadonlyMap<string, number>;
  #paths: ServerPath[] = [];
  #prior: FrequencyPrior;
  #bank: FilterBank;

  /** `knownFloors` are shortest round trips by server, s, from an earlier run. */
  constructor(prior: FrequencyPrior, knownFloors: ReadonlyMap<string, number> = new Map()) {
    this.#prior = prior;
    this.#knownFloors = knownFloors;
    this.#bank = new FilterBank(prior);
  }

  /** Every path that something is known of. */
  get paths(): readonly ServerPath[] {
    return this.#paths;
  }

  /** The path to `source`. */
  find(source: string): ServerPath | undefined {
    return this.#paths.find((path) => path.source === source);
  }

  /** Takes note of a sample's round trip, whatever its offset is worth; makes room for a new server. */
  hear(sample: Sample): ServerPath {
    const path = this.find(sample.source) ?? this.#addPath(sample);
    if (this.#isMaterial(path, path.hear(sample))) this.#replay();
    return path;
  }

  #addPath({ source, atSeconds, delaySeconds, rootDistanceSeconds }: Sample): ServerPath {
    for (const { source, heardAtSeconds } of [...this.#paths]) {
      if (atSeconds - heardAtSeconds > PATH_FORGOTTEN_SECONDS) this.#removePath(source);
    }
    if (this.#paths.length >= MAX_SERVERS) {
      this.#removePath(this.#paths.reduce((a, b) => a.heardAtSeconds <= b.heardAtSeconds ? a : b).source);
    }
    const floorSeconds = Math.min(delaySeconds, this.#knownFloors.get(source) ?? Infinity);
    const path = new ServerPath(source, atSeconds, floorSeconds, rootDistanceSeconds);
    this.#bank.addPath(path.biasPrior);
    this.#paths.push(path);
    return path;
  }

  #removePath(source: string): void {
    const slot = this.#paths.findIndex((path) => path.source === source);
    this.#paths.splice(slot, 1);
    this.#bank.removePath(slot);
  }

  #isMaterial(path: ServerPath, hindsight: Hindsight): boolean {
    if (hindsight.kind !== "lower floor") return hindsight.kind === "route changed";
    return (hindsight.fallSeconds / 2) ** 2 > MATERIAL_FALL_SHARE ** 2 * path.biasPrior.variance;
  }

  /** How a sample compares with what is believed; null while the offset is unknown. */
  innovation(path: ServerPath, sample: Sample): Innovation | null {
    if (!this.#bank.isAnchored) return null;
    this.#bank.propagateTo(sample.atSeconds);
    return this.#bank.innovation(this.#observation(path, sample));
  }

  /** Takes samples of one path in; those older than the newest of all are put where they belong. */
  take(path: ServerPath, samples: readonly Sample[]): void {
    const areNewest = samples.map((sample) => this.#log.insert(sample, this.#paths.length));
    if (areNewest.includes(false)) this.#replay();
    else for (const sample of samples) this.#absorb(path, sample);
  }

  /** From the first of `samples` on, the server's offsets lie elsewhere by about `jumpSeconds`. */
  takeJump(path: ServerPath, samples: readonly Sample[], jumpSeconds: number): void {
    path.jump(samples[0]!.atSeconds, jumpSeconds);
    for (const sample of samples) this.#log.insert(sample, this.#paths.length);
    this.#replay();
  }

  /** Gives a path no say any more, nor in the past. */
  exclude(path: ServerPath): void {
    path.mute();
    this.#replay();
  }

  /** Offsets until now no longer count; the frequency counts as a prior, surer by no more than `frequencyVariance`. */
  restart(frequencyVariance: number): void {
    if (this.#bank.isAnchored) {
      const { frequency, frequencyVariance: variance } = this.#bank.estimate();
      this.#prior = { frequency, variance: variance + frequencyVariance };
      this.#bank.forgetOffset(frequencyVariance);
    }
    this.#log.clear();
  }

  /** Bias of a path, and its prior. */
  bias(path: ServerPath): PathBias {
    return {
      biasSeconds: this.#bank.bias(this.#paths.indexOf(path)),
      priorVariance: path.biasPrior.variance,
    };
  }

  /** What the prior of a path is worth now, the offset's variance due to biases being `biasVariance`. */
  biasBelief(path: ServerPath, biasVariance: number): BiasBelief {
    if (path.settledBias !== null) return path.settledBias;
    const slot = this.#paths.indexOf(path);
    const slope = Math.max(-1, Math.min(0, this.#bank.offsetCovariance(slot) / biasVariance));
    return { biasSeconds: this.#bank.bias(slot), priorVariance: path.biasPrior.variance, slope };
  }

  /** The estimate at the last sample; null while the offset is unknown. */
  estimate(): Estimate | null {
    return this.#bank.isAnchored ? this.#bank.estimate() : null;
  }

  /** Lives the log again, with the floors, routes and exclusions that are known now. */
  #replay(): void {
    const start = this.#log.samples[0]?.atSeconds ?? Infinity;
    this.#renew(this.#log.isWhole ? this.#prior : UNKNOWN_FREQUENCY, start);
    for (const sample of this.#log.samples) {
      const path = this.find(sample.source);
      if (path !== undefined) this.#absorb(path, sample);
    }
  }

  #renew(prior: FrequencyPrior, atSeconds: number): void {
    this.#bank = new FilterBank(prior);
    for (const path of this.#paths) {
      path.rewind(atSeconds);
      this.#bank.addPath(path.biasPrior);
    }
  }

  #absorb(path: ServerPath, sample: Sample): void {
    this.#enterRoute(path, sample);
    this.#bank.propagateTo(sample.atSeconds);
    const observation = this.#observation(path, sample);
    const noiseVariance = path.noise.variance(observation.excessSeconds);
    path.noise.notice(observation.excessSeconds, path.floorSeconds);
    const isIsolated = path.isMutedAt(sample.atSeconds);
    // What was learned apart from the others would hide the prior that it now has a say by.
    if (path.wasIsolated && !isIsolated) {
      this.#bank.forgetPath(observation.slot, path.biasPrior);
      path.settledBias = null;
      path.isFresh = true;
    }
    path.wasIsolated = isIsolated;
    const isFirst = path.isFresh;
    path.isFresh = false;
    if (!this.#bank.isAnchored) {
      if (!isIsolated) this.#bank.anchor(observation, noiseVariance);
      return;
    }
    if (isFirst) this.#meet(observation, noiseVariance);
    const { residualSeconds } = this.#bank.correct(
      observation,
      noiseVariance,
      isIsolated,
      this.#paths.length,
    );
    if (!this.#bank.isSound) return this.#renew(UNKNOWN_FREQUENCY, sample.atSeconds);
    if (!isIsolated) path.noise.learn(observation.excessSeconds, residualSeconds);
  }

  /** A bias beyond what its prior foresees is learned from the first sample, instead of being taken for noise. */
  #meet(observation: Observation, noiseVariance: number): void {
    const { residualSeconds, variance } = this.#bank.innovation(observation);
    const isForeseen = residualSeconds ** 2 <= FORESEEN_SQUARE * (variance + noiseVariance);
    if (!isForeseen) this.#bank.changePath(observation.slot, residualSeconds ** 2);
  }

  #enterRoute(path: ServerPath, { atSeconds }: Sample): void {
    if (!path.changesRouteBy(atSeconds)) return;
    if (this.#bank.isAnchored) path.settledBias = this.biasBelief(path, this.#bank.estimate().biasVariance);
    const changeVariance = path.enterRouteOf(atSeconds);
    const slot = this.#paths.indexOf(path);
    this.#bank.changePath(slot, changeVariance);
    this.#bank.setBiasPrior(slot, path.biasPrior);
  }

  #observation(path: ServerPath, { offsetSeconds, delaySeconds }: Sample): Observation {
    return {
      slot: this.#paths.indexOf(path),
      offsetSeconds,
      excessSeconds: path.excessSeconds(delaySeconds),
    };
  }
}
