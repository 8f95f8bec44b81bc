/**
 * What a running daemon holds that must be given back: its segment and thread, its PTP clock, its models.
 *
 * @module
 */
import { readClockPair } from "../ffi/clocks.ts";
import { type Config, segmentOf } from "./config.ts";
import { ModelHost } from "./forecast/model_host.ts";
import type { Logger } from "./log.ts";
import { type Prediction, unknownPrediction } from "./publish/prediction.ts";
import type { PublicationReport } from "./publish/publication_watch.ts";
import { Publisher } from "./publish/publisher.ts";
import { Phc } from "./sources/phc.ts";

/** Hears of what is published from the very first on. */
export interface PublicationListener {
  /** `first` will be published now; there are so many sources besides the configured servers. */
  begin(first: Prediction, otherSources: number): void;
  /** See {@linkcode Publisher.start}. */
  published(report: PublicationReport): void;
}

/** Opened in one go, or not at all. */
export class Equipment implements AsyncDisposable {
  readonly publisher: Publisher;
  /** Null where there is none. */
  readonly phc: Phc | null;
  /** Null where none is enabled. */
  readonly models: ModelHost | null;
  /** What is published until the first estimate. */
  readonly first: Prediction;

  private constructor(publisher: Publisher, phc: Phc | null, models: ModelHost | null, first: Prediction) {
    this.publisher = publisher;
    this.phc = phc;
    this.models = models;
    this.first = first;
  }

  /**
   * Takes the segment and publishes into it that nothing is known.
   *
   * @param isTraced see {@linkcode Publisher.start}
   * @throws {SegmentTakenError} another daemon publishes under this name
   * @throws {LibcError} the configured PHC cannot be read
   * @throws {ModelError} a model that the user chose cannot be used
   */
  static async open(
    config: Config,
    log: Logger,
    listener: PublicationListener | null,
    isTraced: boolean,
  ): Promise<Equipment> {
    using stack = new DisposableStack();
    const models = await ModelHost.start(config.models);
    if (models !== null) stack.use(models);
    const phc = openPhc(config, log);
    if (phc !== null) stack.use(phc);
    const { rawNs, realtimeNs } = readClockPair();
    const first = unknownPrediction({ rawNs, utcNs: realtimeNs });
    listener?.begin(first, countOf(phc));
    const publisher = await Publisher.start(
      segmentOf(config),
      config.daemon.updateFrequencyHz,
      first,
      listener && ((report) => listener.published(report)),
      isTraced,
    );
    stack.move();
    return new Equipment(publisher, phc, models, first);
  }

  /** How many sources there are besides the configured servers. */
  get otherSources(): number {
    return countOf(this.phc);
  }

  /** Withdraws and removes the record, ends the threads. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.publisher[Symbol.asyncDispose]();
    this.phc?.[Symbol.dispose]();
    this.models?.[Symbol.dispose]();
  }
}

function countOf(phc: Phc | null): number {
  return phc === null ? 0 : 1;
}

/** The configured device, else the first that can be read; a machine without one is the ordinary case. */
function openPhc(config: Config, log: Logger): Phc | null {
  const { device, taiOffsetSeconds } = config.phc;
  const phc = device === null ? Phc.openFirst(taiOffsetSeconds) : Phc.open(device, taiOffsetSeconds);
  if (phc !== null) log.info("phc", `Measuring against the PTP hardware clock ${phc.device}.`);
  return phc;
}
