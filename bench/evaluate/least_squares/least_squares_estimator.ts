/**
 * The baseline estimator: a weighted least-squares line through the recent samples, short round trips first.
 *
 * @module
 */
import { type Selection, selectTruechimers } from "../../../daemon/sources/selection.ts";
import { serverIntervals, votingServers } from "../../../daemon/estimate/bound.ts";
import {
  carryEstimate,
  type Estimate,
  type PathBelief,
  type SelectingEstimator,
} from "../../../daemon/estimate/estimator.ts";
import { fitLine, type FrequencyPrior, type LineFit, SLOPE_VARIANCE } from "./line_fit.ts";
import { RANDOM_WALK } from "../../../daemon/estimate/oscillator.ts";
import { pathBiasVariance, queueing, sampleVariance } from "./noise_model.ts";
import { isUsable, type Sample } from "../../../daemon/estimate/sample.ts";
import { SampleWindow, type ServerHistory } from "../../../daemon/estimate/sample_window.ts";
import { pathProfile } from "./path_profile.ts";
import { ServerSums } from "./server_sums.ts";

/** What an unknown oscillator is off, s/s, 1 sd. */
const FREQUENCY_PRIOR_SD = 25e-6;
/** How much a step, suspend or move to another machine may change the frequency, s/s, 1 sd. */
const REGIME_FREQUENCY_SD = 5e-6;
/**
 * A sample is doubted when it lies this many sigmas beyond what its own queueing explains; it is a step by itself when it
 * lies as far beyond all that half its round trip and its server's root distance could explain.
 */
const STEP_SIGMAS = 6;
/** What is doubted must be off by more than this, s. */
const DOUBT_MARGIN_SECONDS = 30e-6;
/** Samples in a row that contradict a server's past before that past is given up. */
const MAX_DOUBTED = 4;
/** Doubted samples, of a majority of the servers together, that make a step too small to be seen in one. */
const DOUBTS_OF_A_STEP = 3;

/** A server's own level, whatever its bias: what its next sample is expected to be like. */
const OWN_LEVEL = { biasWeight: 0, slopeWeight: 1 / SLOPE_VARIANCE };

/** The line through the samples at `originSeconds`; offsets count from `referenceSeconds`. */
interface Fit {
  readonly line: LineFit;
  readonly originSeconds: number;
  readonly referenceSeconds: number;
  readonly sums: ReadonlyMap<ServerHistory, ServerSums>;
}

/**
 * Fits offset and frequency to the samples of the servers that selection trusts, all anew with each sample, so that a
 * lower round-trip floor re-weighs the past too. Samples that a server's past cannot explain are doubted, and
 * kept out of the fit, until they repeat: then either a majority saw the same (the clock stepped: samples before are
 * dropped, the frequency stays as a prior) or that server alone starts over.
 */
export class LeastSquaresEstimator implements SelectingEstimator {
  readonly #window = new SampleWindow();
  readonly #falsetickers = new Set<string>();
  #prior: FrequencyPrior = { frequency: 0, variance: FREQUENCY_PRIOR_SD ** 2 };
  #notBeforeSeconds = -Infinity;
  #fit: Fit | null = null;
  #selection: Selection | null = null;
  #regimeChanges = 0;

  /** The samples that it works from; `hardBound` reads them. */
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
    this.#judge(server, sample);
    this.#select(sample.atSeconds);
    this.#refit();
  }

  /** The estimate carried to `atSeconds`; null before the first sample and after `disrupt`. */
  estimateAt(atSeconds: number): Estimate | null {
    if (this.#fit === null) return null;
    const { line, originSeconds, referenceSeconds } = this.#fit;
    const estimate = {
      atSeconds: originSeconds,
      offsetSeconds: referenceSeconds + line.offset,
      frequency: line.frequency,
      offsetVariance: line.offsetVariance,
      offsetFrequencyCovariance: line.covariance,
      frequencyVariance: line.frequencyVariance,
      biasVariance: line.biasVariance,
      randomWalkVariance: RANDOM_WALK ** 2,
    };
    return carryEstimate(estimate, atSeconds);
  }

  /** Forgets all samples up to `atSeconds`; the frequency stays as a prior. */
  disrupt(atSeconds: number): void {
    this.#keepFrequency(atSeconds);
    this.#window.restartFrom(Infinity);
    this.#falsetickers.clear();
    this.#selection = null;
    this.#fit = null;
    this.#notBeforeSeconds = atSeconds;
  }

  /** What is believed of the way to `source`; null when it is unknown or not trusted. */
  pathBelief(source: string): PathBelief | null {
    const server = this.#window.find(source);
    const sum = server && this.#fit?.sums.get(server);
    if (server === undefined || sum === undefined || !this.#isTrusted(server)) return null;
    const { floorSeconds } = pathProfile(server.trusted);
    const biasVariance = pathBiasVariance(floorSeconds);
    const prior = { biasWeight: 1 / biasVariance, slopeWeight: 1 / SLOPE_VARIANCE };
    return {
      biasSeconds: sum.pathFit(this.#fit!.line, prior).bias,
      biasVariance,
      floorSeconds,
      noiseVariance: (delaySeconds) => sampleVariance(Math.max(0, delaySeconds - floorSeconds)),
    };
  }

  #keepFrequency(atSeconds: number): void {
    const now = this.estimateAt(atSeconds);
    if (now === null) return;
    this.#prior = { frequency: now.frequency, variance: now.frequencyVariance + REGIME_FREQUENCY_SD ** 2 };
  }

  /** How far a sample lies above where the line and its server's own level would have one that never queued, s. */
  #residual(fit: Fit, server: ServerHistory, sample: Sample): number {
    const bias = fit.sums.get(server)?.pathFit(fit.line, OWN_LEVEL).bias ?? 0;
    const carried = fit.line.frequency * (sample.atSeconds - fit.originSeconds);
    return sample.offsetSeconds - fit.referenceSeconds - fit.line.offset - carried - bias;
  }

  /** Trusts a sample that its queueing and the fit's own uncertainty explain, else doubts it. */
  #judge(server: ServerHistory, sample: Sample): void {
    const fit = this.#fit;
    if (
      fit === null || server.trusted.length === 0 ||
      Math.abs(this.#residual(fit, server, sample)) <= this.#explainable(fit, server, sample)
    ) return server.trust(sample);
    server.doubt(sample);
    this.#resolveDoubts(server);
  }

  #explainable(fit: Fit, server: ServerHistory, sample: Sample): number {
    const { floorSeconds, unseenSeconds } = pathProfile(server.trusted);
    const variance = this.#predictionVariance(sample.atSeconds) +
      fit.line.noiseInflation * sampleVariance(unseenSeconds);
    return Math.abs(sample.delaySeconds - floorSeconds) / 2 + STEP_SIGMAS * Math.sqrt(variance) +
      DOUBT_MARGIN_SECONDS;
  }

  #isStep(witnesses: readonly ServerHistory[]): boolean {
    const doubts = witnesses.reduce((sum, { doubted }) => sum + doubted.length, 0);
    return doubts >= DOUBTS_OF_A_STEP || witnesses.every((server) => this.#isBeyondBounds(server));
  }

  #isBeyondBounds(server: ServerHistory): boolean {
    const sample = server.doubted.at(-1);
    if (this.#fit === null || sample === undefined) return false;
    const limit = sample.delaySeconds / 2 + sample.rootDistanceSeconds +
      STEP_SIGMAS * Math.sqrt(this.#predictionVariance(sample.atSeconds));
    return Math.abs(this.#residual(this.#fit, server, sample)) > limit;
  }

  #predictionVariance(atSeconds: number): number {
    return this.estimateAt(atSeconds)?.offsetVariance ?? 0;
  }

  #resolveDoubts(server: ServerHistory): void {
    const witnesses = this.#witnesses();
    const electorate = votingServers(this.#window, server.newestAtSeconds).filter((voter) =>
      this.#isTrusted(voter)
    );
    if (2 * witnesses.length > electorate.length && this.#isStep(witnesses)) {
      const steppedAt = Math.min(...witnesses.map(({ doubted }) => doubted[0]?.atSeconds ?? Infinity));
      this.#keepFrequency(server.newestAtSeconds);
      this.#window.restartFrom(steppedAt);
      this.#falsetickers.clear();
      this.#regimeChanges++;
    } else if (server.doubted.length >= MAX_DOUBTED) {
      server.restartFrom(server.doubted[0]?.atSeconds ?? Infinity);
    }
  }

  /** The larger camp of the trusted servers whose latest word is doubted, up or down. */
  #witnesses(): ServerHistory[] {
    const fit = this.#fit;
    if (fit === null) return [];
    const camps: Record<"up" | "down", ServerHistory[]> = { up: [], down: [] };
    for (const server of this.#window.servers) {
      const last = server.doubted.at(-1);
      if (last === undefined || !this.#isTrusted(server)) continue;
      camps[this.#residual(fit, server, last) > 0 ? "up" : "down"].push(server);
    }
    return camps.up.length >= camps.down.length ? camps.up : camps.down;
  }

  #isTrusted({ source }: ServerHistory): boolean {
    return !this.#falsetickers.has(source);
  }

  /** Judges the servers that have a vote; a silent one keeps its last verdict. Without a majority nobody is excluded. */
  #select(atSeconds: number): void {
    const frequency = this.#fit?.line.frequency ?? this.#prior.frequency;
    const intervals = serverIntervals(this.#window, atSeconds, frequency);
    this.#selection = selectTruechimers(intervals);
    const judged = new Set(intervals.map(({ source }) => source));
    for (const source of this.#falsetickers) {
      if (judged.has(source) || this.#window.find(source) === undefined) this.#falsetickers.delete(source);
    }
    if (!this.#selection.majority) return;
    for (const { source } of this.#selection.falsetickers) this.#falsetickers.add(source);
  }

  /**
   * Weighs all samples and fits the line to those of the trusted servers. Old samples share the oscillator's random
   * walk since then, so together they may say no more than that walk allows: a sample's weight is divided by
   * 1 + I·q²·age³/3, with I the information (sum of 1/variance) of all that are no older.
   */
  #refit(): void {
    const entries = [...this.#window.servers].filter(({ trusted }) => trusted.length > 0)
      .map((server) => ({ server, profile: pathProfile(server.trusted) }))
      .flatMap((one) => one.server.trusted.map((sample) => ({ ...one, sample })))
      .sort((a, b) => b.sample.atSeconds - a.sample.atSeconds);
    const newest = entries.find(({ server }) => this.#isTrusted(server))?.sample;
    if (newest === undefined) return;
    const sums = new Map<ServerHistory, ServerSums>();
    let information = 0;
    for (const { server, profile, sample } of entries) {
      const age = Math.max(0, newest.atSeconds - sample.atSeconds);
      const queue = queueing(sample.delaySeconds, profile);
      const variance = sampleVariance(queue);
      if (this.#isTrusted(server)) information += 1 / variance;
      const weight = 1 / (variance * (1 + information * RANDOM_WALK ** 2 * age ** 3 / 3));
      const sum = sums.get(server) ?? new ServerSums(pathBiasVariance(profile.floorSeconds));
      sums.set(server, sum);
      sum.add(
        weight,
        sample.atSeconds - newest.atSeconds,
        queue,
        sample.offsetSeconds - newest.offsetSeconds,
      );
    }
    const trusted = [...sums].filter(([server]) => this.#isTrusted(server)).map(([, sum]) => sum);
    this.#fit = {
      line: fitLine(trusted, this.#prior),
      originSeconds: newest.atSeconds,
      referenceSeconds: newest.offsetSeconds,
      sums,
    };
  }
}
