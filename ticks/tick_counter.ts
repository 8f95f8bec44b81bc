/**
 * The counter itself. All processes that have it open share its words in memory; a tick is handed out only after a
 * reservation that covers it is on the disk. docs/ticks.md argues why no tick comes twice.
 *
 * @module
 */
import type { StampedTick } from "./authority.ts";
import { type BootId, readBootId } from "./boot_id.ts";
import { CounterFile } from "./counter_file.ts";
import { type Slot, Word } from "./counter_layout.ts";
import { TickError } from "./errors.ts";
import { LibcError } from "../ffi/errno.ts";
import { MAX_UTC_NS } from "./phi_timestamp.ts";

/** Ticks that one call can hand out. */
export const MAX_COUNT: number = 1_000_000;
/** Above the last tick there is room for all who can ask at once (2²² threads, {@linkcode MAX_COUNT} each). */
const MAX_OVERSHOOT = 2n ** 48n;
/** The last tick: the next call is refused, for ever. */
export const LAST_TICK: bigint = 2n ** 64n - 1n - MAX_OVERSHOOT;
/** What a reservation takes unless told: a machine that crashes loses at most so many ticks. */
export const DEFAULT_BLOCK_TICKS: number = 2 ** 16;
/** No reservation is further above the one before: so far does a start go when one of the two is lost. */
const MAX_ADVANCE = 2n ** 24n;
/** Stamps write to the disk at most once in so long. */
const UTC_AHEAD_NS = 5_000_000_000n;

/** How to count. */
export interface CounterOptions {
  /** Ticks that one reservation takes, 1 to 1,000,000; more is faster, and more is lost when the machine crashes. */
  readonly blockTicks?: number;
  /** Which boot this is, unless the kernel is to be asked. */
  readonly bootId?: BootId;
}

/** Words for after the end: nothing is reserved in them, so whatever is asked ends in the slow path, which refuses. */
const NO_WORDS = new BigUint64Array(Word.bootHigh + 1).fill(1n, Word.next, Word.next + 1);

/** A counter that this thread has open. Not to be shared with workers: they open their own. */
export class TickCounter implements Disposable {
  readonly path: string;
  readonly #file: CounterFile;
  readonly #blockTicks: bigint;
  #words: BigUint64Array<ArrayBuffer>;
  #isOpen = true;

  private constructor(file: CounterFile, words: BigUint64Array<ArrayBuffer>, blockTicks: number) {
    this.path = file.path;
    this.#file = file;
    this.#words = words;
    this.#blockTicks = BigInt(blockTicks);
  }

  /**
   * Opens the counter of a state folder.
   *
   * @throws {TickError} there is none, it is damaged, or it cannot be trusted
   */
  static open(folder: string, options: CounterOptions = {}): TickCounter {
    const { blockTicks = DEFAULT_BLOCK_TICKS, bootId = readBootId() } = options;
    checkCount("the ticks of a reservation", blockTicks);
    const file = CounterFile.open(folder);
    try {
      const counter = new TickCounter(file, file.map(), blockTicks);
      file.exclusively(() => counter.#begin(bootId));
      return counter;
    } catch (error) {
      file[Symbol.dispose]();
      throw error;
    }
  }

  /**
   * Hands out one tick. Lock-free, but for the call in some 65,536 that reserves more.
   *
   * @throws {TickError} the disk failed, or there are no more ticks; then none is handed out
   */
  next(): bigint {
    const tick = Atomics.add(this.#words, Word.next, 1n);
    return tick <= Atomics.load(this.#words, Word.limit) ? tick : this.#reserved(tick, tick);
  }

  /**
   * Hands out `count` consecutive ticks, 1 to {@linkcode MAX_COUNT}, and returns the first.
   *
   * @throws {TickError} as {@linkcode next}; `RANGE`: the count
   */
  nextMany(count: number): bigint {
    checkCount("a count of ticks", count);
    const first = Atomics.add(this.#words, Word.next, BigInt(count));
    const last = first + BigInt(count) - 1n;
    return last <= Atomics.load(this.#words, Word.limit) ? first : this.#reserved(first, last);
  }

  /** The highest tick handed out so far; 0n before the first. */
  current(): bigint {
    const last = Atomics.load(this.#words, Word.next) - 1n;
    if (last <= Atomics.load(this.#words, Word.limit) && this.#isOpen) return last;
    // Somebody is just reserving: the tick that he asks for is not handed out yet, and perhaps never will be.
    return this.#exclusively(() => min(Atomics.load(this.#words, Word.next) - 1n, this.#limit));
  }

  /** The highest tick that a reservation on the disk covers. */
  get reserved(): bigint {
    return this.#limit;
  }

  /**
   * Hands out one tick with a time: `utcNs` (Unix ns), or the last stamp's where that is later.
   *
   * @throws {TickError} as {@linkcode next}; `RANGE`: the time
   */
  nextStamped(utcNs: bigint): StampedTick {
    if (utcNs < 0n || utcNs > MAX_UTC_NS - UTC_AHEAD_NS) {
      throw new TickError("RANGE", `Cannot stamp the time ${utcNs}: give ns from 1970 to 2262.`);
    }
    return this.#exclusively(() => {
      const lastUtcNs = Atomics.load(this.#words, Word.lastUtcNs);
      const heldNs = utcNs > lastUtcNs ? utcNs : lastUtcNs;
      const tick = Atomics.add(this.#words, Word.next, 1n);
      this.#orGiveBack(tick, tick, () => this.#cover(tick, heldNs));
      Atomics.store(this.#words, Word.lastUtcNs, heldNs);
      return { tick, utcNs: heldNs };
    });
  }

  /** Gives back what is reserved and not handed out, if nobody else has the counter open; then closes. */
  [Symbol.dispose](): void {
    if (!this.#isOpen) return;
    try {
      if (this.#file.takeAlone()) this.#exclusively(() => this.#giveBackReservation());
    } catch (error) {
      // The reservation stays: after a crash of the machine some ticks will be missing, and none comes twice.
      if (!(error instanceof LibcError || error instanceof TickError)) throw error;
    } finally {
      this.#isOpen = false;
      this.#words = NO_WORDS;
      this.#file[Symbol.dispose]();
    }
  }

  /** `first` to `last` are this caller's alone, but not reserved yet. */
  #reserved(first: bigint, last: bigint): bigint {
    return this.#orGiveBack(first, last, () =>
      this.#exclusively(() => {
        this.#cover(last, 0n);
        return first;
      }));
  }

  /** When `action` fails, ticks `first` to `last` are as if never asked for, unless others have asked since. */
  #orGiveBack<Result>(first: bigint, last: bigint, action: () => Result): Result {
    try {
      return action();
    } catch (error) {
      const found = Atomics.compareExchange(this.#words, Word.next, last + 1n, first);
      // Above the last tick nothing is ever handed out: nobody's claim is lost, and the word never wraps.
      if (found > LAST_TICK + 1n) Atomics.compareExchange(this.#words, Word.next, found, LAST_TICK + 1n);
      throw error;
    }
  }

  /** Under the lock: returns when `tick` and a stamp of `utcNs` are covered by a reservation on the disk. */
  #cover(tick: bigint, utcNs: bigint): void {
    if (tick > LAST_TICK) {
      throw new TickError(
        "EXHAUSTED",
        `Cannot hand out a tick of ${this.path}: all ${LAST_TICK} are used up.`,
      );
    }
    // One step, unless more ticks than MAX_ADVANCE were asked for at once.
    for (let limit = this.#limit, utcLimitNs = this.#utcLimitNs; tick > limit || utcNs > utcLimitNs;) {
      limit = tick > limit ? min(tick - 1n + this.#blockTicks, limit + MAX_ADVANCE, LAST_TICK) : limit;
      utcLimitNs = utcNs > utcLimitNs ? utcNs + UTC_AHEAD_NS : utcLimitNs;
      this.#write({ sequence: this.#nextSequence, limit, utcLimitNs, isCleanStop: false });
    }
  }

  /** Under the lock: makes a slot count. The one that counted until now stays whole until the new one is on the disk. */
  #write(slot: Slot): void {
    if (!this.#file.isStillNamed()) {
      throw new TickError(
        "UNAVAILABLE",
        `Cannot reserve ticks in ${this.path}: the file was removed or replaced. Close it, and put it back.`,
      );
    }
    this.#file.writeSlot(slot);
    // The sequence first: who is killed in between must not leave the new slot to be overwritten.
    Atomics.store(this.#words, Word.sequence, slot.sequence);
    Atomics.store(this.#words, Word.utcLimitNs, slot.utcLimitNs);
    Atomics.store(this.#words, Word.limit, slot.limit);
  }

  /** Under the lock: reserves no more than was handed out. */
  #giveBackReservation(): void {
    const limit = this.#limit;
    if (Atomics.load(this.#words, Word.next) > limit) return;
    // From here on whoever is not covered by this lower limit waits for the lock; who was covered before has moved
    // `next` already, so that the second reading has it.
    Atomics.store(this.#words, Word.limit, Atomics.load(this.#words, Word.next) - 1n);
    this.#write({
      sequence: this.#nextSequence,
      limit: Atomics.load(this.#words, Word.next) - 1n,
      utcLimitNs: Atomics.load(this.#words, Word.lastUtcNs),
      isCleanStop: true,
    });
  }

  /** Makes the live words true for this boot, or finds that they are. */
  #begin(bootId: BootId): void {
    const isSameBoot = Atomics.load(this.#words, Word.bootLow) === bootId.low &&
      Atomics.load(this.#words, Word.bootHigh) === bootId.high;
    if (isSameBoot) this.#checkWords();
    else this.#adopt(bootId);
  }

  /** The words are what some process of this boot left: refuses what no process leaves. */
  #checkWords(): void {
    const next = Atomics.load(this.#words, Word.next);
    const slot = this.#file.readSlot(this.#nextSequence - 1n);
    const isSound = slot !== null && slot.sequence === this.#nextSequence - 1n &&
      this.#limit <= slot.limit && next > 0n && next <= slot.limit + MAX_OVERSHOOT &&
      this.#utcLimitNs <= slot.utcLimitNs && Atomics.load(this.#words, Word.lastUtcNs) <= slot.utcLimitNs;
    if (!isSound) throw this.#file.corrupt("its words contradict its reservation");
  }

  /**
   * The machine was started anew since the words were written, which may be anything now: what is reserved on the disk
   * counts. Unless others are counting at this moment, because a container has a boot id of its own: then `next` is
   * theirs too, and only moves forward.
   */
  #adopt(bootId: BootId): void {
    this.#file.syncAll(); // nothing is built upon what another process made and did not live to sync
    const slots = [this.#file.readSlot(0n), this.#file.readSlot(1n)].filter((slot) => slot !== null);
    const newest = slots.toSorted((a, b) => (a.sequence < b.sequence ? 1 : -1))[0];
    if (newest === undefined) throw this.#file.corrupt("both of its reservations are damaged");
    // The one that is lost may have been the newer one.
    const limit = slots.length === 2 ? newest.limit : min(newest.limit + MAX_ADVANCE, LAST_TICK);
    if (this.#file.isAlone()) Atomics.store(this.#words, Word.next, limit + 1n);
    else this.#moveNextUpTo(limit + 1n);
    Atomics.store(this.#words, Word.lastUtcNs, newest.utcLimitNs);
    Atomics.store(this.#words, Word.sequence, newest.sequence);
    // Written again: what is only read may be a cache's, if the disk failed when it was written.
    this.#write({
      sequence: this.#nextSequence,
      limit,
      utcLimitNs: newest.utcLimitNs,
      isCleanStop: false,
    });
    Atomics.store(this.#words, Word.bootLow, bootId.low);
    Atomics.store(this.#words, Word.bootHigh, bootId.high);
  }

  /** Lock-free: others may move it on meanwhile, and what they were given stays theirs. */
  #moveNextUpTo(tick: bigint): void {
    let found = Atomics.load(this.#words, Word.next);
    while (found < tick) {
      const before = Atomics.compareExchange(this.#words, Word.next, found, tick);
      if (before === found) return;
      found = before;
    }
  }

  #exclusively<Result>(action: () => Result): Result {
    if (!this.#isOpen) {
      throw new TickError("CLOSED", `Cannot count with ${this.path}: it was closed. Open it.`);
    }
    try {
      return this.#file.exclusively(action);
    } catch (error) {
      if (!(error instanceof LibcError)) throw error;
      throw new TickError("UNAVAILABLE", `${error.message} No tick of ${this.path} was handed out.`);
    }
  }

  get #limit(): bigint {
    return Atomics.load(this.#words, Word.limit);
  }

  get #utcLimitNs(): bigint {
    return Atomics.load(this.#words, Word.utcLimitNs);
  }

  get #nextSequence(): bigint {
    return Atomics.load(this.#words, Word.sequence) + 1n;
  }
}

/**
 * Refuses what is no number of ticks; `what` it was to be: "a count of ticks".
 *
 * @throws {TickError} `RANGE`: it is not an integer from 1 to {@linkcode MAX_COUNT}
 */
export function checkCount(what: string, count: number): void {
  if (Number.isInteger(count) && count >= 1 && count <= MAX_COUNT) return;
  throw new TickError("RANGE", `Cannot use ${count} as ${what}: give an integer from 1 to ${MAX_COUNT}.`);
}

function min(...values: bigint[]): bigint {
  return values.reduce((a, b) => (a < b ? a : b));
}
