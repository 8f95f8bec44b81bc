/**
 * The main thread's side of publishing: owns the segment and the worker that writes it.
 *
 * @module
 */
import { startWorker } from "../../cli/part.ts";
import { Clock, nowNs } from "../../ffi/clocks.ts";
import { OwnedSegment } from "../../ffi/shared_memory.ts";
import { RECORD_BYTES } from "../../record/layout.ts";
import { RecordTap } from "./record_tap.ts";
import { createChannelBuffer, PredictionSender } from "./prediction_channel.ts";
import type { Prediction } from "./prediction.ts";
import { PublisherShared } from "./publisher_shared.ts";
import type { PublicationReport } from "./publication_watch.ts";
import type { PublisherOrder, PublisherReport } from "./publisher_worker.ts";
import type { TimingSummary } from "./timing_histogram.ts";

/** How publishing goes. */
export interface PublisherStatistics {
  /** How late publications begin. */
  readonly lateness: TimingSummary;
  /** How long publications take. */
  readonly writeTime: TimingSummary;
  /** Publications that began more than {@linkcode LATE_SECONDS} late. */
  readonly latePublications: number;
  /** Publications left out because the one before was later than a whole period. */
  readonly missedPeriods: number;
  /** Steps of CLOCK_REALTIME followed. */
  readonly realtimeSteps: number;
  /** Suspends noticed, and pauses that left the clocks in disagreement. */
  readonly disruptions: number;
}

/** A publication that begins later than this counts as late, s. */
export const LATE_SECONDS = 1e-3;
/** A stopping worker answers within one period, at most a second; then it is terminated. */
const STOP_TIMEOUT_MS = 2500;

/** Publishes the newest prediction at a constant frequency from a thread of its own. */
export class Publisher implements AsyncDisposable {
  /** What readers see; not to be asked after this publisher is disposed. */
  readonly record: RecordTap;
  readonly #segment: OwnedSegment;
  readonly #sender: PredictionSender;
  readonly #shared: PublisherShared;
  readonly #worker: Worker;
  readonly #stopped = Promise.withResolvers<void>();
  readonly #failed = Promise.withResolvers<never>();

  private constructor(
    segment: OwnedSegment,
    sender: PredictionSender,
    shared: PublisherShared,
    worker: Worker,
  ) {
    this.#segment = segment;
    // SAFETY: the segment stays mapped until #release, after which nobody may ask.
    this.record = new RecordTap(segment.buffer);
    this.#sender = sender;
    this.#shared = shared;
    this.#worker = worker;
    this.#failed.promise.catch(() => {}); // told to whoever asks for `failure`
  }

  /**
   * Takes the segment and begins to publish `first`; resolves after the first publication.
   *
   * @param onPublication told of every publication that could not be foreseen from the ones before, in their order
   * @param isTraced Deno's OpenTelemetry collects in every thread's event loop, and all of its metrics wait for one
   *   that never turns: then the publisher's turns once a second
   * @throws {SegmentTakenError} another daemon publishes under this name
   */
  static async start(
    shmName: string,
    frequencyHz: number,
    first: Prediction,
    onPublication: ((report: PublicationReport) => void) | null = null,
    isTraced = false,
  ): Promise<Publisher> {
    const segment = OwnedSegment.take(shmName, RECORD_BYTES);
    const channel = createChannelBuffer();
    const sender = new PredictionSender(channel);
    const shared = new PublisherShared();
    shared.frequencyHz = frequencyHz;
    sender.send(first);
    const worker = startWorker(new URL("./publisher_worker.ts", import.meta.url), "publisher");
    const publisher = new Publisher(segment, sender, shared, worker);
    try {
      await publisher.#begin({
        segmentAddress: segment.address,
        channel,
        shared: shared.buffer,
        startedMonotonicNs: nowNs(Clock.MONOTONIC),
        tellsPublications: onPublication !== null,
        isTraced,
      }, onPublication);
    } catch (error) {
      publisher.#release();
      throw error;
    }
    return publisher;
  }

  #begin(
    order: PublisherOrder,
    onPublication: ((report: PublicationReport) => void) | null,
  ): Promise<void> {
    const publishing = Promise.withResolvers<void>();
    this.#worker.onmessage = ({ data }: MessageEvent<PublisherReport>) => {
      if (data === "publishing") publishing.resolve();
      else if (data === "stopped") this.#stopped.resolve();
      else onPublication?.(data);
    };
    this.#worker.onerror = (event) => {
      event.preventDefault();
      const error = new Error(
        `Cannot go on publishing: the publisher's thread failed with "${event.message}".`,
      );
      publishing.reject(error);
      this.#failed.reject(error);
      this.#stopped.resolve();
    };
    this.#worker.postMessage(order);
    return publishing.promise;
  }

  /** Rejects if the worker fails; never resolves. */
  get failure(): Promise<never> {
    return this.#failed.promise;
  }

  /** Replaces the prediction that is published from now on. */
  publish(prediction: Prediction): void {
    this.#sender.send(prediction);
  }

  /** Changes the number of publications per second, 1 to 1000. */
  setFrequency(frequencyHz: number): void {
    this.#shared.frequencyHz = frequencyHz;
  }

  /** Disruptions noticed so far: what an up-to-date prediction has digested. */
  get disruptions(): number {
    return this.#shared.disruptions;
  }

  /** How many of those were pauses; the others were suspends. */
  get pauses(): number {
    return this.#shared.pauses;
  }

  /** Steps of CLOCK_REALTIME followed so far. */
  get realtimeSteps(): number {
    return this.#shared.realtimeSteps;
  }

  /** Resolves when there have been more disruptions than `seen`. */
  disruptionAfter(seen: number): Promise<void> {
    return this.#shared.disruptionAfter(seen);
  }

  /** How publishing goes. */
  statistics(): PublisherStatistics {
    return {
      lateness: this.#shared.lateness.summary(),
      writeTime: this.#shared.writeTime.summary(),
      latePublications: this.#shared.lateness.countAbove(LATE_SECONDS),
      missedPeriods: this.#shared.missedPeriods,
      realtimeSteps: this.#shared.realtimeSteps,
      disruptions: this.#shared.disruptions,
    };
  }

  /** Withdraws the record, removes its name, unmaps it. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#shared.requestStop();
    const timeout = setTimeout(() => this.#stopped.resolve(), STOP_TIMEOUT_MS);
    await this.#stopped.promise;
    clearTimeout(timeout);
    this.#release();
  }

  #release(): void {
    this.#worker.terminate();
    this.#segment.unlink();
    this.#segment[Symbol.dispose]();
  }
}
