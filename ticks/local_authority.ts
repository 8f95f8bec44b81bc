/**
 * This machine's counter as an authority of ticks.
 *
 * @module
 */
import type { StampedTick, TickAuthority } from "./authority.ts";
import { type CounterOptions, TickCounter } from "./tick_counter.ts";

/** Ticks from the counter in a state folder. */
export class LocalAuthority implements TickAuthority {
  /** `file:` and the folder. */
  readonly name: string;
  readonly #counter: TickCounter;

  /** Takes over an open counter. */
  constructor(folder: string, counter: TickCounter) {
    this.name = `file:${folder}`;
    this.#counter = counter;
  }

  /**
   * Opens the counter of a state folder.
   *
   * @throws {TickError} there is none, it is damaged, or it cannot be trusted
   */
  static open(folder: string, options: CounterOptions = {}): LocalAuthority {
    return new LocalAuthority(folder, TickCounter.open(folder, options));
  }

  /** The highest tick that a reservation on the disk covers. */
  get reserved(): bigint {
    return this.#counter.reserved;
  }

  /** The highest tick handed out so far; 0n before the first. */
  current(): Promise<bigint> {
    return Promise.try(() => this.#counter.current());
  }

  /**
   * Hands out `count` consecutive ticks, 1 unless told, and returns the first.
   *
   * @throws {TickError} none was handed out
   */
  next(count = 1): Promise<bigint> {
    return Promise.try(() => count === 1 ? this.#counter.next() : this.#counter.nextMany(count));
  }

  /**
   * Hands out a tick with `utcNs`, or with the last stamp's time where that is later.
   *
   * @throws {TickError} none was handed out
   */
  nextStamped(utcNs: bigint): Promise<StampedTick> {
    return Promise.try(() => this.#counter.nextStamped(utcNs));
  }

  /** Closes the counter. */
  [Symbol.asyncDispose](): Promise<void> {
    return Promise.try(() => this.#counter[Symbol.dispose]());
  }
}
