/**
 * What the main thread and the publisher's worker share besides the prediction: commands one way, counts the other.
 *
 * @module
 */
import { HISTOGRAM_BYTES, TimingHistogram } from "./timing_histogram.ts";

/** Words of the control block. */
const Word = {
  STOP_REQUESTED: 0,
  FREQUENCY_HZ: 1,
  DISRUPTIONS: 2,
  REALTIME_STEPS: 3,
  MISSED_PERIODS: 4,
  PAUSES: 5,
} as const;

const CONTROL_BYTES = 64;

/** One block for both threads; each constructs its own view of the same memory. */
export class PublisherShared {
  readonly buffer: SharedArrayBuffer;
  readonly #words: Int32Array;
  /** How late each publication began. */
  readonly lateness: TimingHistogram;
  /** How long each publication took. */
  readonly writeTime: TimingHistogram;

  /** A new block, or a view of an existing one. */
  constructor(buffer: SharedArrayBuffer = new SharedArrayBuffer(CONTROL_BYTES + 2 * HISTOGRAM_BYTES)) {
    this.buffer = buffer;
    this.#words = new Int32Array(buffer, 0, CONTROL_BYTES / 4);
    this.lateness = new TimingHistogram(buffer, CONTROL_BYTES);
    this.writeTime = new TimingHistogram(buffer, CONTROL_BYTES + HISTOGRAM_BYTES);
  }

  /** Whether the worker shall withdraw the record and end. */
  get stopRequested(): boolean {
    return Atomics.load(this.#words, Word.STOP_REQUESTED) !== 0;
  }

  /** Tells the worker to withdraw the record and end. */
  requestStop(): void {
    Atomics.store(this.#words, Word.STOP_REQUESTED, 1);
  }

  /** Publications per second. */
  get frequencyHz(): number {
    return Atomics.load(this.#words, Word.FREQUENCY_HZ);
  }

  set frequencyHz(value: number) {
    Atomics.store(this.#words, Word.FREQUENCY_HZ, value);
  }

  /** Disruptions noticed so far; a prediction that has digested fewer is not served as valid. */
  get disruptions(): number {
    return Atomics.load(this.#words, Word.DISRUPTIONS);
  }

  /** How many of those were pauses; the others were suspends. */
  get pauses(): number {
    return Atomics.load(this.#words, Word.PAUSES);
  }

  /** Notes a disruption and wakes {@linkcode disruptionAfter}. */
  noteDisruption(kind: "suspend" | "pause"): void {
    if (kind === "pause") Atomics.add(this.#words, Word.PAUSES, 1);
    Atomics.add(this.#words, Word.DISRUPTIONS, 1);
    Atomics.notify(this.#words, Word.DISRUPTIONS);
  }

  /** Resolves when there have been more disruptions than `seen`. */
  async disruptionAfter(seen: number): Promise<void> {
    await Atomics.waitAsync(this.#words, Word.DISRUPTIONS, seen).value;
  }

  /** Steps of CLOCK_REALTIME by somebody else, followed within one publication. */
  get realtimeSteps(): number {
    return Atomics.load(this.#words, Word.REALTIME_STEPS);
  }

  set realtimeSteps(value: number) {
    Atomics.store(this.#words, Word.REALTIME_STEPS, value);
  }

  /** Publications left out because the one before was later than a whole period. */
  get missedPeriods(): number {
    return Atomics.load(this.#words, Word.MISSED_PERIODS);
  }

  /** Counts publications left out. */
  addMissedPeriods(count: number): void {
    Atomics.add(this.#words, Word.MISSED_PERIODS, count);
  }
}
