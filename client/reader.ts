/**
 * The read side of the record: one sequence check, one clock read and a little arithmetic per question.
 *
 * @module
 */
import { Clock, nowNs, sleepUntil, Timespec } from "../ffi/clocks.ts";
import { libc } from "../ffi/libc.ts";
import { boottimeNamespaceOffsetNs } from "../ffi/time_namespace.ts";
import {
  type ChronoTickError,
  DisruptedError,
  HostileRecordError,
  NoDaemonError,
  NotSynchronizedError,
  StaleRecordError,
} from "../record/errors.ts";
import { FREQUENCY_TOLERANCE, type TimeInterval } from "../record/interval.ts";
import { Flag, RECORD_BYTES, SEQUENCE_WORD, warmupPercent } from "../record/layout.ts";
import { MAX_AGE_SECONDS, MAX_LEAD_SECONDS, type Observation, stateOf } from "../record/observation.ts";
import {
  checkRecord,
  type ChronoTickData,
  correctionSeconds,
  decodeRecord,
  emptyRecord,
} from "../record/record.ts";
import { blockOf } from "../record/seqlock.ts";
import { addNs, fromNs, type UnixTime } from "../record/unix_time.ts";
import { Attachment, type AttachOptions, segmentOf } from "./attachment.ts";

const SPIN_ATTEMPTS = 64;
const PATIENT_ATTEMPTS = 100;
const PATIENCE_NS = 100_000n;

/**
 * Reads the record of one segment. It attaches at the first question, and again when a new daemon has replaced the
 * segment. Not for sharing between threads: give each its own.
 */
export class RecordReader implements Disposable {
  readonly #options: AttachOptions;
  readonly #copy = blockOf(new ArrayBuffer(RECORD_BYTES));
  readonly #view = new DataView(this.#copy.words.buffer);
  readonly #record: ChronoTickData = emptyRecord();
  readonly #boottime = new Timespec();
  #attachment: Attachment | undefined;
  #closed = false;

  // What the hot path needs of the record, worked out once per publication. Both bounds are straight lines over
  // CLOCK_BOOTTIME: that clock plus a constant (seconds and ns apart) plus a rate times the record's age.
  #words: Int32Array = DETACHED;
  #sequence = NEVER_READ;
  #clockGettime: typeof libc.clock_gettime | undefined;
  #anchorSeconds = 0;
  #anchorNs = 0;
  #publishedSeconds = 0;
  #publishedNs = 0;
  #maxAgeSeconds = UNUSABLE;
  #earliestSeconds = 0;
  #earliestNs = 0;
  #earliestNsPerSecond = 0;
  #latestSeconds = 0;
  #latestNs = 0;
  #latestNsPerSecond = 0;

  /** Opens nothing yet. */
  constructor(options: AttachOptions = {}) {
    this.#options = options;
  }

  /**
   * Puts the earliest and the latest time that it can be now into `interval`, without allocating.
   *
   * @throws {ChronoTickError} there is no valid time
   */
  nowInto(interval: TimeInterval): void {
    if (this.#tryNowInto(interval)) return;
    this.#recover();
    if (this.#tryNowInto(interval)) return;
    const observation = this.observe();
    // A publication may have come in between; a valid record without a bound is refused all the same.
    if (observation.state !== "valid" || !this.#tryNowInto(interval)) throw this.#refusal(observation);
  }

  #tryNowInto(interval: TimeInterval): boolean {
    if (this.#hasChanged() && !this.#refresh()) return false;
    const boottime = this.#boottime;
    this.#clockGettime!(Clock.BOOTTIME, boottime.pointer);
    // The high words are 0: an uptime of 136 years is not provided for.
    const seconds = boottime.words[0]!;
    const nanoseconds = boottime.words[2]!;
    const age = (seconds - this.#publishedSeconds) + (nanoseconds - this.#publishedNs) * 1e-9;
    if (!(age <= this.#maxAgeSeconds && age >= -MAX_LEAD_SECONDS)) return false;

    const earliestNs = nanoseconds + this.#earliestNs + this.#earliestNsPerSecond * age;
    const latestNs = nanoseconds + this.#latestNs + this.#latestNsPerSecond * age;
    setTime(interval.earliest, seconds + this.#earliestSeconds, Math.floor(earliestNs));
    setTime(interval.latest, seconds + this.#latestSeconds, Math.ceil(latestNs));
    return true;
  }

  /**
   * The record as it is, valid or not, with its age and state.
   *
   * @throws {ChronoTickError} there is no record, or it is not one that may be believed
   */
  observe(): Observation {
    if (!this.#hasChanged() || this.#refresh()) {
      const observation = this.#look();
      if (observation.state === "valid") return observation;
    }
    this.#recover();
    return this.#look();
  }

  /**
   * The record, when its time may be used.
   *
   * @throws {ChronoTickError} there is no valid time
   */
  observeValid(): Observation {
    const observation = this.observe();
    if (observation.state !== "valid") throw this.#refusal(observation);
    return observation;
  }

  /** Detaches; every later question is an error. */
  [Symbol.dispose](): void {
    this.#detach();
    this.#closed = true;
  }

  #look(): Observation {
    const record = this.#record;
    const boottime = this.#boottime;
    this.#clockGettime!(Clock.BOOTTIME, boottime.pointer);
    const seconds = boottime.words[0]!;
    const nanoseconds = boottime.words[2]!;
    const ageSeconds = (seconds - this.#publishedSeconds) + (nanoseconds - this.#publishedNs) * 1e-9;
    return {
      record,
      system: addNs({ seconds: seconds + this.#anchorSeconds, nanoseconds }, this.#anchorNs),
      ageSeconds,
      state: stateOf(record, ageSeconds),
    };
  }

  #hasChanged(): boolean {
    return Atomics.load(this.#words, SEQUENCE_WORD) !== this.#sequence;
  }

  /** Takes a new publication in, if there is one. False: no whole one is to be had, and none was read before. */
  #refresh(): boolean {
    if (this.#attachment === undefined) return false;
    if (!this.#copyFrom(this.#attachment)) return this.#sequence !== NEVER_READ;
    this.#takeIn();
    return true;
  }

  #copyFrom(attachment: Attachment): boolean {
    try {
      return attachment.copyInto(this.#copy, SPIN_ATTEMPTS);
    } catch (error) {
      this.#detach();
      throw error;
    }
  }

  /** The slow path: attaches, or attaches anew where a new daemon has replaced the segment, and reads patiently. */
  #recover(): void {
    if (this.#closed) throw new TypeError("Cannot read the time: this client is closed.");
    if (this.#attachment !== undefined && !this.#attachment.isCurrent()) this.#detach();
    this.#attachment ??= new Attachment(this.#options);
    this.#clockGettime = libc.clock_gettime;
    for (let attempt = 0; attempt < PATIENT_ATTEMPTS; attempt++) {
      if (this.#copyFrom(this.#attachment)) {
        this.#takeIn();
        this.#words = this.#attachment.liveWords;
        return;
      }
      if (this.#sequence !== NEVER_READ) return;
      sleepUntil(nowNs(Clock.MONOTONIC) + PATIENCE_NS);
    }
    this.#detach();
    throw new StaleRecordError(
      `Cannot read ${this.#name}: a write has been under way for ever, its writer died half-way. Start the daemon again.`,
      Infinity,
    );
  }

  #detach(): void {
    this.#words = DETACHED;
    this.#sequence = NEVER_READ;
    this.#maxAgeSeconds = UNUSABLE;
    this.#attachment?.[Symbol.dispose]();
    this.#attachment = undefined;
  }

  /** Decodes and checks the copied publication, then works out what the hot path needs. */
  #takeIn(): void {
    const record = this.#record;
    try {
      decodeRecord(this.#view, record);
      if (record.layoutVersion === 0) completeVersionZero(record);
      checkRecord(record);
      if (record.systemTimestamp === 0) throw neverPublishedError(this.#name);
    } catch (error) {
      this.#detach();
      throw error;
    }
    const { boottimeAnchor, systemTimestamp } = record;
    const namespaceNs = boottimeNamespaceOffsetNs();
    this.#sequence = this.#copy.words[SEQUENCE_WORD]!;
    this.#anchorSeconds = boottimeAnchor.seconds;
    this.#anchorNs = boottimeAnchor.nanoseconds;
    if (namespaceNs !== 0n) {
      const offset = fromNs(namespaceNs);
      this.#anchorSeconds -= offset.seconds;
      this.#anchorNs -= offset.nanoseconds;
    }
    const publishedSeconds = Math.floor(systemTimestamp);
    this.#publishedSeconds = publishedSeconds - this.#anchorSeconds;
    this.#publishedNs = (systemTimestamp - publishedSeconds) * 1e9 - this.#anchorNs;
    this.#maxAgeSeconds = maxAgeOf(record);
    if (this.#maxAgeSeconds !== UNUSABLE) this.#prepareBounds(record);
  }

  #prepareBounds(record: ChronoTickData): void {
    const correction = correctionSeconds(record, record.systemTimestamp - record.predictionTime);
    const centerNs = this.#anchorNs + correction * 1e9;
    const maxErrorNs = record.maxError * 1e9;
    const earliestCarry = Math.floor((centerNs - maxErrorNs) / 1e9);
    const latestCarry = Math.floor((centerNs + maxErrorNs) / 1e9);
    this.#earliestSeconds = this.#anchorSeconds + earliestCarry;
    this.#earliestNs = centerNs - maxErrorNs - earliestCarry * 1e9;
    this.#earliestNsPerSecond = record.driftRate * 1e9 - TOLERANCE_NS_PER_SECOND;
    this.#latestSeconds = this.#anchorSeconds + latestCarry;
    this.#latestNs = centerNs + maxErrorNs - latestCarry * 1e9;
    this.#latestNsPerSecond = record.driftRate * 1e9 + TOLERANCE_NS_PER_SECOND;
  }

  #refusal(observation: Observation): ChronoTickError {
    const { record, ageSeconds, state } = observation;
    const cannot = `Cannot tell the time from ${this.#name}`;
    if (ageSeconds < -MAX_LEAD_SECONDS) {
      return new HostileRecordError(
        `${cannot}: its record was published ${-ageSeconds} s in the future. Check which program writes this segment.`,
        "system_timestamp",
      );
    }
    switch (state) {
      case "stale":
        return new StaleRecordError(
          `${cannot}: nobody has published for ${
            ageSeconds.toFixed(1)
          } s, the daemon died, hangs or slept. Start it with \`deno task daemon\`.`,
          ageSeconds,
        );
      case "expired":
        return new StaleRecordError(
          `${cannot}: its prediction expired, the daemon publishes but no longer estimates. Look at the daemon's log.`,
          ageSeconds,
        );
      case "disrupted":
        return new DisruptedError(
          `${cannot}: the clock was disrupted (suspend, step or move) and is being measured anew. Wait some seconds.`,
        );
      case "not_synchronized":
        return notSynchronizedError(cannot, record);
      case "valid":
        return new NotSynchronizedError(
          `${cannot} within bounds: its writer gives no hard bound (max_error). Use getTime() and its sigma.`,
        );
    }
  }

  get #name(): string {
    return segmentOf(this.#options);
  }
}

const TOLERANCE_NS_PER_SECOND = FREQUENCY_TOLERANCE * 1e9;
/** An age that no record is younger than: the hot path then always takes the slow one. */
const UNUSABLE = -Infinity;
/** Sequences of whole publications are even. */
const NEVER_READ = 1;
/** Stands in for the live words before the first attach; its sequence is even, so it differs from NEVER_READ. */
const DETACHED = new Int32Array(RECORD_BYTES / 4);

/** Puts whole `seconds` and whole `ns`, from −1e9 to below 3e9, into `time`. */
function setTime(time: UnixTime, seconds: number, ns: number): void {
  // Comparing takes a nanosecond where dividing takes four.
  const carry = ns < 0 ? -1 : ns < 1e9 ? 0 : ns < 2e9 ? 1 : 2;
  time.seconds = seconds + carry;
  time.nanoseconds = ns - carry * 1e9;
}

/** Up to which age the hot path may serve hard bounds from this record. */
function maxAgeOf(record: ChronoTickData): number {
  const usable = (record.flags & Flag.VALID) !== 0 && (record.flags & Flag.DISRUPTED) === 0;
  if (!usable || record.maxError === Infinity) return UNUSABLE;
  return Math.min(MAX_AGE_SECONDS, record.validUntil - record.systemTimestamp);
}

/**
 * A writer that knows no versions has no bound and no anchor, whatever lies in its pad bytes: its times are on
 * CLOCK_REALTIME as it runs.
 */
function completeVersionZero(record: ChronoTickData): void {
  record.maxError = Infinity;
  const anchorNs = nowNs(Clock.REALTIME) - nowNs(Clock.BOOTTIME) + boottimeNamespaceOffsetNs();
  Object.assign(record.boottimeAnchor, fromNs(anchorNs));
}

function neverPublishedError(name: string): NoDaemonError {
  return new NoDaemonError(
    `Cannot read ${name}: nothing was published into it yet. Wait for the daemon to start.`,
  );
}

function notSynchronizedError(cannot: string, record: ChronoTickData): NotSynchronizedError {
  if ((record.flags & Flag.WARMUP_COMPLETE) === 0) {
    return new NotSynchronizedError(
      `${cannot} yet: the daemon warms up (${
        warmupPercent(record.flags)
      } %) and no source has answered. Wait with waitUntilReady().`,
    );
  }
  return new NotSynchronizedError(
    `${cannot}: no source answers and the kernel's clock is not synchronized. Check the daemon's servers and its network.`,
  );
}
