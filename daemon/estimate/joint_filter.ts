/**
 * The estimator: one robust Kalman filter over all servers' samples together.
 *
 * @module
 */
import { type Falseticker, type Selection, selectTruechimers } from "../sources/selection.ts";
import { distanceInSigmas, inconsistentServer } from "./bias_consensus.ts";
import { SERVER_ALIVE_SECONDS, serverIntervals } from "./bound.ts";
import {
  carryEstimate,
  type Estimate,
  type EstimatorPrior,
  type PathBelief,
  type SelectingEstimator,
} from "./estimator.ts";
import { withHeavyTails } from "./heavy_tails.ts";
import { JointModel, UNKNOWN_FREQUENCY } from "./joint_model.ts";
import { isUsable, type Sample } from "./sample.ts";
import { SampleWindow } from "./sample_window.ts";
import type { ServerPath } from "./server_path.ts";
import { type Resolution, StepWatch, verdictOn } from "./step_watch.ts";

/** How much a step, a suspend or a move to another machine may change the frequency, s/s, 1 sd. */
const REGIME_FREQUENCY_SD = 10e-6;
/** An inconsistent server may return once its bias is this near to the others', in sigmas. */
const RETURN_SIGMAS = 2.5;

/**
 * Estimates offset and frequency together with every path's bias and queueing slope. Samples that the past cannot explain
 * wait until it is clear whether the clock stepped (a majority sees it) or one server changed; servers that the others
 * rule out, by their intervals (RFC 5905 §11.2.1) or by their biases, only tell of themselves.
 */
export class JointFilter implements SelectingEstimator {
  readonly #window = new SampleWindow();
  readonly #steps = new StepWatch();
  readonly #model: JointModel;
  #estimate: Estimate | null = null;
  #selection: Selection | null = null;
  /** Those whose intervals rule them out now. */
  #outvoted: ReadonlySet<string> = new Set();
  #notBeforeSeconds = -Infinity;
  #regimeChanges = 0;
  /** By how much the offset lies above the filter's own. */
  #shiftSeconds = 0;

  /** `prior` is what an earlier run knew of this oscillator, null for nothing. */
  constructor(prior: EstimatorPrior | null = null) {
    this.#model = prior === null ? new JointModel(UNKNOWN_FREQUENCY) : new JointModel(
      { frequency: prior.frequency, variance: prior.frequencyVariance },
      new Map(Object.entries(prior.floorsSeconds)),
    );
  }

  /** The samples of late; `hardBound` reads them. */
  get window(): SampleWindow {
    return this.#window;
  }

  /** Who was found to tell the truth at the last sample; null before the first. */
  get selection(): Selection | null {
    return this.#selection;
  }

  /** Steps found so far. */
  get regimeChanges(): number {
    return this.#regimeChanges;
  }

  /** Takes one sample in; unusable figures (NaN, infinities, negative delays) and exchanges begun before `disrupt` are left out. */
  add(sample: Sample): void {
    if (!isUsable(sample) || sample.atSeconds - sample.delaySeconds <= this.#notBeforeSeconds) return;
    const server = this.#window.hear(sample.source, sample.atSeconds);
    const path = this.#model.hear(sample);
    // Who never spoke before cannot have changed: if it contradicts the others, that is its bias.
    const innovation = server.trusted.length === 0 ? null : this.#model.innovation(path, sample);
    const verdict = innovation && verdictOn(path, sample, innovation);
    this.#steps.record(sample, verdict);
    if (verdict?.isDoubted) {
      server.doubt(sample);
      this.#settle(path, this.#steps.resolve(sample.source, this.#electorate(sample.atSeconds)));
      this.#select(sample.atSeconds);
    } else {
      server.trust(sample);
      this.#select(sample.atSeconds);
      this.#model.take(path, [sample]);
    }
    this.#judgeBiases(sample.atSeconds);
    this.#summarise(sample.atSeconds);
  }

  /** The estimate carried to `atSeconds`; null before the first sample and after `disrupt`. */
  estimateAt(atSeconds: number): Estimate | null {
    return this.#estimate === null ? null : carryEstimate(this.#estimate, atSeconds);
  }

  /** Forgets all offsets up to `atSeconds`; the frequency stays as a prior, the paths stay known. */
  disrupt(atSeconds: number): void {
    this.#window.restartFrom(Infinity);
    this.#steps.clear();
    this.#model.restart(REGIME_FREQUENCY_SD ** 2);
    this.#selection = null;
    this.#outvoted = new Set();
    this.#estimate = null;
    this.#notBeforeSeconds = atSeconds;
  }

  /** What is believed of the way to `source`; null when it is unknown or has no say. */
  pathBelief(source: string): PathBelief | null {
    const path = this.#model.find(source);
    if (path === undefined || path.isExcluded) return null;
    const { biasSeconds, priorVariance } = this.#model.bias(path);
    return {
      biasSeconds: biasSeconds - this.#shiftSeconds,
      biasVariance: priorVariance,
      floorSeconds: path.floorSeconds,
      noiseVariance: (delaySeconds) => path.noise.variance(path.excessSeconds(delaySeconds)),
    };
  }

  /** Who has a vote on steps: the living that have a say. */
  #electorate(atSeconds: number): Set<string> {
    const electorate = new Set<string>();
    for (const { source, newestAtSeconds } of this.#window.servers) {
      const isAlive = atSeconds - newestAtSeconds < SERVER_ALIVE_SECONDS;
      if (isAlive && this.#model.find(source)?.isExcluded === false) electorate.add(source);
    }
    return electorate;
  }

  #settle(path: ServerPath, resolution: Resolution): void {
    if (resolution.kind === "step") this.#step(resolution.samples);
    if (resolution.kind !== "lone change") return;
    const { samples, residualSeconds } = resolution;
    this.#window.find(path.source)?.restartFrom(samples[0]!.atSeconds);
    this.#model.takeJump(path, samples, residualSeconds);
  }

  /** The clock stepped before `samples`, which are all that is known of the time since. */
  #step(samples: readonly Sample[]): void {
    this.#regimeChanges++;
    this.#window.restartFrom(samples[0]!.atSeconds);
    this.#model.restart(REGIME_FREQUENCY_SD ** 2);
    for (const sample of samples) {
      const path = this.#model.find(sample.source);
      if (path !== undefined) this.#model.take(path, [sample]);
    }
  }

  /** Judges the servers that have a vote; a silent one keeps its last verdict. Without a majority nobody is outvoted. */
  #select(atSeconds: number): void {
    const frequency = this.#estimate?.frequency ?? 0;
    const intervals = serverIntervals(this.#window, atSeconds, frequency);
    const selection = selectTruechimers(intervals);
    this.#outvoted = new Set(selection.majority ? selection.falsetickers.map(({ source }) => source) : []);
    for (const source of this.#outvoted) {
      const path = this.#model.find(source);
      if (path?.isMuted === false) this.#model.exclude(path);
    }
    this.#selection = selection.majority ? this.#withoutInconsistent(selection) : selection;
  }

  /** The servers whose biases rule them out are no truechimers either. */
  #withoutInconsistent(selection: Extract<Selection, { majority: true }>): Selection {
    const survivors: string[] = [];
    const falsetickers: Falseticker[] = [...selection.falsetickers];
    for (const source of selection.survivors) {
      const path = this.#model.find(source);
      if (path?.isMuted) {
        const { biasSeconds } = this.#model.bias(path);
        const reason = biasSeconds < 0 ? "below majority" : "above majority";
        falsetickers.push({ source, reason, distanceSeconds: Math.abs(biasSeconds) });
      } else survivors.push(source);
    }
    return { ...selection, survivors, falsetickers };
  }

  /** Excludes a server that the others' biases rule out, and lets in again who came back or is all that is left. */
  #judgeBiases(atSeconds: number): void {
    const active = this.#model.paths.filter((path) => !path.isExcluded);
    const biases = active.map((path) => this.#model.bias(path));
    const worst = inconsistentServer(biases);
    if (worst !== null) return this.#model.exclude(active[worst]!);
    const isDeserted = active.every(({ heardAtSeconds }) =>
      atSeconds - heardAtSeconds >= SERVER_ALIVE_SECONDS
    );
    for (const path of this.#model.paths) {
      if (!path.isMuted || this.#outvoted.has(path.source)) continue;
      const isNear = () => distanceInSigmas(this.#model.bias(path), biases) < RETURN_SIGMAS;
      if (isDeserted || isNear()) path.letIn(atSeconds);
    }
  }

  #summarise(atSeconds: number): void {
    const estimate = this.#model.estimate();
    if (estimate === null) return;
    const active = this.#model.paths.filter((path) => !path.isExcluded);
    const { shiftSeconds, variance } = withHeavyTails(
      estimate.biasVariance,
      active.map((path) => this.#model.biasBelief(path, estimate.biasVariance)),
    );
    this.#shiftSeconds = shiftSeconds;
    const doubtSeconds = this.#steps.openDoubtSeconds(this.#electorate(atSeconds));
    this.#estimate = {
      ...estimate,
      offsetVariance: estimate.offsetVariance + doubtSeconds ** 2,
      offsetSeconds: estimate.offsetSeconds + shiftSeconds,
      biasVariance: variance,
    };
  }
}
