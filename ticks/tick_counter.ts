/**
 * The counter itself. All processes that have it open share its words in memory; a tick is handed out only after a
 * reservation that covers it is on the disk.
 *
 * @module
 */
import type { StampedTick } from "./authority.ts";
import { type BootId, readBootId } from "./boot_id.ts";
import { checkCount, checkStampTime } from "./check_demand.ts";
import { CounterFile } from "./counter_file.ts";
import { Word } from "./counter_layout.ts";
import { TickError } from "./errors.ts";
import { orUnavailable } from "./or_unavailable.ts";
import { MAX_UTC_NS } from "./phi_timestamp.ts";
import { LAST_TICK, Reservation, UTC_AHEAD_NS } from "./reservation.ts";

/** What a reservation takes unless told: a machine that crashes loses at most so many ticks. */
export const DEFAULT_BLOCK_TICKS: number = 2 ** 16;

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
  readonly #reservation: Reservation;
  #words: BigUint64Array<ArrayBuffer>;
  #isOpen = true;

  private constructor(file: CounterFile, words: BigUint64Array<ArrayBuffer>, blockTicks: number) {
    this.path = file.path;
    this.#file = file;
    this.#words = words;
    this.#reservation = new Reservation(file, words, blockTicks);
  }

  /**
   * Opens the counter of a state folder.
   *
   * @throws {TickError} there is none, it is damaged, or it cannot be trusted
   */
  static open(folder: string, options: CounterOptions = {}): TickCounter {
    const { blockTicks = DEFAULT_BLOCK_TICKS, bootId = readBootId() } = options;
    checkCount("the ticks of a reservation", blockTicks);
    return orUnavailable(
      () => begin(CounterFile.open(folder)),
      (reason) => `Cannot count in ${folder}. ${reason}`,
    );

    function begin(file: CounterFile): TickCounter {
      try {
        const counter = new TickCounter(file, file.map(), blockTicks);
        file.exclusively(() => {
          counter.#reservation.begin(bootId);
          file.join();
        });
        return counter;
      } catch (error) {
        file[Symbol.dispose]();
        throw error;
      }
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
   * Hands out `count` consecutive ticks, 1 to 1,000,000, and returns the first.
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
    return this.#exclusively(() => {
      const asked = Atomics.load(this.#words, Word.next) - 1n;
      return asked < this.reserved ? asked : this.reserved;
    });
  }

  /** The highest tick that a reservation on the disk covers. */
  get reserved(): bigint {
    return Atomics.load(this.#words, Word.limit);
  }

  /**
   * Hands out one tick with a time: `utcNs` (Unix ns), or the last stamp's where that is later.
   *
   * @throws {TickError} as {@linkcode next}; `RANGE`: the time
   */
  nextStamped(utcNs: bigint): StampedTick {
    checkStampTime(utcNs, MAX_UTC_NS - UTC_AHEAD_NS);
    return this.#exclusively(() => {
      const lastUtcNs = Atomics.load(this.#words, Word.lastUtcNs);
      const heldNs = utcNs > lastUtcNs ? utcNs : lastUtcNs;
      const tick = Atomics.add(this.#words, Word.next, 1n);
      this.#orGiveBack(tick, tick, () => this.#reservation.cover(tick, heldNs));
      Atomics.store(this.#words, Word.lastUtcNs, heldNs);
      return { tick, utcNs: heldNs };
    });
  }

  /** Gives back what is reserved and not handed out, if nobody else has the counter open; then closes. */
  [Symbol.dispose](): void {
    if (!this.#isOpen) return;
    try {
      this.#exclusively(() => {
        if (this.#file.takeAlone()) this.#reservation.giveBack();
      });
    } catch (error) {
      // The reservation stays: after a crash of the machine some ticks will be missing, and none comes twice.
      if (!(error instanceof TickError)) throw error;
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
        this.#reservation.cover(last, 0n);
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

  #exclusively<Result>(action: () => Result): Result {
    if (!this.#isOpen) {
      throw new TickError("CLOSED", `Cannot count with ${this.path}: it was closed. Open it.`);
    }
    return orUnavailable(
      () => this.#file.exclusively(action),
      (reason) => `${reason} No tick of ${this.path} was handed out.`,
    );
  }
}
