/**
 * The way of a prediction from the main thread to the publisher's: shared memory under the record's own seqlock, so
 * that neither side ever waits for the other.
 *
 * @module
 */
import { blockOf, memoryOrderOf, publishBlock, readBlock } from "../../record/seqlock.ts";
import type { Prediction } from "./prediction.ts";

const SEQUENCE_WORD = 0;
/** The sequence word and its padding, then every field in eight bytes. */
const FIRST_FIELD_OFFSET = 8;
const ATTEMPTS = 16;

const FIELDS = [
  "atSeconds",
  "offsetSeconds",
  "frequency",
  "offsetUncertaintySeconds",
  "driftUncertainty",
  "maxErrorSeconds",
  "horizonSeconds",
  "confidence",
  "flags",
  "source",
  "measurementCount",
  "lastSyncUtcSeconds",
  "disruptionsSeen",
] as const satisfies readonly (keyof Prediction)[];

const OFFSET = {
  baseRawNs: FIRST_FIELD_OFFSET,
  baseUtcNs: FIRST_FIELD_OFFSET + 8,
  totalPredictions: FIRST_FIELD_OFFSET + 16,
  isRawScale: FIRST_FIELD_OFFSET + 24,
  fields: FIRST_FIELD_OFFSET + 32,
} as const;

const CHANNEL_BYTES = OFFSET.fields + 8 * FIELDS.length;

/** Memory for a channel, to be handed to both threads. */
export function createChannelBuffer(): SharedArrayBuffer {
  return new SharedArrayBuffer(CHANNEL_BYTES);
}

/** The main thread's end. */
export class PredictionSender {
  readonly #shared: Int32Array;
  readonly #payload = blockOf(new ArrayBuffer(CHANNEL_BYTES), CHANNEL_BYTES);
  readonly #view = new DataView(this.#payload.words.buffer);
  #totalPredictions = 0;

  /** `buffer` is one of {@linkcode createChannelBuffer}. */
  constructor(buffer: SharedArrayBuffer) {
    this.#shared = blockOf(buffer, CHANNEL_BYTES).words;
  }

  /** Replaces the prediction that the publisher works from. */
  send(prediction: Prediction): void {
    this.#totalPredictions++;
    this.#view.setBigInt64(OFFSET.baseRawNs, prediction.base.rawNs, true);
    this.#view.setBigInt64(OFFSET.baseUtcNs, prediction.base.utcNs, true);
    this.#view.setFloat64(OFFSET.totalPredictions, this.#totalPredictions, true);
    this.#view.setFloat64(OFFSET.isRawScale, prediction.scale === "raw" ? 1 : 0, true);
    FIELDS.forEach((field, i) => this.#view.setFloat64(OFFSET.fields + 8 * i, prediction[field], true));
    publishBlock(this.#shared, this.#payload.words, SEQUENCE_WORD);
  }
}

/** A prediction as received, with how many were ever sent. */
export interface ReceivedPrediction extends Prediction {
  readonly totalPredictions: number;
}

/** The publisher's end. */
export class PredictionReceiver {
  readonly #shared;
  readonly #copy = blockOf(new ArrayBuffer(CHANNEL_BYTES), CHANNEL_BYTES);
  readonly #view = new DataView(this.#copy.words.buffer);
  #latest: ReceivedPrediction | null = null;
  #sequence = 0;

  /** `buffer` is one of {@linkcode createChannelBuffer}. */
  constructor(buffer: SharedArrayBuffer) {
    this.#shared = blockOf(buffer, CHANNEL_BYTES);
  }

  /** The newest prediction; the one before it while a new one is being written; null before the first. */
  latest(): ReceivedPrediction | null {
    if (Atomics.load(this.#shared.words, SEQUENCE_WORD) === this.#sequence) return this.#latest;
    if (readBlock(this.#shared, this.#copy, memoryOrderOf(Deno.build.arch), ATTEMPTS, SEQUENCE_WORD)) {
      this.#sequence = this.#copy.words[SEQUENCE_WORD]!;
      this.#latest = this.#decode();
    }
    return this.#latest;
  }

  #decode(): ReceivedPrediction {
    const numbers = Object.fromEntries(
      FIELDS.map((field, i) => [field, this.#view.getFloat64(OFFSET.fields + 8 * i, true)]),
    ) as Record<(typeof FIELDS)[number], number>;
    return {
      ...numbers,
      scale: this.#view.getFloat64(OFFSET.isRawScale, true) === 1 ? "raw" : "realtime",
      base: {
        rawNs: this.#view.getBigInt64(OFFSET.baseRawNs, true),
        utcNs: this.#view.getBigInt64(OFFSET.baseUtcNs, true),
      },
      totalPredictions: this.#view.getFloat64(OFFSET.totalPredictions, true),
    };
  }
}
