/**
 * The way of a measurement, without sockets and clocks: exchanges go in, predictions come out. A daemon, a replay and
 * a simulator drive this same code.
 *
 * @module
 */
import type { KernelClock } from "../ffi/clocks.ts";
import { CorrectionSource, Flag, withWarmupPercent } from "../record/layout.ts";
import { type DisruptionCounts, type DisruptionReason, endsEstimate } from "./disruption.ts";
import { clampInto, halfWidthAbout, type HardBound, hardBound } from "./estimate/bound.ts";
import { createEstimator } from "./estimate/create_estimator.ts";
import type { Estimate, EstimatorPrior, SelectingEstimator } from "./estimate/estimator.ts";
import { confidence, publicationSigma } from "./estimate/publication_sigma.ts";
import { type Sample, toSample } from "./estimate/sample.ts";
import { rawSecondsSince, type TimeBase, utcNsAt } from "./estimate/time_base.ts";
import { scaledEstimate } from "./forecast/calibration.ts";
import type { Forecast, Forecaster } from "./forecast/forecaster.ts";
import type { RetrospectiveMethod } from "./forecast/retrospective.ts";
import { type Honesty, SelfCheck } from "./forecast/self_check.ts";
import { LeapWatch } from "./leap_watch.ts";
import type { Prediction } from "./publish/prediction.ts";
import type { Exchange } from "./sources/measurement.ts";
import { isSettled, quorumOf } from "./quorum.ts";
import { type Opinion, Recovery } from "./recovery.ts";
import { PHC_SOURCE_PREFIX } from "./sources/phc.ts";
import { type SystemClockQuality, systemClockQuality } from "./sources/system_clock.ts";
import { Warmup } from "./warmup.ts";

/** What the pipeline needs of the configuration. */
export interface PipelineOptions {
  readonly warmupSeconds: number;
  /** Without an exchange for this long the last one is held over. */
  readonly holdoverAfterSeconds: number;
  /** How long a prediction may be served. */
  readonly horizonSeconds: number;
  /** The error that `confidence` speaks of. */
  readonly maxUncertaintySeconds: number;
  /** How many sources better than the system clock are configured. */
  readonly sources: number;
  /** For how long the first answers wait for a majority of the sources, which alone can outvote a liar among them. */
  readonly settleSeconds: number;
  /** How past predictions are judged anew, `replay` unless given; stays what it was at first. */
  readonly retrospective?: RetrospectiveMethod;
}

/** What the models left, within the bound. */
interface Center {
  readonly offsetSeconds: number;
  readonly offsetUncertaintySeconds: number;
  readonly source: CorrectionSource;
}

/** Estimates, bounds and predicts. The time is an argument everywhere. */
export class Pipeline {
  #options: PipelineOptions;
  readonly #forecaster: Forecaster | null;
  readonly #estimator: SelectingEstimator;
  readonly #leap = new LeapWatch();
  #warmup: Warmup;
  #base: TimeBase;
  #measurementCount = 0;
  #lastExchange: Exchange | null = null;
  #disruptionsSeen = 0;
  readonly #recovery = new Recovery();
  readonly #selfCheck: SelfCheck;

  /** `base` is any recent pair of raw time and roughly UTC. */
  constructor(
    options: PipelineOptions,
    base: TimeBase,
    forecaster: Forecaster | null = null,
    estimator: SelectingEstimator = createEstimator(),
  ) {
    this.#options = options;
    this.#base = base;
    this.#forecaster = forecaster;
    this.#estimator = estimator;
    this.#warmup = new Warmup(options.warmupSeconds);
    this.#selfCheck = new SelfCheck(options.retrospective ?? "replay");
  }

  /** Exchanges accepted. */
  get measurementCount(): number {
    return this.#measurementCount;
  }

  /** The estimator, for those who tell of it. */
  get estimator(): SelectingEstimator {
    return this.#estimator;
  }

  /** How the published intervals have held so far, and how much wider they are made for it. */
  get honesty(): Honesty {
    return this.#selfCheck.honesty;
  }

  /** Disruptions so far, by reason. */
  get disruptions(): DisruptionCounts {
    return this.#recovery.counts;
  }

  /** What a later run on this oscillator may begin with; null while nothing is known. */
  stateAt(rawNs: bigint): EstimatorPrior | null {
    const estimate = this.#estimator.estimateAt(rawSecondsSince(this.#base, rawNs));
    if (estimate === null) return null;
    const floors = [...this.#estimator.window.servers].flatMap(({ source }) => {
      const belief = this.#estimator.pathBelief(source);
      return belief === null ? [] : [[source, belief.floorSeconds] as const];
    });
    const { frequency, frequencyVariance } = estimate;
    return { frequency, frequencyVariance, floorsSeconds: Object.fromEntries(floors) };
  }

  /** Takes new options; the warm-up under way goes on with its old length. */
  reconfigure(options: PipelineOptions): void {
    this.#options = options;
  }

  /**
   * Takes one completed exchange in; one that began before a disruption says nothing of the time after it. Returns
   * whether all servers are to be asked at once: this one shows a step, or what may become one.
   */
  add(exchange: Exchange): boolean {
    if (!this.#recovery.concerns(exchange)) return false;
    this.#leap.observe(exchange);
    const opinion = this.#learn(toSample(exchange, this.#base));
    this.#forecaster?.follow(this.#estimator);
    this.#measurementCount++;
    this.#lastExchange = exchange;
    this.#warmup.begin(rawSecondsSince(this.#base, exchange.t4RawNs));
    return this.#recovery.hear(exchange, opinion, quorumOf(this.#options.sources));
  }

  #learn(sample: Sample): Opinion {
    const regimes = this.#estimator.regimeChanges;
    this.#selfCheck.judge(sample, this.#estimator, () => this.#estimator.add(sample));
    if (this.#estimator.regimeChanges !== regimes) return "shown a step";
    const isDoubted = (this.#estimator.window.find(sample.source)?.doubted.length ?? 0) > 0;
    return isDoubted ? "doubted" : "trusted";
  }

  /** Something happened to the machine before `rawNs`; `count` times so far. */
  disrupt(rawNs: bigint, count: number, reason: DisruptionReason): void {
    this.#disruptionsSeen = count;
    // Where there is no source of our own, whoever disciplines the kernel's clock judges it anew.
    if (this.#options.sources === 0) return;
    this.#recovery.begin(rawNs, reason);
    if (!endsEstimate(reason)) return;
    this.#estimator.disrupt(rawSecondsSince(this.#base, rawNs));
    this.#forecaster?.follow(this.#estimator);
    this.#selfCheck.forget();
  }

  /** What to publish from `rawNs` on, on the highest rung that holds. */
  predict(rawNs: bigint, kernel: KernelClock): Prediction {
    const atSeconds = rawSecondsSince(this.#base, rawNs);
    const system = systemClockQuality(kernel);
    this.#recovery.settle(rawNs, this.#options.settleSeconds);
    this.#forecaster?.attend(this.#estimator, atSeconds);
    const measured = this.#measured(rawNs, atSeconds);
    if (measured === null) return this.#systemClock(atSeconds, system);
    const isBeaten = (measured.flags & Flag.HOLDOVER) !== 0 &&
      system.maxErrorSeconds < measured.maxErrorSeconds;
    return isBeaten ? this.#systemClock(atSeconds, system) : measured;
  }

  #measured(rawNs: bigint, atSeconds: number): Prediction | null {
    const estimate = this.#estimator.estimateAt(atSeconds);
    if (estimate === null) return null;
    const bound = hardBound(this.#estimator.window, atSeconds, estimate.frequency);
    if (bound === null) return null;
    const forecast = this.#forecastFor(estimate);
    const { horizonSeconds } = this.#options;
    const sigma = publicationSigma(scaledEstimate(estimate, this.#selfCheck.scale), horizonSeconds);
    const center = this.#center(estimate, forecast, sigma.offsetUncertaintySeconds, bound);
    const utcSeconds = Number(utcNsAt(this.#base, rawNs, center.offsetSeconds)) / 1e9;
    const heard = [...this.#estimator.window.servers].length;
    const isReliable = isSettled(this.#options, atSeconds, heard) && !this.#recovery.isUnderWay;
    if (isReliable) this.#selfCheck.promise(center.offsetSeconds, estimate);
    return {
      ...this.#common(atSeconds),
      scale: "raw",
      offsetSeconds: center.offsetSeconds,
      frequency: estimate.frequency,
      offsetUncertaintySeconds: center.offsetUncertaintySeconds,
      driftUncertainty: sigma.driftUncertainty,
      maxErrorSeconds: this.#recovery.voidsBound
        ? Infinity
        : halfWidthAbout(bound, center.offsetSeconds) + this.#leap.allowanceSeconds(utcSeconds),
      confidence: isReliable
        ? confidence(center.offsetUncertaintySeconds, this.#options.maxUncertaintySeconds)
        : 0,
      flags: this.#flags(atSeconds) | this.#sourceFlags(atSeconds) | (isReliable ? Flag.VALID : 0) |
        (this.#recovery.isUnderWay ? Flag.DISRUPTED : 0) |
        (bound.agreed ? 0 : Flag.DEGRADED),
      source: center.source,
    };
  }

  /**
   * A forecast moves the centre by one sigma of what can be observed at most, and widens what is published only where it
   * finds the observable error larger than all of it; the hard bound holds whatever any model says.
   */
  #center(estimate: Estimate, forecast: Forecast | null, sigmaSeconds: number, bound: HardBound): Center {
    const limitSeconds = Math.sqrt(estimate.offsetVariance);
    const moved = estimate.offsetSeconds + (forecast === null ? 0 : heldWithin(forecast, limitSeconds));
    const claimedSeconds = Math.max(sigmaSeconds, forecast?.sigmaSeconds ?? 0);
    const offsetSeconds = clampInto(bound, moved);
    // While the servers contradict each other, or just after a step, the truth may lie anywhere in what they say.
    const isOpen = !bound.agreed || this.#recovery.isUnderWay;
    const quarrel = isOpen ? (bound.highSeconds - bound.lowSeconds) / Math.sqrt(12) : 0;
    return {
      offsetSeconds,
      // What the bound had to pull back is uncertain at least by as much.
      offsetUncertaintySeconds: Math.hypot(claimedSeconds, offsetSeconds - moved, quarrel),
      source: forecast?.source ?? CorrectionSource.NTP,
    };
  }

  /** A model that answers NaN has answered nothing. */
  #forecastFor(estimate: Estimate): Forecast | null {
    const forecast = this.#forecaster?.forecast(estimate) ?? null;
    return forecast === null || Number.isNaN(forecast.offsetSeconds) ? null : forecast;
  }

  #systemClock(atSeconds: number, system: SystemClockQuality): Prediction {
    const valid = system.isTrustworthy && !this.#recovery.isUnderWay;
    return {
      ...this.#common(atSeconds),
      scale: "realtime",
      offsetSeconds: 0,
      frequency: 0,
      offsetUncertaintySeconds: system.sigmaSeconds,
      driftUncertainty: KERNEL_DRIFT,
      maxErrorSeconds: valid ? system.maxErrorSeconds : Infinity,
      confidence: valid ? confidence(system.sigmaSeconds, this.#options.maxUncertaintySeconds) : 0,
      flags: this.#flags(atSeconds) | Flag.SYSTEM_CLOCK | (valid ? Flag.VALID : Flag.UNSYNCHRONIZED) |
        (this.#options.sources > 0 ? Flag.DEGRADED : 0) | (this.#recovery.isUnderWay ? Flag.DISRUPTED : 0),
      source: CorrectionSource.NO_DATA,
    };
  }

  #common(atSeconds: number) {
    return {
      base: this.#base,
      atSeconds,
      horizonSeconds: this.#options.horizonSeconds,
      measurementCount: this.#measurementCount,
      lastSyncUtcSeconds: this.#lastExchange === null ? 0 : Number(this.#lastExchange.t3UtcNs) / 1e9,
      disruptionsSeen: this.#disruptionsSeen,
    };
  }

  #flags(atSeconds: number): number {
    const percent = this.#options.sources > 0 ? this.#warmup.percentAt(atSeconds) : 100;
    const health = this.#forecaster?.health ?? "waiting";
    const flags = (this.#measurementCount > 0 ? Flag.NTP_READY : 0) |
      (percent >= 100 ? Flag.WARMUP_COMPLETE : 0) |
      (this.#leap.isPending ? Flag.LEAP_PENDING : 0) |
      (health === "ready" ? Flag.MODELS_READY : 0) |
      (health === "failing" ? Flag.DEGRADED : 0);
    return withWarmupPercent(flags, percent);
  }

  /** HOLDOVER once the sources are silent; PHC when one is among those that tell the truth. */
  #sourceFlags(atSeconds: number): number {
    const last = this.#lastExchange === null
      ? -Infinity
      : rawSecondsSince(this.#base, this.#lastExchange.t4RawNs);
    if (atSeconds - last > this.#options.holdoverAfterSeconds) return Flag.HOLDOVER | Flag.DEGRADED;
    const survivors = this.#estimator.selection?.survivors ?? [];
    return survivors.some((source) => source.startsWith(PHC_SOURCE_PREFIX)) ? Flag.PHC : 0;
  }
}

/** The kernel refreshes its error itself; between two predictions it may drift like this, s/s. */
const KERNEL_DRIFT = 15e-6;

function heldWithin(forecast: Forecast, limitSeconds: number): number {
  return Math.max(-limitSeconds, Math.min(limitSeconds, forecast.offsetSeconds));
}
