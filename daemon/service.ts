/**
 * The daemon at work: sources feed the pipeline, the pipeline's predictions go to the publisher.
 *
 * @module
 */
import { Clock, nowNs, readKernelClock } from "../ffi/clocks.ts";
import { pinProcess } from "../ffi/affinity.ts";
import type { Observation } from "../record/observation.ts";
import { type Config, segmentOf } from "./config.ts";
import { type DisruptionReason, disruptionText } from "./disruption.ts";
import { Equipment } from "./equipment.ts";
import type { ModelForecaster } from "./forecast/model_forecaster.ts";
import { HealthLog } from "./health_log.ts";
import type { Logger } from "./log.ts";
import { MachineWatch } from "./machine_watch.ts";
import { modelReport } from "./model_log.ts";
import { createEstimator } from "./estimate/create_estimator.ts";
import type { EstimatorPrior } from "./estimate/estimator.ts";
import { rawSecondsSince } from "./estimate/time_base.ts";
import { Pipeline } from "./pipeline.ts";
import { pipelineOptions } from "./pipeline_options.ts";
import { poolSettings } from "./pool_settings.ts";
import { SelectionLog } from "./selection_log.ts";
import type { Prediction } from "./publish/prediction.ts";
import type { Publisher } from "./publish/publisher.ts";
import { type ModelsStatus, type ServiceStatus, SLOW_INFERENCE_SECONDS } from "./service_status.ts";
import type { Exchange } from "./sources/measurement.ts";
import { ServerPool } from "./sources/server_pool.ts";
import type { TraceRecorder } from "./trace/trace_recorder.ts";

/** Hears how questions to servers ended. */
export interface ExchangeListener {
  measured(exchange: Exchange): void;
  /** A question of `askedAtRawNs` brought no usable answer. */
  unanswered(source: string, askedAtRawNs: bigint): void;
}

/** What a service may be given besides its configuration. */
export interface ServiceParts {
  /** Hears of everything that a replay needs. */
  readonly recorder?: TraceRecorder | null;
  /** What an earlier run knew of this oscillator. */
  readonly prior?: EstimatorPrior | null;
  /** Told of every question; null unless OpenTelemetry is on. */
  readonly telemetry?: ExchangeListener | null;
}

/** A PHC costs a few microseconds to read: often enough that it never is what one waits for. */
const PHC_INTERVAL_MS = 1000;
/** The pipeline predicts at least as often as this, and at each measurement. */
const MAX_PREDICTION_INTERVAL_SECONDS = 1;

/** Runs from `start` until it is disposed. */
export class TimeService implements AsyncDisposable {
  readonly #log: Logger;
  readonly #equipment: Equipment;
  readonly #publisher: Publisher;
  readonly #pipeline: Pipeline;
  readonly #pool: ServerPool;
  readonly #recorder: TraceRecorder | null;
  readonly #telemetry: ExchangeListener | null;
  readonly #timers: ReturnType<typeof setInterval>[] = [];
  readonly #startedRawNs = nowNs(Clock.MONOTONIC_RAW);
  readonly #selectionLog: SelectionLog;
  readonly #machine: MachineWatch;
  readonly #healthLog: HealthLog;
  readonly #forecaster: ModelForecaster | null;
  #lastDisruption: DisruptionReason | null = null;
  #config: Config;
  #firstExchangeRawNs: bigint | null = null;
  #prediction: Prediction;
  #isClosing = false;

  private constructor(
    config: Config,
    log: Logger,
    equipment: Equipment,
    { recorder = null, prior = null, telemetry = null }: ServiceParts,
  ) {
    const { publisher, first, models, otherSources } = equipment;
    this.#config = config;
    this.#log = log;
    this.#selectionLog = new SelectionLog(log);
    this.#equipment = equipment;
    this.#publisher = publisher;
    this.#prediction = first;
    this.#recorder = recorder;
    this.#telemetry = telemetry;
    const options = pipelineOptions(config, otherSources);
    this.#forecaster = models?.createForecaster(modelReport(log)) ?? null;
    const heard = recorder === null ? this.#forecaster : recorder.overhear(this.#forecaster);
    this.#pipeline = new Pipeline(options, first.base, heard, createEstimator(prior));
    this.#pool = new ServerPool({
      ...poolSettings(config, this.#startedRawNs),
      onExchange: (exchange) => this.#take(exchange),
      onLost: (source, reason) => log.warning("ntp", `Lost ${source}: ${reason}.`),
      onUnanswered: (source, askedAtRawNs) => {
        recorder?.lost(source, askedAtRawNs);
        telemetry?.unanswered(source, askedAtRawNs);
      },
      log: {
        once: (key, message) => log.once(key, "WARNING", "ntp", message),
        info: (message) => log.info("ntp", message),
      },
    });
    this.#machine = new MachineWatch(publisher, {
      onDisruption: (reason) => this.#disrupt(reason),
      // Whoever restores a machine sets its clock, so a step may be a trace of that.
      onRealtimeStep: () => this.#pool.burst(),
    });
    this.#healthLog = new HealthLog(this, log);
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
    const { recorder = null, prior = null, telemetry = null } = parts;
    const equipment = await Equipment.open(
      config,
      log,
      recorder && {
        begin: ({ base }, otherSources) => recorder.start(base, pipelineOptions(config, otherSources), prior),
        published: (report) => recorder.published(report),
      },
      telemetry !== null,
    );
    const service = new TimeService(config, log, equipment, parts);
    service.#run();
    return service;
  }

  /** Rejects when the publisher fails; never resolves. */
  get failure(): Promise<never> {
    return this.#publisher.failure;
  }

  /** What readers see now; null when none of many attempts found a whole publication. */
  observe(): Observation | null {
    return this.#publisher.record.observe();
  }

  /** How things stand. */
  status(): ServiceStatus {
    const rawNs = nowNs(Clock.MONOTONIC_RAW);
    return {
      shmName: segmentOf(this.#config),
      frequencyHz: this.#config.daemon.updateFrequencyHz,
      rawNs,
      uptimeSeconds: Number(rawNs - this.#startedRawNs) / 1e9,
      options: pipelineOptions(this.#config, this.#equipment.otherSources),
      prediction: this.#prediction,
      observation: this.observe(),
      tornReadRetries: this.#publisher.record.retries,
      estimator: this.#pipeline.estimator,
      names: this.#pool.status(),
      publisher: this.#publisher.statistics(),
      honesty: this.#pipeline.honesty,
      disruptions: this.#pipeline.disruptions,
      lastDisruption: this.#lastDisruption,
      models: this.#modelsStatus(rawNs),
    };
  }

  /** What the next run may begin with; null while nothing is known. */
  estimatorState(): EstimatorPrior | null {
    return this.#pipeline.stateAt(nowNs(Clock.MONOTONIC_RAW));
  }

  /**
   * Takes a new configuration; what needs a restart is left as it is.
   *
   * @throws {RangeError} this process may not use the configured processors; then nothing has changed
   */
  reconfigure(config: Config): void {
    pinAsConfigured(config);
    const { sharedMemory, models } = this.#config;
    this.#config = { ...config, sharedMemory, models };
    const options = pipelineOptions(this.#config, this.#equipment.otherSources);
    this.#recorder?.options(options);
    this.#pipeline.reconfigure(options);
    this.#pool.reconfigure(poolSettings(config, this.#firstExchangeRawNs ?? this.#startedRawNs));
    this.#publisher.setFrequency(config.daemon.updateFrequencyHz);
  }

  /** Stops measuring, withdraws and removes the record. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#isClosing) return;
    this.#isClosing = true;
    this.#machine.stop();
    this.#healthLog[Symbol.dispose]();
    for (const timer of this.#timers) clearInterval(timer);
    const exchangesEnded = this.#pool.close();
    // Readers first: the record goes before exchanges under way have come to their end.
    await this.#equipment[Symbol.asyncDispose]();
    await exchangesEnded;
  }

  #modelsStatus(rawNs: bigint): ModelsStatus | null {
    const { models } = this.#equipment;
    if (models === null || this.#forecaster === null) return null;
    return {
      standings: this.#forecaster.standings(rawSecondsSince(this.#prediction.base, rawNs)),
      inference: models.durations.summary(),
      slowInferences: models.durations.countAbove(SLOW_INFERENCE_SECONDS),
    };
  }

  #run(): void {
    const intervalSeconds = Math.min(
      MAX_PREDICTION_INTERVAL_SECONDS,
      this.#config.models.shortTerm.intervalSeconds,
    );
    this.#timers.push(setInterval(() => this.#tick(), 1000 * intervalSeconds));
    const { phc } = this.#equipment;
    if (phc !== null) this.#timers.push(setInterval(() => this.#take(phc.measure()), PHC_INTERVAL_MS));
    this.#predict();
    void this.#machine.run();
  }

  #take(exchange: Exchange): void {
    this.#machine.look(); // what happened before the answer came is to be known before it is judged
    this.#recorder?.exchange(exchange);
    this.#telemetry?.measured(exchange);
    const { clock_step: steps } = this.#pipeline.disruptions;
    if (this.#pipeline.add(exchange)) this.#pool.burst();
    if (this.#pipeline.disruptions.clock_step > steps) {
      this.#lastDisruption = "clock_step";
      this.#log.warning("clock", disruptionText("clock_step"));
    }
    this.#selectionLog.tell(this.#pipeline.estimator.selection);
    this.#predict();
    if (this.#firstExchangeRawNs !== null) return;
    this.#firstExchangeRawNs = exchange.t4RawNs;
    this.#log.info("ntp", `First answer, from ${exchange.source}.`);
    // The warm-up counts from here, however long the network took.
    this.#pool.reconfigure(poolSettings(this.#config, exchange.t4RawNs));
  }

  #tick(): void {
    this.#machine.look();
    this.#predict();
  }

  #predict(): void {
    if (this.#isClosing) return;
    const rawNs = nowNs(Clock.MONOTONIC_RAW);
    const kernel = readKernelClock();
    this.#prediction = this.#pipeline.predict(rawNs, kernel);
    this.#recorder?.prediction(rawNs, kernel);
    this.#publisher.publish(this.#prediction);
  }

  #disrupt(reason: DisruptionReason): void {
    this.#lastDisruption = reason;
    this.#log.warning("clock", disruptionText(reason));
    const rawNs = nowNs(Clock.MONOTONIC_RAW);
    const count = this.#publisher.disruptions;
    this.#recorder?.disruption(rawNs, count, reason);
    this.#pipeline.disrupt(rawNs, count, reason);
    this.#predict();
    this.#pool.burst();
  }
}

function pinAsConfigured({ daemon: { cpuAffinity } }: Config): void {
  if (cpuAffinity.length > 0) pinProcess(cpuAffinity);
}
