/**
 * The daemon at work: sources feed the pipeline, the pipeline's predictions go to the publisher.
 *
 * @module
 */
import { Clock, nowNs, readClockPair, readKernelClock } from "../ffi/clocks.ts";
import { pinProcess } from "../ffi/affinity.ts";
import { Flag } from "../record/layout.ts";
import type { Config } from "./config.ts";
import type { Logger } from "./log.ts";
import { Pipeline, type PipelineOptions } from "./pipeline.ts";
import { type Prediction, unknownPrediction } from "./publish/prediction.ts";
import { Publisher, type PublisherStatistics } from "./publish/publisher.ts";
import { addressScope } from "./sources/address_scope.ts";
import { PUBLIC_FLOOR_SECONDS } from "./sources/poll_schedule.ts";
import type { Exchange } from "./sources/measurement.ts";
import { Phc } from "./sources/phc.ts";
import { type NameStatus, type PoolSettings, ServerPool } from "./sources/server_pool.ts";

/** What can be said of a running service. */
export interface ServiceStatus {
  readonly prediction: Prediction;
  readonly names: readonly NameStatus[];
  readonly publisher: PublisherStatistics;
}

/** A PHC costs a few microseconds to read: often enough that it never is what one waits for. */
const PHC_INTERVAL_MS = 1000;
/** Polls without any answer until the last measurement counts as held over. */
const HOLDOVER_POLLS = 4;

/** Runs from `start` until it is disposed. */
export class TimeService implements AsyncDisposable {
  readonly #log: Logger;
  readonly #publisher: Publisher;
  readonly #pipeline: Pipeline;
  readonly #pool: ServerPool;
  readonly #phc: Phc | null;
  readonly #timers: ReturnType<typeof setInterval>[] = [];
  readonly #startedRawNs = nowNs(Clock.MONOTONIC_RAW);
  #config: Config;
  #firstExchangeRawNs: bigint | null = null;
  #prediction: Prediction;
  #isClosing = false;

  private constructor(config: Config, log: Logger, publisher: Publisher, phc: Phc | null, first: Prediction) {
    this.#config = config;
    this.#log = log;
    this.#publisher = publisher;
    this.#prediction = first;
    this.#phc = phc;
    this.#pipeline = new Pipeline(pipelineOptions(config, phc !== null), first.base);
    this.#pool = new ServerPool({
      ...this.#poolSettings(),
      onExchange: (exchange) => this.#take(exchange),
      onLost: (source, reason) => log.warning("ntp", `Lost ${source}: ${reason}.`),
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
   */
  static async start(config: Config, log: Logger): Promise<TimeService> {
    const phc = openPhc(config, log);
    const pair = readClockPair();
    const first = unknownPrediction(
      { rawNs: pair.rawNs, utcNs: pair.realtimeNs },
      Flag.SYSTEM_CLOCK | Flag.UNSYNCHRONIZED,
    );
    const publisher = await Publisher.start(config.sharedMemory.name, config.daemon.updateFrequencyHz, first);
    const service = new TimeService(config, log, publisher, phc, first);
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
    };
  }

  /** Takes a new configuration; what needs a restart is left as it is. */
  reconfigure(config: Config): void {
    this.#config = config;
    this.#pipeline.reconfigure(pipelineOptions(config, this.#phc !== null));
    this.#pool.reconfigure(this.#poolSettings());
    this.#publisher.setFrequency(config.daemon.updateFrequencyHz);
    this.#pin();
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
  }

  #run(): void {
    this.#pin();
    for (const path of unusedModels(this.#config)) {
      this.#log.warning(
        "models",
        `Going on without ${path}: this version runs no models, the estimator serves alone.`,
      );
    }
    this.#timers.push(
      setInterval(() => this.#predict(), 1000 * this.#config.models.shortTerm.intervalSeconds),
    );
    if (this.#phc !== null) this.#timers.push(setInterval(() => this.#measurePhc(), PHC_INTERVAL_MS));
    this.#predict();
    void this.#followDisruptions();
  }

  #pin(): void {
    const { cpuAffinity } = this.#config.daemon;
    if (cpuAffinity.length > 0) pinProcess(cpuAffinity);
  }

  #take(exchange: Exchange): void {
    this.#pipeline.add(exchange);
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

  #predict(): void {
    if (this.#isClosing) return;
    this.#prediction = this.#pipeline.predict(nowNs(Clock.MONOTONIC_RAW), readKernelClock());
    this.#publisher.publish(this.#prediction);
  }

  async #followDisruptions(): Promise<void> {
    for (let seen = 0; !this.#isClosing; seen = this.#publisher.disruptions) {
      await this.#publisher.disruptionAfter(seen);
      if (this.#isClosing) return;
      this.#log.warning("clock", "The machine was suspended: measuring anew.");
      this.#pipeline.disrupt(nowNs(Clock.MONOTONIC_RAW), this.#publisher.disruptions);
      this.#predict();
      this.#pool.burst();
    }
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

function pipelineOptions(config: Config, hasPhc: boolean): PipelineOptions {
  const { ntp, models } = config;
  const mayBePublic = ntp.servers.some(({ host }) => addressScope(host) !== "private");
  const slowestPoll = Math.max(ntp.intervalSeconds, mayBePublic ? PUBLIC_FLOOR_SECONDS : 0);
  return {
    warmupSeconds: ntp.warmup.durationSeconds,
    holdoverAfterSeconds: HOLDOVER_POLLS * slowestPoll + ntp.timeoutSeconds,
    horizonSeconds: models.longTerm.horizonSeconds,
    maxUncertaintySeconds: ntp.maxUncertaintyMs / 1000,
    hasSources: ntp.servers.length > 0 || hasPhc,
    lacksModels: unusedModels(config).length > 0,
  };
}

/** Models that the configuration names; this version runs none, and says so rather than seem to use them. */
function unusedModels(config: Config): string[] {
  const { enabled, shortTerm, longTerm } = config.models;
  return [shortTerm, longTerm].flatMap((model) =>
    enabled && model.enabled && model.path !== null ? [model.path] : []
  );
}

/** The configured device, else the first that can be read; a machine without one is the ordinary case. */
function openPhc(config: Config, log: Logger): Phc | null {
  const { device, taiOffsetSeconds } = config.phc;
  const phc = device === null ? Phc.openFirst(taiOffsetSeconds) : Phc.open(device, taiOffsetSeconds);
  if (phc !== null) log.info("phc", `Measuring against the PTP hardware clock ${phc.device}.`);
  return phc;
}
