/**
 * The public face of the read side: what time is it, how sure is that, and waiting for times.
 *
 * @module
 */
import { type CorrectedTime, correctedTimeOf, sigmaAt } from "../record/corrected_time.ts";
import { compareIntervals, type IntervalOrder, type TimeInterval } from "../record/interval.ts";
import { type RecordStatus, statusOf } from "../record/observation.ts";
import { correctionSeconds } from "../record/record.ts";
import {
  addNs,
  compareUnixTime,
  differenceSeconds,
  type TimeLike,
  toSeconds,
  toUnixTime,
  type UnixTime,
} from "../record/unix_time.ts";
import { ChronoTickError } from "../record/errors.ts";
import type { AttachOptions } from "./attachment.ts";
import { RecordReader } from "./reader.ts";
import { pause, sleepPrecisely } from "./wait.ts";

/** Options of a {@linkcode ChronoTickClient}. */
export type ClientOptions = AttachOptions;

/** How to wait for the daemon. */
export interface WaitUntilReadyOptions {
  /** Give up after this long, ms. Default 30 000. */
  readonly timeoutMs?: number;
  /** Ends the wait with its reason. */
  readonly signal?: AbortSignal;
}

/** How to wait for an instant. */
export interface WaitUntilOptions {
  /** How late the wake-up may be, ms. Below 3 ms the last stretch blocks the event loop. Default 0.5. */
  readonly toleranceMs?: number;
  /** Ends the wait with its reason. */
  readonly signal?: AbortSignal;
}

const DEFAULT_READY_TIMEOUT_MS = 30_000;
const READY_POLL_MS = 20;
const DEFAULT_TOLERANCE_MS = 0.5;
/** Timers are late by a millisecond or two: they get us this near, a kernel sleep does the rest. */
const TIMER_MARGIN_MS = 3;
/** A correction may change while one sleeps: look again at least this often. */
const MAX_TIMER_SLEEP_MS = 1000;
/** While the target is further off than this, a daemon that is away for a moment does no harm. */
const FORGIVING_MS = 2 * MAX_TIMER_SLEEP_MS;

/**
 * Tells the corrected time of this machine with its uncertainty, from the record that a ChronoTick daemon publishes.
 *
 * It attaches at the first question and again when a new daemon has taken over. Every question that cannot be
 * answered honestly throws a `ChronoTickError` that says what to do.
 *
 * @example Time with bounds
 * ```ts ignore
 * using client = new ChronoTickClient();
 * const { earliest, latest } = client.now(); // the truth lies between the two
 * ```
 */
export class ChronoTickClient implements Disposable {
  readonly #reader: RecordReader;

  /** Opens nothing yet: the first question attaches. */
  constructor(options: ClientOptions = {}) {
    this.#reader = new RecordReader(options);
  }

  /**
   * The corrected time now, with its calibrated and its hard uncertainty.
   *
   * @throws {ChronoTickError} there is no valid time
   */
  getTime(): CorrectedTime {
    return correctedTimeOf(this.#reader.observeValid());
  }

  /**
   * The corrected time that it will be when the system clock has run on for `seconds`, if nothing is measured until
   * then: both uncertainties are as grown as they will be. The hard bound grows by 50 ppm, the tolerance of oscillators.
   *
   * @throws {RangeError} `seconds` is negative or not finite
   * @throws {ChronoTickError} there is no valid time
   */
  getTimeIn(seconds: number): CorrectedTime {
    if (!(seconds >= 0 && seconds < Infinity)) {
      throw new RangeError(`Cannot look ${seconds} s ahead: give a finite number of seconds, 0 or more.`);
    }
    const { record, system, ageSeconds, state } = this.#reader.observeValid();
    const then = addNs(system, Math.round(seconds * 1e9));
    return correctedTimeOf({ record, system: then, ageSeconds: ageSeconds + seconds, state });
  }

  /**
   * TrueTime's question: between which two instants is it now?
   *
   * @throws {ChronoTickError} there is no valid time with a hard bound
   */
  now(): TimeInterval {
    const interval = { earliest: { seconds: 0, nanoseconds: 0 }, latest: { seconds: 0, nanoseconds: 0 } };
    this.#reader.nowInto(interval);
    return interval;
  }

  /**
   * As {@linkcode now}, into an object of yours: allocates nothing.
   *
   * @throws {ChronoTickError} there is no valid time with a hard bound
   */
  nowInto(interval: TimeInterval): void {
    this.#reader.nowInto(interval);
  }

  /** Whether `time` has certainly passed: true only when it is earlier than the earliest that it can be now. */
  after(time: TimeLike): boolean {
    return compareUnixTime(toUnixTime(time), this.now().earliest) < 0;
  }

  /** Whether `time` has certainly not come yet: true only when it is later than the latest that it can be now. */
  before(time: TimeLike): boolean {
    return compareUnixTime(toUnixTime(time), this.now().latest) > 0;
  }

  /** Whether interval `a` certainly lies before `b`, certainly after, or cannot be told (`concurrent`). */
  compare(a: TimeInterval, b: TimeInterval): IntervalOrder {
    return compareIntervals(a, b);
  }

  /**
   * Corrects a stamp of the system clock, such as a log's, with the current record: best near the present.
   *
   * @throws {ChronoTickError} there is no valid time
   */
  correctedTimeAt(systemTime: TimeLike): UnixTime {
    const { record } = this.#reader.observeValid();
    const system = toUnixTime(systemTime);
    const correction = correctionSeconds(record, toSeconds(system) - record.predictionTime);
    return addNs(system, Math.round(correction * 1e9));
  }

  /**
   * What the system clock reads, by the current record, when the corrected time is `correctedTime`: the inverse of
   * {@linkcode correctedTimeAt}, to act at an agreed instant by a timer of the system.
   *
   * @throws {ChronoTickError} there is no valid time
   */
  systemTimeAt(correctedTime: TimeLike): UnixTime {
    const { record, system } = this.#reader.observeValid();
    const target = toUnixTime(correctedTime);
    const correction = correctionSeconds(record, toSeconds(system) - record.predictionTime);
    const correctedNow = addNs(system, Math.round(correction * 1e9));
    // corrected − correctedNow = (system − systemNow) · (1 + drift)
    const aheadSeconds = differenceSeconds(target, correctedNow);
    const driftSeconds = aheadSeconds * record.driftRate / (1 + record.driftRate);
    return addNs(target, -Math.round((correction + driftSeconds) * 1e9));
  }

  /**
   * One sigma, s, of {@linkcode correctedTimeAt} for the same stamp: it grows with the distance from the prediction.
   *
   * @throws {ChronoTickError} there is no valid time
   */
  uncertaintyAt(systemTime: TimeLike): number {
    const { record } = this.#reader.observeValid();
    return sigmaAt(record, toSeconds(toUnixTime(systemTime)) - record.predictionTime);
  }

  /**
   * One sigma, s, that the corrected time will have `seconds` from now, if nothing is measured until then.
   *
   * @throws {RangeError} `seconds` is negative or not finite
   * @throws {ChronoTickError} there is no valid time
   */
  futureUncertainty(seconds: number): number {
    return this.getTimeIn(seconds).uncertaintySeconds;
  }

  /**
   * All fields of the record, valid or not, with its age and state.
   *
   * @throws {ChronoTickError} there is no record, or it is not one that may be believed
   */
  read(): RecordStatus {
    return statusOf(this.#reader.observe());
  }

  /** Whether a daemon publishes a valid time now. */
  isDaemonReady(): boolean {
    try {
      return this.#reader.observe().state === "valid";
    } catch (error) {
      if (error instanceof ChronoTickError) return false;
      throw error;
    }
  }

  /**
   * Waits until a daemon publishes a valid time.
   *
   * @throws {ChronoTickError} none did within `timeoutMs`: the error that the last attempt met
   */
  async waitUntilReady(options: WaitUntilReadyOptions = {}): Promise<void> {
    const deadline = performance.now() + (options.timeoutMs ?? DEFAULT_READY_TIMEOUT_MS);
    while (true) {
      options.signal?.throwIfAborted();
      try {
        this.#reader.observeValid();
        return;
      } catch (error) {
        const remainingMs = deadline - performance.now();
        if (!(error instanceof ChronoTickError && remainingMs > 0)) throw error;
        await pause(Math.min(READY_POLL_MS, remainingMs), options.signal);
      }
    }
  }

  /**
   * Sleeps until the corrected time reaches `target`, and says what time it then is. A target in the past returns at
   * once.
   *
   * @throws {ChronoTickError} there was no valid time when it was needed
   */
  waitUntil(target: TimeLike, options: WaitUntilOptions = {}): Promise<CorrectedTime> {
    const instant = toUnixTime(target);
    return this.#wait(options, ({ time }) => differenceSeconds(instant, time));
  }

  /**
   * Commit wait: returns only when `time` has certainly passed, that is when {@linkcode after} holds.
   *
   * @throws {ChronoTickError} there was no valid time when it was needed
   */
  waitUntilAfter(time: TimeLike, options: WaitUntilOptions = {}): Promise<CorrectedTime> {
    const instant = addNs(toUnixTime(time), 1);
    // Without a hard bound now() says so, and throws.
    return this.#wait(
      options,
      ({ interval }) => differenceSeconds(instant, (interval ?? this.now()).earliest),
    );
  }

  /** Detaches. Every later question throws. */
  close(): void {
    this.#reader[Symbol.dispose]();
  }

  /** As {@linkcode close}. */
  [Symbol.dispose](): void {
    this.close();
  }

  /** Sleeps in ever shorter steps until a time of which `remainingSeconds` is not positive: that is the answer. */
  async #wait(
    options: WaitUntilOptions,
    remainingSeconds: (time: CorrectedTime) => number,
  ): Promise<CorrectedTime> {
    const toleranceMs = options.toleranceMs ?? DEFAULT_TOLERANCE_MS;
    let lastRemainingMs = 0;
    let askedAtMs = performance.now();
    while (true) {
      options.signal?.throwIfAborted();
      let remainingMs: number;
      try {
        const time = this.getTime();
        remainingMs = remainingSeconds(time) * 1000;
        if (remainingMs <= 0) return time;
      } catch (error) {
        remainingMs = lastRemainingMs - (performance.now() - askedAtMs);
        if (!(error instanceof ChronoTickError) || remainingMs < FORGIVING_MS) throw error;
      }
      lastRemainingMs = remainingMs;
      askedAtMs = performance.now();
      await sleepTowards(remainingMs, toleranceMs, options.signal);
    }
  }
}

/** One step of a wait: by timer while there is time, by the kernel's precise sleep for the last stretch. */
async function sleepTowards(
  remainingMs: number,
  toleranceMs: number,
  signal: AbortSignal | undefined,
): Promise<void> {
  if (remainingMs > TIMER_MARGIN_MS) {
    await pause(Math.min(remainingMs - TIMER_MARGIN_MS, MAX_TIMER_SLEEP_MS), signal);
  } else if (toleranceMs < TIMER_MARGIN_MS) {
    sleepPrecisely(remainingMs);
  } else {
    await pause(remainingMs, signal);
  }
}
