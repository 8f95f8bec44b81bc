/**
 * The daemon at work: sources feed the pipeline, the pipeline's predictions go to the publisher.
 *
 * @module
 */
import { Clock, nowNs, readClockPair, readKernelClock } from "../ffi/clocks.ts";
import { pinProcess } from "../ffi/affinity.ts";
import type { Config } from "./config.ts";
import { type DisruptionCounts, type DisruptionReason, disruptionText } from "./disruption.ts";
import { ModelHost } from "./forecast/model_host.ts";
import type { ModelReport } from "./forecast/model_slot.ts";
import type { Honesty } from "./forecast/self_check.ts";
import { honestyText } from "./honesty_text.ts";
import type { Logger } from "./log.ts";
import { createEstimator } from "./estimate/create_estimator.ts";
import type { EstimatorPrior, EstimatorState } from "./estimate/estimator.ts";
import { Pipeline } from "./pipeline.ts";
import { pipelineOptions } from "./pipeline_options.ts";
import { SelectionLog } from "./selection_log.ts";
import { type Prediction, unknownPrediction } from "./publish/prediction.ts";
import { Publisher, type PublisherStatistics } from "./publish/publisher.ts";
import { DisruptionWatch } from "./sources/disruption_watch.ts";
import type { Exchange } from "./sources/measurement.ts";
import { Phc } from "./sources/phc.ts";
import { type NameStatus, type PoolSettings, ServerPool } from "./sources/server_pool.ts";
import type { TraceRecorder } from "./trace/trace_recorder.ts";

/** What can be said of a running service. */
export interface ServiceStatus {
  readonly prediction: Prediction;
  readonly names: readonly NameStatus[];
  readonly publisher: PublisherStatistics;
  readonly honesty: Honesty;
  readonly disruptions: DisruptionCounts;
}

/** What a service may be given besides its configuration. */
export interface ServiceParts {
  /** Hears of everything that a replay needs. */
  readonly recorder?: TraceRecorder | null;
  /** What an earlier run knew of this oscillator. */
  readonly prior?: EstimatorPrior | null;
}

/** What a service owns, and what it begins with. */
interface Beginning {
  readonly publisher: Publisher;
  readonly phc: Phc | null;
  readonly models: ModelHost | null;
  readonly first: Prediction;
  readonly recorder: TraceRecorder | null;
  readonly prior: EstimatorPrior | null;
}

/** A PHC costs a few microseconds to read: often enough that it never is what one waits for. */
const PHC_INTERVAL_MS = 1000;
/** The log says how well the intervals have held, ms. */
const HONESTY_INTERVAL_MS = 600_000;
/** The pipeline predicts at least as often as this, and at each measurement. */
const MAX_PREDICTION_INTERVAL_SECONDS = 1;

/** Runs from `start` until it is disposed. */
export class TimeService implements AsyncDisposable {
  readonly #log: Logger;
  readonly #publisher: Publisher;
  readonly #pipeline: Pipeline;
  readonly #pool: ServerPool;
  readonly #phc: Phc | null;
  readonly #models: ModelHost | null;
  readonly #recorder: TraceRecorder | null;
  readonly #timers: ReturnType<typeof setInterval>[] = [];
  readonly #startedRawNs = nowNs(Clock.MONOTONIC_RAW);
  readonly #selectionLog: SelectionLog;
  readonly #machine = new DisruptionWatch();
  #realtimeSteps = 0;
  #config: Config;
  #firstExchangeRawNs: bigint | null = null;
  #prediction: Prediction;
  #isClosing = false;

  private constructor(config: Config, log: Logger, beginning: Beginning) {
    const { publisher, phc, models, first, recorder, prior } = beginning;
    this.#config = config;
    this.#log = log;
    this.#selectionLog = new SelectionLog(log);
    this.#publisher = publisher;
    this.#prediction = first;
    this.#phc = phc;
    this.#models = models;
    this.#recorder = recorder;
    const options = pipelineOptions(config, phc === null ? 0 : 1);
    const forecaster = models?.createForecaster(modelReport(log)) ?? null;
    const heard = recorder === null ? forecaster : recorder.overhear(forecaster);
    this.#pipeline = new Pipeline(options, first.base, heard, createEstimator(prior));
    this.#pool = new ServerPool({
      ...this.#poolSettings(),
      onExchange: (exchange) => this.#take(exchange),
      onLost: (source, reason) => log.warning("ntp", `Lost ${source}: ${reason}.`),
      onUnanswered: (source, askedAtRawNs) => recorder?.lost(source, askedAtRawNs),
      log: {
        once: (key, message) => log.once(key, "WARNING", "ntp", message),
        info: (message) => log.info("ntp", message),
      },
    });
  }

  /**
   * Takes the segment, starts publishing and measuring.
   *
   * @throws {SegmentTakenError} another daemon publishes under this name
   * @throws {LibcError} the configured PHC cannot be read
   * @throws {RangeError} this process may not use the configured processors
   * @throws {ModelError} a model that the user chose cannot be used
   */
  static async start(config: Config, log: Logger, parts: ServiceParts = {}): Promise<TimeService> {
    pinAsConfigured(config); // the threads of the publisher and of the models inherit it
    const models = await ModelHost.start(config.models);
    try {
      return await TimeService.#begin(config, log, parts, models);
    } catch (error) {
      models?.[Symbol.dispose]();
      throw error;
    }
  }

  static async #begin(
    config: Config,
    log: Logger,
    { recorder = null, prior = null }: ServiceParts,
    models: ModelHost | null,
  ): Promise<TimeService> {
    const phc = openPhc(config, log);
    const pair = readClockPair();
    const first = unknownPrediction({ rawNs: pair.rawNs, utcNs: pair.realtimeNs });
    recorder?.start(first.base, pipelineOptions(config, phc === null ? 0 : 1), prior);
    const publisher = await Publisher.start(
      config.sharedMemory.name,
      config.daemon.updateFrequencyHz,
      first,
      recorder && ((report) => recorder.published(report)),
    );
    const service = new TimeService(config, log, { publisher, phc, models, first, recorder, prior });
    service.#run();
    return service;
  }

  /** Rejects when the publisher fails; never resolves. */
  get failure(): Promise<never> {
    return this.#publisher.failure;
  }

  /** How things stand. */
  status(): ServiceStatus {
    return {
      prediction: this.#prediction,
      names: this.#pool.status(),
      publisher: this.#publisher.statistics(),
      honesty: this.#pipeline.honesty,
      disruptions: this.#pipeline.disruptions,
    };
  }

  /** What the next run may begin with; null while nothing is known. */
  estimatorState(): EstimatorState | null {
    return this.#pipeline.stateAt(nowNs(Clock.MONOTONIC_RAW));
  }

  /**
   * Takes a new configuration; what needs a restart is left as it is.
   *
   * @throws {RangeError} this process may not use the configured processors; then nothing has changed
   */
  reconfigure(config: Config): void {
    pinAsConfigured(config);
    this.#config = config;
    const options = pipelineOptions(config, this.#phc === null ? 0 : 1);
    this.#recorder?.options(options);
    this.#pipeline.reconfigure(options);
    this.#pool.reconfigure(this.#poolSettings());
    this.#publisher.setFrequency(config.daemon.updateFrequencyHz);
  }

  /** Stops measuring, withdraws and removes the record. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#isClosing) return;
    this.#isClosing = true;
    for (const timer of this.#timers) clearInterval(timer);
    // Readers first: the record goes before exchanges under way come to their end.
    await this.#publisher[Symbol.asyncDispose]();
    await this.#pool.close();
    this.#phc?.[Symbol.dispose]();
    this.#models?.[Symbol.dispose]();
  }

  #run(): void {
    const intervalSeconds = Math.min(
      MAX_PREDICTION_INTERVAL_SECONDS,
      this.#config.models.shortTerm.intervalSeconds,
    );
    this.#timers.push(setInterval(() => this.#tick(), 1000 * intervalSeconds));
    this.#timers.push(
      setInterval(() => this.#log.info("honesty", honestyText(this.#pipeline.honesty)), HONESTY_INTERVAL_MS),
    );
    if (this.#phc !== null) this.#timers.push(setInterval(() => this.#measurePhc(), PHC_INTERVAL_MS));
    this.#predict();
    void this.#followDisruptions();
  }

  #take(exchange: Exchange): void {
    this.#lookAtMachine(); // what happened before the answer came is to be known before it is judged
    this.#recorder?.exchange(exchange);
    const { clock_step: steps } = this.#pipeline.disruptions;
    if (this.#pipeline.add(exchange)) this.#pool.burst();
    if (this.#pipeline.disruptions.clock_step > steps) {
      this.#log.warning("clock", disruptionText("clock_step"));
    }
    this.#selectionLog.tell(this.#pipeline.estimator.selection);
    this.#predict();
    if (this.#firstExchangeRawNs !== null) return;
    this.#firstExchangeRawNs = exchange.t4RawNs;
    this.#log.info("ntp", `First answer, from ${exchange.source}.`);
    // The warm-up counts from here, however long the network took.
    this.#pool.reconfigure(this.#poolSettings());
  }

  #measurePhc(): void {
    this.#take(this.#phc!.measure());
  }

  #tick(): void {
    this.#lookAtMachine();
    this.#predict();
  }

  #lookAtMachine(): void {
    const reason = this.#machine.look();
    if (reason !== null) this.#disrupt(reason);
    // A step changes nothing that is measured. But whoever restores a machine sets its clock, so it may be a trace of that.
    const steps = this.#publisher.realtimeSteps;
    if (steps !== this.#realtimeSteps) this.#pool.burst();
    this.#realtimeSteps = steps;
  }

  #predict(): void {
    if (this.#isClosing) return;
    const rawNs = nowNs(Clock.MONOTONIC_RAW);
    const kernel = readKernelClock();
    this.#prediction = this.#pipeline.predict(rawNs, kernel);
    this.#recorder?.prediction(rawNs, kernel);
    this.#publisher.publish(this.#prediction);
  }

  async #followDisruptions(): Promise<void> {
    let pauses = 0;
    for (let seen = 0; !this.#isClosing; seen = this.#publisher.disruptions) {
      await this.#publisher.disruptionAfter(seen);
      if (this.#isClosing) return;
      const wasPaused = this.#publisher.pauses > pauses;
      pauses = this.#publisher.pauses;
      this.#disrupt(wasPaused ? "pause" : "suspend");
    }
  }

  #disrupt(reason: DisruptionReason): void {
    this.#log.warning("clock", disruptionText(reason));
    const rawNs = nowNs(Clock.MONOTONIC_RAW);
    const count = this.#publisher.disruptions;
    this.#recorder?.disruption(rawNs, count, reason);
    this.#pipeline.disrupt(rawNs, count, reason);
    this.#predict();
    this.#pool.burst();
  }

  #poolSettings(): PoolSettings {
    const { ntp } = this.#config;
    const warmupFromRawNs = this.#firstExchangeRawNs ?? this.#startedRawNs;
    return {
      servers: ntp.servers.map(({ text }) => text),
      timeoutMs: ntp.timeoutSeconds * 1000,
      schedule: {
        warmupUntilRawSeconds: Number(warmupFromRawNs) / 1e9 + ntp.warmup.durationSeconds,
        warmupIntervalSeconds: ntp.warmup.intervalSeconds,
        intervalSeconds: ntp.intervalSeconds,
      },
    };
  }
}

/** Says once that a model is in trouble, and when it is out of it. */
function modelReport(log: Logger): ModelReport {
  return (role, trouble) => {
    const name = role.replace("_", "-");
    if (trouble !== null) {
      log.once(role, "WARNING", "models", `Going on without the ${name} model: ${trouble}.`);
    } else {
      log.ended(role);
      log.info("models", `The ${name} model answers again.`);
    }
  };
}

function pinAsConfigured({ daemon: { cpuAffinity } }: Config): void {
  if (cpuAffinity.length > 0) pinProcess(cpuAffinity);
}

/** The configured device, else the first that can be read; a machine without one is the ordinary case. */
function openPhc(config: Config, log: Logger): Phc | null {
  const { device, taiOffsetSeconds } = config.phc;
  const phc = device === null ? Phc.openFirst(taiOffsetSeconds) : Phc.open(device, taiOffsetSeconds);
  if (phc !== null) log.info("phc", `Measuring against the PTP hardware clock ${phc.device}.`);
  return phc;
}
