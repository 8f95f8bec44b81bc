/**
 * The publisher's thread: sleeps until the next period, reads the clocks, composes the record and publishes it. It
 * never waits for anybody; estimating and inference happen elsewhere.
 *
 * @module
 */
/// <reference lib="deno.worker" />
import { Clock, nowNs, setTimerSlack, sleepUntil } from "../../ffi/clocks.ts";
import { borrowMapping } from "../../ffi/shared_memory.ts";
import { boottimeNamespaceOffsetNs } from "../../ffi/time_namespace.ts";
import { RECORD_BYTES } from "../../record/layout.ts";
import { emptyRecord, encodeRecord } from "../../record/record.ts";
import { blockOf, publishBlock } from "../../record/seqlock.ts";
import { PredictionReceiver, type ReceivedPrediction } from "./prediction_channel.ts";
import { allowanceSeconds, composeRecord, withdrawValidity } from "./publication.ts";
import { type PublicationReport, PublicationWatch } from "./publication_watch.ts";
import { PublisherShared } from "./publisher_shared.ts";
import { type ClockReadings, SteeringWatch } from "./steering.ts";

/** What the main thread sends to start the worker. */
export interface PublisherOrder {
  readonly segmentAddress: bigint;
  readonly channel: SharedArrayBuffer;
  readonly shared: SharedArrayBuffer;
  readonly startedMonotonicNs: bigint;
  /** Whether to tell of publications. */
  readonly tellsPublications: boolean;
  /** Whether to let the thread's event loop turn once a second: see {@linkcode Publisher.start}. */
  readonly isTraced: boolean;
}

/** What the worker answers: that it published for the first time, what it published, and that it stopped. */
export type PublisherReport = "publishing" | "stopped" | PublicationReport;

const NS_PER_SECOND = 1_000_000_000;
const FINEST_SLACK_NS = 1;
/** Clocks read within this are one instant, ns; a preemption in between makes another attempt worth while. */
const SIMULTANEOUS_NS = 2_000;
const READING_ATTEMPTS = 4;

self.onmessage = async ({ data }: MessageEvent<PublisherOrder>) => {
  setTimerSlack(FINEST_SLACK_NS);
  const loop = new PublisherLoop(data);
  loop.publish();
  report("publishing");
  await loop.run();
  report("stopped");
  self.close();
};

function report(what: PublisherReport): void {
  self.postMessage(what);
}

class PublisherLoop {
  /** Null where nobody wants to be told. */
  readonly #publicationWatch: PublicationWatch | null;
  readonly #segment: Int32Array;
  readonly #payload = blockOf(new ArrayBuffer(RECORD_BYTES));
  readonly #view = new DataView(this.#payload.words.buffer);
  readonly #record = emptyRecord();
  readonly #predictions: PredictionReceiver;
  readonly #shared: PublisherShared;
  readonly #steering = new SteeringWatch();
  readonly #startedMonotonicNs: bigint;
  readonly #isTraced: boolean;

  constructor(order: PublisherOrder) {
    // SAFETY: the main thread unmaps the segment only after we reported "stopped" or were terminated.
    this.#segment = blockOf(borrowMapping(order.segmentAddress, RECORD_BYTES)).words;
    this.#predictions = new PredictionReceiver(order.channel);
    this.#shared = new PublisherShared(order.shared);
    this.#startedMonotonicNs = order.startedMonotonicNs;
    this.#isTraced = order.isTraced;
    this.#publicationWatch = order.tellsPublications ? new PublicationWatch() : null;
  }

  /** Publishes once a period until told to stop, then withdraws the record. */
  async run(): Promise<void> {
    let dueNs = nowNs(Clock.MONOTONIC);
    let publications = 0;
    while (!this.#shared.stopRequested) {
      const periodNs = BigInt(Math.round(NS_PER_SECOND / this.#shared.frequencyHz));
      dueNs += periodNs;
      sleepUntil(dueNs);
      const beganNs = nowNs(Clock.MONOTONIC);
      this.publish();
      this.#shared.lateness.record(Number(beganNs - dueNs) / NS_PER_SECOND);
      this.#shared.writeTime.record(Number(nowNs(Clock.MONOTONIC) - beganNs) / NS_PER_SECOND);
      const missed = (beganNs - dueNs) / periodNs;
      if (missed > 0n) {
        this.#shared.addMissedPeriods(Number(missed));
        dueNs += missed * periodNs;
      }
      if (this.#isTraced && ++publications % this.#shared.frequencyHz === 0) await eventLoopTurn();
    }
    withdrawValidity(this.#record);
    this.#write();
  }

  publish(): void {
    const prediction = this.#predictions.latest();
    if (prediction === null) throw new Error("Cannot publish: the main thread sent no first prediction.");
    const clocks = readClocks();
    this.#watch(clocks);
    this.#compose(prediction, clocks);
    this.#write();
    if (this.#publicationWatch !== null) this.#tell(this.#publicationWatch, prediction, clocks);
  }

  /** Tells of a publication that readers could not have foreseen, and from when on they see it. */
  #tell(watch: PublicationWatch, prediction: ReceivedPrediction, clocks: ClockReadings): void {
    const { rawNs, realtimeNs, boottimeNs, spreadNs } = clocks;
    const publication = {
      number: prediction.totalPredictions,
      disruptions: this.#shared.disruptions,
      clocks: { rawNs, realtimeNs, boottimeNs },
      steeringRate: this.#steering.rate,
      allowanceSeconds: allowanceSeconds(this.#record, prediction),
    };
    const publishedRawNs = nowNs(Clock.MONOTONIC_RAW);
    if (watch.isNews(publication, spreadNs, prediction.scale === "realtime")) {
      report({ publishedRawNs, publication });
    }
  }

  #watch(clocks: ClockReadings): void {
    const { suspends, pauses } = this.#steering;
    this.#steering.observe(clocks);
    if (this.#steering.suspends !== suspends) this.#shared.noteDisruption("suspend");
    if (this.#steering.pauses !== pauses) this.#shared.noteDisruption("pause");
    this.#shared.realtimeSteps = this.#steering.steps;
  }

  #compose(prediction: ReceivedPrediction, clocks: ClockReadings): void {
    composeRecord(this.#record, prediction, clocks, {
      steeringRate: this.#steering.rate,
      periodSeconds: 1 / this.#shared.frequencyHz,
      disruptions: this.#shared.disruptions,
      namespaceOffsetNs: boottimeNamespaceOffsetNs(),
      writerPid: Deno.pid,
      uptimeSeconds: Number(clocks.monotonicNs - this.#startedMonotonicNs) / NS_PER_SECOND,
      averageLatencyMs: this.#shared.writeTime.meanSeconds * 1000,
    });
  }

  #write(): void {
    encodeRecord(this.#record, this.#view);
    publishBlock(this.#segment, this.#payload.words);
  }
}

function eventLoopTurn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}

/** The four clocks between two readings of the raw one, which say how near to one instant they are. */
function readClocks(): ClockReadings {
  let best: ClockReadings | undefined;
  for (let attempt = 0; attempt < READING_ATTEMPTS; attempt++) {
    const before = nowNs(Clock.MONOTONIC_RAW);
    const realtimeNs = nowNs(Clock.REALTIME);
    const boottimeNs = nowNs(Clock.BOOTTIME);
    const monotonicNs = nowNs(Clock.MONOTONIC);
    const after = nowNs(Clock.MONOTONIC_RAW);
    const spreadNs = Number(after - before);
    if (best === undefined || spreadNs < best.spreadNs) {
      best = { realtimeNs, boottimeNs, monotonicNs, rawNs: before + (after - before) / 2n, spreadNs };
    }
    if (spreadNs < SIMULTANEOUS_NS) break;
  }
  return best!;
}
