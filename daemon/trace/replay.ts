/**
 * A trace run through the pipeline that the daemon runs. Pure: lines in, answers out.
 *
 * @module
 */
import type { KernelClock } from "../../ffi/clocks.ts";
import { FREQUENCY_TOLERANCE } from "../../record/interval.ts";
import { CorrectionSource, Flag } from "../../record/layout.ts";
import { createEstimator } from "../estimate/create_estimator.ts";
import { rawSecondsSince, type TimeBase, utcNsAt } from "../estimate/time_base.ts";
import type { Forecaster } from "../forecast/forecaster.ts";
import { Pipeline, type PipelineOptions } from "../pipeline.ts";
import { type Prediction, unknownPrediction } from "../publish/prediction.ts";
import { type Publication, realtimeNsAt } from "../publish/publication_watch.ts";
import type { Exchange } from "../sources/measurement.ts";
import { PHC_SOURCE_PREFIX } from "../sources/phc.ts";
import { exchangeFault } from "../sources/reply_check.ts";
import { RecordedForecaster, type Spoken } from "./recorded_forecaster.ts";
import { TraceLineError } from "./trace_fields.ts";
import type { StartLine, TraceLine } from "./trace_line.ts";

/** What is to be known besides the trace. */
export interface ReplaySettings {
  /** For traces that bring no options of their own. */
  readonly options: PipelineOptions;
  /** Use `options` for the others too: what if the daemon had been configured so? */
  readonly overridesTrace: boolean;
  /** Answer at each recorded publication too, of the instant of it: a daemon's own trace has no queries. */
  readonly answersPublications?: boolean;
  /** The models, for traces that do not say what they said; they answer at once. */
  readonly createForecaster?: () => Forecaster | null;
}

/** What readers would have been told. */
export interface Answer {
  /** When the question was asked, CLOCK_MONOTONIC_RAW. */
  readonly localRawNs: bigint;
  /** Of which instant the time was asked, CLOCK_MONOTONIC_RAW. */
  readonly forRawNs: bigint;
  /** 0 where nothing is known. */
  readonly utcNs: bigint;
  /** One sigma, s, grown to the instant asked for; infinite where nobody vouches for the time. */
  readonly sigmaSeconds: number;
  /** Hard half-width, s, grown to the instant asked for; infinite where nobody vouches for the time. */
  readonly maxErrorSeconds: number;
  /** Bits of `Flag`, warm-up percent included. */
  readonly flags: number;
  /** A number of `CorrectionSource`. */
  readonly source: number;
}

/** What has been replayed. */
export interface ReplayCounts {
  readonly exchanges: number;
  /** Questions without a usable answer. */
  readonly lost: number;
  readonly answers: number;
}

/** Predictions made and not yet published; a publisher takes the newest within a second. */
const MAX_UNPUBLISHED = 4096;

/** What a trace is taken to say of the kernel's clock before its first word about it. */
const UNKNOWN_KERNEL: KernelClock = {
  synchronized: false,
  maxErrorSeconds: Infinity,
  estimatedErrorSeconds: Infinity,
  frequency: 0,
  pendingLeap: 0,
  taiOffsetSeconds: 0,
};

/** One prediction as readers saw it; `publication` is null where nobody published. */
interface Served {
  readonly prediction: Prediction;
  readonly publication: Publication | null;
}

/** What a daemon recorded, as far as it has been replayed. */
interface Recording {
  readonly pipeline: Pipeline;
  readonly forecaster: RecordedForecaster;
  readonly unpublished: Map<number, Prediction>;
  served: Served;
}

/**
 * Replays one trace. Where a daemon recorded it, predictions are made and published exactly when the daemon did; in
 * any other trace a prediction is made at each exchange and at each query.
 */
export class Replay {
  readonly #settings: ReplaySettings;
  #pipeline: Pipeline | null = null;
  #kernel = UNKNOWN_KERNEL;
  /** Null: nobody published, each query gets a prediction of its own. */
  #recorded: Recording | null = null;
  #exchanges = 0;
  #lost = 0;
  #answers = 0;

  constructor(settings: ReplaySettings) {
    this.#settings = settings;
  }

  /** What has been replayed so far. */
  get counts(): ReplayCounts {
    return { exchanges: this.#exchanges, lost: this.#lost, answers: this.#answers };
  }

  /**
   * Takes the next line; answers a query, and a publication where that is wanted.
   *
   * @throws {TraceLineError} the line does not fit those before it
   */
  take(line: TraceLine): Answer | null {
    switch (line.type) {
      case "start":
        this.#start(line);
        break;
      case "options":
        if (!this.#settings.overridesTrace) this.#pipeline?.reconfigure(line.options);
        break;
      case "exchange":
        this.#add(line.exchange);
        break;
      case "lost":
        this.#lost++;
        break;
      case "kernel":
        this.#kernel = line.kernel;
        break;
      case "disruption":
        this.#pipeline?.disrupt(line.localRawNs, line.count, line.reason);
        break;
      case "predict":
        this.#predict(line.localRawNs, line.number, line.spoken);
        break;
      case "published":
        this.#publish(line.publication);
        return this.#settings.answersPublications ? this.#answer(line.localRawNs, line.localRawNs) : null;
      case "query":
        return this.#answer(line.localRawNs, line.forRawNs);
      case "temperature":
      case "clock":
        break;
    }
    return null;
  }

  #answer(localRawNs: bigint, forRawNs: bigint): Answer {
    this.#answers++;
    return answer(this.#servedAt(localRawNs), localRawNs, forRawNs);
  }

  #start({ base, options, prior }: StartLine): void {
    const ownOptions = this.#settings.overridesTrace ? this.#settings.options : options;
    const forecaster = new RecordedForecaster();
    const pipeline = new Pipeline(ownOptions, base, forecaster, createEstimator(prior));
    const prediction = unknownPrediction(base);
    this.#pipeline = pipeline;
    this.#kernel = UNKNOWN_KERNEL;
    this.#recorded = {
      pipeline,
      forecaster,
      unpublished: new Map([[1, prediction]]),
      served: { prediction, publication: null },
    };
  }

  #add(exchange: Exchange): void {
    if (!isOfUse(exchange)) {
      this.#lost++;
      return;
    }
    this.#exchanges++;
    const { t4RawNs: rawNs, t3UtcNs: utcNs } = exchange;
    this.#pipeline ??= this.#newPipeline({ rawNs, utcNs });
    this.#pipeline.add(exchange);
    // As the daemon does, for whatever a prediction leaves behind.
    if (this.#recorded === null) this.#pipeline.predict(rawNs, this.#kernel);
  }

  #newPipeline(base: TimeBase): Pipeline {
    const { options, createForecaster } = this.#settings;
    return new Pipeline(options, base, createForecaster?.() ?? null);
  }

  #predict(rawNs: bigint, number: number, spoken: Spoken): void {
    const { pipeline, forecaster, unpublished } = this.#recording("predict");
    if (unpublished.size >= MAX_UNPUBLISHED) {
      throw new TraceLineError(`more than ${MAX_UNPUBLISHED} predictions were made and none published`);
    }
    forecaster.spoken = spoken;
    unpublished.set(number, pipeline.predict(rawNs, this.#kernel));
  }

  #publish(publication: Publication): void {
    const recording = this.#recording("published");
    const prediction = recording.unpublished.get(publication.number);
    if (prediction === undefined) {
      throw new TraceLineError(`it publishes prediction ${publication.number}, which was not made before`);
    }
    recording.served = { prediction, publication };
    // The publisher may tell of the same one again, but never goes back.
    for (const number of recording.unpublished.keys()) {
      if (number < publication.number) recording.unpublished.delete(number);
    }
  }

  #recording(type: string): Recording {
    if (this.#recorded === null) throw new TraceLineError(`"${type}" comes before any "start"`);
    return this.#recorded;
  }

  #servedAt(rawNs: bigint): Served {
    if (this.#recorded !== null) return this.#recorded.served;
    const prediction = this.#pipeline?.predict(rawNs, this.#kernel) ??
      unknownPrediction({ rawNs, utcNs: 0n });
    return { prediction, publication: null };
  }
}

/** By the rules by which the daemon itself takes replies; at stratum 0 there are only hardware clocks. */
function isOfUse(exchange: Exchange): boolean {
  const isServer = !exchange.source.startsWith(PHC_SOURCE_PREFIX);
  return exchangeFault(exchange) === null && !(isServer && exchange.stratum === 0);
}

function answer(served: Served, localRawNs: bigint, forRawNs: bigint): Answer {
  const { publication } = served;
  const isOvertaken = served.prediction.disruptionsSeen < (publication?.disruptions ?? 0);
  const prediction = isOvertaken ? disrupted(served.prediction) : served.prediction;
  const ageSeconds = rawSecondsSince(prediction.base, localRawNs) - prediction.atSeconds;
  const distanceSeconds = rawSecondsSince(prediction.base, forRawNs) - prediction.atSeconds;
  const utcNs = utcAt(served, forRawNs, distanceSeconds);
  const hasBound = utcNs !== null && prediction.maxErrorSeconds < Infinity;
  return {
    localRawNs,
    forRawNs,
    utcNs: utcNs ?? 0n,
    sigmaSeconds: hasBound ? sigmaAt(prediction, Math.abs(distanceSeconds)) : Infinity,
    maxErrorSeconds: hasBound
      ? prediction.maxErrorSeconds + (publication?.allowanceSeconds ?? 0) +
        FREQUENCY_TOLERANCE * Math.abs(distanceSeconds)
      : Infinity,
    flags: ageSeconds > prediction.horizonSeconds ? prediction.flags & ~Flag.VALID : prediction.flags,
    source: prediction.source,
  };
}

/** What the publisher makes of a prediction that has not digested the newest disruption. */
function disrupted(prediction: Prediction): Prediction {
  const flags = prediction.flags & ~Flag.VALID | Flag.DISRUPTED;
  return { ...prediction, flags, maxErrorSeconds: Infinity, source: CorrectionSource.NO_DATA };
}

/** Null where the prediction is that CLOCK_REALTIME is right, and the trace does not say what it read. */
function utcAt(
  { prediction, publication }: Served,
  forRawNs: bigint,
  distanceSeconds: number,
): bigint | null {
  if (prediction.scale === "realtime") {
    return publication === null ? null : realtimeNsAt(publication, forRawNs);
  }
  const { base, offsetSeconds, frequency } = prediction;
  return utcNsAt(base, forRawNs, offsetSeconds + frequency * distanceSeconds);
}

/**
 * The record's formula; beyond the horizon, for which the pair of uncertainties is made, the drift term is stretched
 * with √(distance/horizon), which dominates random-walk frequency noise (∝ h³ in variance) for every longer time.
 */
function sigmaAt(prediction: Prediction, distanceSeconds: number): number {
  const { offsetUncertaintySeconds, driftUncertainty, horizonSeconds } = prediction;
  const stretch = Math.sqrt(Math.max(1, distanceSeconds / horizonSeconds));
  return Math.hypot(offsetUncertaintySeconds, driftUncertainty * distanceSeconds * stretch);
}
