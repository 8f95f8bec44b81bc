/**
 * How far ticks and times are reserved on the disk. docs/ticks.md argues why what is done here, in this order, makes no
 * tick come twice.
 *
 * @module
 */
import type { BootId } from "./boot_id.ts";
import type { CounterFile } from "./counter_file.ts";
import { type Slot, Word } from "./counter_layout.ts";
import { TickError } from "./errors.ts";

/** Above the last tick there is room for all who can ask at once: 2²² threads, a million each. */
const MAX_OVERSHOOT = 2n ** 48n;
/** The last tick: the next call is refused, for ever. */
export const LAST_TICK: bigint = 2n ** 64n - 1n - MAX_OVERSHOOT;
/** No reservation is further above the one before: so far does a start go when one of the two is lost. */
const MAX_ADVANCE = 2n ** 24n;
/** Stamps write to the disk at most once in so long. */
export const UTC_AHEAD_NS: bigint = 5_000_000_000n;

/** The slots of a counter's file and the words that stand for them. All of it is done under the file's writer lock. */
export class Reservation {
  readonly #file: CounterFile;
  readonly #words: BigUint64Array<ArrayBuffer>;
  readonly #blockTicks: bigint;

  /** `words` are the file's; each step takes `blockTicks`. */
  constructor(file: CounterFile, words: BigUint64Array<ArrayBuffer>, blockTicks: number) {
    this.#file = file;
    this.#words = words;
    this.#blockTicks = BigInt(blockTicks);
  }

  /**
   * Makes the live words true for this boot, or finds that they are.
   *
   * @throws {TickError} `CORRUPT`: neither is possible
   */
  begin(bootId: BootId): void {
    const isSameBoot = Atomics.load(this.#words, Word.bootLow) === bootId.low &&
      Atomics.load(this.#words, Word.bootHigh) === bootId.high;
    if (isSameBoot) this.#checkWords();
    else this.#adopt(bootId);
  }

  /**
   * Returns when `tick` and a stamp of `utcNs` are covered on the disk.
   *
   * @throws {TickError} `EXHAUSTED`: there is no such tick
   * @throws {LibcError} the disk failed
   */
  cover(tick: bigint, utcNs: bigint): void {
    if (tick > LAST_TICK) {
      throw new TickError(
        "EXHAUSTED",
        `Cannot hand out a tick of ${this.#file.path}: all ${LAST_TICK} are used up.`,
      );
    }
    // One step, unless more ticks than MAX_ADVANCE were asked for at once.
    for (let limit = this.#limit, utcLimitNs = this.#utcLimitNs; tick > limit || utcNs > utcLimitNs;) {
      limit = tick > limit ? min(tick - 1n + this.#blockTicks, limit + MAX_ADVANCE, LAST_TICK) : limit;
      utcLimitNs = utcNs > utcLimitNs ? utcNs + UTC_AHEAD_NS : utcLimitNs;
      this.#write({ sequence: this.#nextSequence, limit, utcLimitNs, isCleanStop: false });
    }
  }

  /** Reserves no more than was handed out; nobody else may have the counter open. */
  giveBack(): void {
    const limit = this.#limit;
    if (Atomics.load(this.#words, Word.next) > limit) return;
    // From here on whoever is not covered by this lower limit waits for the lock; who was covered before has moved
    // `next` already, so that the second reading has it.
    Atomics.store(this.#words, Word.limit, Atomics.load(this.#words, Word.next) - 1n);
    // The times too: who is killed while he writes must not leave words that promise more than the slot.
    Atomics.store(this.#words, Word.utcLimitNs, Atomics.load(this.#words, Word.lastUtcNs));
    this.#write({
      sequence: this.#nextSequence,
      limit: Atomics.load(this.#words, Word.next) - 1n,
      utcLimitNs: this.#utcLimitNs,
      isCleanStop: true,
    });
  }

  /** Makes a slot count. The one that counted until now stays whole until the new one is on the disk. */
  #write(slot: Slot): void {
    if (!this.#file.isStillNamed()) {
      throw new TickError(
        "UNAVAILABLE",
        `Cannot reserve ticks in ${this.#file.path}: the file was removed or replaced. Close it, and put it back.`,
      );
    }
    this.#file.writeSlot(slot);
    // The sequence first: who is killed in between must not leave the new slot to be overwritten.
    Atomics.store(this.#words, Word.sequence, slot.sequence);
    Atomics.store(this.#words, Word.utcLimitNs, slot.utcLimitNs);
    Atomics.store(this.#words, Word.limit, slot.limit);
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
    if (this.#file.takeAlone()) Atomics.store(this.#words, Word.next, limit + 1n);
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

function min(...values: bigint[]): bigint {
  return values.reduce((a, b) => (a < b ? a : b));
}
