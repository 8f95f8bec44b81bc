/**
 * The estimator: one robust Kalman filter over all servers' samples together.
 *
 * @module
 */
import { type Selection, selectTruechimers } from "../sources/selection.ts";
import { distanceInSigmas, inconsistentServer, type PathBias } from "./bias_consensus.ts";
import { SERVER_ALIVE_SECONDS, serverIntervals } from "./bound.ts";
import { carryEstimate, type Estimate, type Estimator, type PathBelief } from "./estimator.ts";
import { FilterBank, type FrequencyPrior } from "./filter_bank.ts";
import { type LogEntry, ReplayLog } from "./replay_log.ts";
import { isUsable, type Sample } from "./sample.ts";
import { MAX_SERVERS, SampleWindow } from "./sample_window.ts";
import { type Hindsight, ServerPath } from "./server_path.ts";
import { openDoubt, resolve, type Verdict, verdictOn } from "./step_watch.ts";

/** What an unknown oscillator is off, s/s, 1 sd. */
const FREQUENCY_PRIOR_SD = 60e-6;
/** How much a step, a suspend or a move to another machine may change the frequency, s/s, 1 sd. */
const REGIME_FREQUENCY_SD = 30e-6;
/** A floor lower by more than this share of what the bias may be changes the past enough to live it again. */
const MATERIAL_FALL_SHARE = 0.2;
/** A server silent for this long is forgotten when another one speaks, s. */
const PATH_FORGOTTEN_SECONDS = 7200;
/** An excluded server may return once its bias is this near to the others', in sigmas. */
const RETURN_SIGMAS = 2.5;

export class JointFilter implements Estimator {
  readonly #window = new SampleWindow();
  readonly #log = new ReplayLog();
  #paths: ServerPath[] = [];
  #prior: FrequencyPrior = { frequency: 0, variance: FREQUENCY_PRIOR_SD ** 2 };
  #bank = new FilterBank(this.#prior);
  #estimate: Estimate | null = null;
  #selection: Selection | null = null;
  #notBeforeSeconds = -Infinity;
  #regimeChanges = 0;
  replays = 0;

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

  add(sample: Sample): void {
    if (!isUsable(sample) || sample.atSeconds - sample.delaySeconds <= this.#notBeforeSeconds) return;
    const server = this.#window.hear(sample.source, sample.atSeconds);
    const path = this.#hear(sample);
    const verdict = this.#judge(path, sample);
    if (verdict === null || !verdict.isDoubted) {
      server.trust(sample);
      path.doubts.length = 0;
      path.agreedAtSeconds = sample.atSeconds;
      path.agreedLimitSeconds = verdict?.limitSeconds ?? Infinity;
      this.#select(sample.atSeconds);
      this.#take(path, sample);
    } else {
      server.doubt(sample);
      path.doubts.push({ sample, residualSeconds: verdict.residualSeconds, isHard: verdict.isHard });
      this.#resolveDoubts(path, sample.atSeconds);
      this.#select(sample.atSeconds);
    }
    this.#judgeBiases();
    this.#summarise(sample.atSeconds);
  }

  estimateAt(atSeconds: number): Estimate | null {
    return this.#estimate === null ? null : carryEstimate(this.#estimate, atSeconds);
  }

  /** What is believed of the way to `source`; null when it is unknown or excluded. */
  pathBelief(source: string): PathBelief | null {
    const slot = this.#paths.findIndex((path) => path.source === source);
    const path = this.#paths[slot];
    if (path === undefined || path.isExcluded) return null;
    const { biasVariance, floorSeconds } = path;
    return { biasSeconds: this.#bank.bias(slot), biasVariance, floorSeconds };
  }

  disrupt(atSeconds: number): void {
    this.#window.restartFrom(Infinity);
    this.#beginRegime();
    for (const path of this.#paths) path.isOutvoted = false;
    this.#selection = null;
    this.#estimate = null;
    this.#notBeforeSeconds = atSeconds;
  }

  /** The path that a sample came by, and what it tells about the past. */
  #hear(sample: Sample): ServerPath {
    let slot = this.#paths.findIndex(({ source }) => source === sample.source);
    if (slot < 0) slot = this.#addPath(sample);
    const path = this.#paths[slot]!;
    this.#reconsider(path, slot, path.hear(sample));
    return path;
  }

  #addPath({ source, atSeconds, delaySeconds }: Sample): number {
    const forgotten = this.#paths.filter(({ heardAtSeconds }) => atSeconds - heardAtSeconds > PATH_FORGOTTEN_SECONDS);
    for (const path of forgotten) this.#removePath(path);
    if (this.#paths.length >= MAX_SERVERS) {
      this.#removePath(this.#paths.reduce((a, b) => a.heardAtSeconds <= b.heardAtSeconds ? a : b));
    }
    const path = new ServerPath(source);
    path.recall(atSeconds, delaySeconds);
    this.#bank.addPath(path.biasVariance);
    return this.#paths.push(path) - 1;
  }

  #removePath(path: ServerPath): void {
    const slot = this.#paths.indexOf(path);
    this.#paths.splice(slot, 1);
    this.#bank.removePath(slot);
  }

  #reconsider(path: ServerPath, slot: number, hindsight: Hindsight): void {
    if (hindsight.kind === "nothing") return;
    if (hindsight.kind === "lower floor") {
      const { fallSeconds } = hindsight;
      if ((fallSeconds / 2) ** 2 <= MATERIAL_FALL_SHARE ** 2 * path.biasVariance) {
        this.#bank.lowerFloor(slot, fallSeconds);
        this.#bank.setBiasPrior(slot, path.biasVariance);
        return;
      }
    }
    this.#replay();
  }

  /** Lives the log again, with the floors, routes and exclusions that are known now. */
  #replay(): void {
    this.replays++;
    const start = this.#log.entries[0]?.sample.atSeconds ?? Infinity;
    this.#bank = new FilterBank(
      this.#log.isWhole ? this.#prior : { frequency: 0, variance: FREQUENCY_PRIOR_SD ** 2 },
    );
    for (const path of this.#paths) {
      path.rewind(start);
      this.#bank.addPath(path.biasVariance);
    }
    for (const entry of this.#log.entries) this.#absorb(entry);
  }

  #take(path: ServerPath, sample: Sample): void {
    const entry = { sample, isOutvoted: path.isOutvoted };
    this.#log.push(entry, this.#paths.length);
    this.#absorb(entry);
  }

  #absorb({ sample, isOutvoted }: LogEntry): void {
    const slot = this.#paths.findIndex(({ source }) => source === sample.source);
    const path = this.#paths[slot];
    if (path === undefined) return;
    const route = path.routeBegunBy(sample.atSeconds);
    if (route !== null) {
      this.#bank.changePath(slot, route.changeVariance);
      this.#bank.setBiasPrior(slot, path.biasVariance);
    }
    this.#bank.propagateTo(sample.atSeconds);
    const excessSeconds = path.excessSeconds(sample.delaySeconds);
    const isIsolated = isOutvoted || path.isInconsistent;
    const observation = { slot, offsetSeconds: sample.offsetSeconds, excessSeconds };
    const wasAnchored = this.#bank.isAnchored;
    if (!wasAnchored && isIsolated) return;
    const { residualSeconds } = this.#bank.correct(
      observation,
      path.noise.variance(excessSeconds),
      isIsolated,
      this.#paths.length,
    );
    if (wasAnchored && !isIsolated) path.noise.learn(excessSeconds, residualSeconds);
    path.noise.notice(excessSeconds, path.floorSeconds);
  }

  #judge(path: ServerPath, sample: Sample): Verdict | null {
    if (!this.#bank.isAnchored) return null;
    this.#bank.propagateTo(sample.atSeconds);
    const innovation = this.#bank.innovation({
      slot: this.#paths.indexOf(path),
      offsetSeconds: sample.offsetSeconds,
      excessSeconds: path.excessSeconds(sample.delaySeconds),
    });
    return verdictOn(path, sample, innovation);
  }

  #electorate(atSeconds: number): ServerPath[] {
    return this.#paths.filter((path) =>
      !path.isExcluded && atSeconds - path.heardAtSeconds < SERVER_ALIVE_SECONDS
    );
  }

  #resolveDoubts(path: ServerPath, atSeconds: number): void {
    const electorate = this.#electorate(atSeconds);
    const resolution = resolve(path, electorate);
    if (resolution.kind === "open") return;
    if (resolution.kind === "step") return this.#step(resolution.camp);
    const doubts = path.doubts.splice(0);
    const smallest = Math.min(...doubts.map(({ residualSeconds }) => Math.abs(residualSeconds)));
    const since = doubts[0]!.sample.atSeconds;
    this.#window.find(path.source)?.restartFrom(since);
    path.changeRoute(since, Math.min(...doubts.map(({ sample }) => sample.delaySeconds)), smallest ** 2);
    for (const { sample } of doubts) this.#take(path, sample);
  }

  #step(camp: readonly ServerPath[]): void {
    const samples = camp.flatMap((path) => path.doubts.map(({ sample }) => sample))
      .sort((a, b) => a.atSeconds - b.atSeconds);
    this.#regimeChanges++;
    this.#window.restartFrom(samples[0]!.atSeconds);
    this.#beginRegime();
    for (const sample of samples) {
      const path = camp.find(({ source }) => source === sample.source);
      if (path !== undefined) this.#take(path, sample);
    }
  }

  /** Offsets from before no longer count; the frequency stays as a prior. */
  #beginRegime(): void {
    const now = this.#estimate;
    if (now !== null) {
      this.#prior = { frequency: now.frequency, variance: now.frequencyVariance + REGIME_FREQUENCY_SD ** 2 };
    }
    this.#bank.forgetOffset(REGIME_FREQUENCY_SD ** 2);
    this.#log.clear();
    for (const path of this.#paths) path.doubts.length = 0;
  }

  #select(atSeconds: number): void {
    const intervals = serverIntervals(this.#window, atSeconds, this.#estimate?.frequency ?? this.#prior.frequency);
    this.#selection = selectTruechimers(intervals);
    const out = new Set(
      this.#selection.majority ? this.#selection.falsetickers.map(({ source }) => source) : [],
    );
    for (const { source } of intervals) {
      const path = this.#paths.find((path) => path.source === source);
      if (path !== undefined) path.isOutvoted = out.has(source);
    }
  }

  /** Excludes a server that the others' biases rule out, and lets in again who came back. */
  #judgeBiases(): void {
    const biasOf = (path: ServerPath): PathBias => ({
      biasSeconds: this.#bank.bias(this.#paths.indexOf(path)),
      priorVariance: path.biasVariance,
    });
    const active = this.#paths.filter((path) => !path.isExcluded);
    const biases = active.map(biasOf);
    const worst = inconsistentServer(biases);
    if (worst !== null) {
      active[worst]!.isInconsistent = true;
      this.#replay();
      return;
    }
    for (const path of this.#paths) {
      if (path.isInconsistent && (biases.length < 2 || distanceInSigmas(biasOf(path), biases) < RETURN_SIGMAS)) {
        path.isInconsistent = false;
      }
    }
  }

  #summarise(atSeconds: number): void {
    if (!this.#bank.isAnchored) return;
    const estimate = this.#bank.estimate();
    const doubt = openDoubt(this.#electorate(atSeconds));
    this.#estimate = { ...estimate, offsetVariance: estimate.offsetVariance + doubt ** 2 };
  }

  // DEBUG
  debug() { return this.#paths.map((p,i)=>({s:p.source,out:p.isOutvoted,inc:p.isInconsistent,routes:p.routes.length,doubts:p.doubts.length,b:this.#bank.bias(i),k:this.#bank.slope(i),bsd:Math.sqrt(p.biasVariance),share:(p.noise as any).sh??0,j:p.noise.grainSeconds,fl:p.floorSeconds})); }
}
