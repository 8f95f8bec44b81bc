/**
 * This machine's tick counter, for programs.
 *
 * @module
 */
import type { TickAuthority } from "./authority.ts";
import { createCounter } from "./create_counter.ts";
import { LocalAuthority } from "./local_authority.ts";
import { stateFolder } from "./state_folder.ts";
import { TickCounter } from "./tick_counter.ts";

/** How to open a {@linkcode ChronosClock}. */
export interface ChronosClockOptions {
  /** The folder of the counter; what the environment says unless given (docs/ticks.md). */
  readonly stateDir?: string;
  /** Make a counter that begins with tick 1 where there is none. Without, that is an error: it may have been lost. */
  readonly create?: boolean;
  /** Ticks that one reservation takes, 1 to 1,000,000, 65,536 unless given; a crash of the machine loses at most these. */
  readonly blockTicks?: number;
}

/**
 * An event clock: every tick is handed out once, in order, over all threads and processes of this machine. Each
 * thread opens its own.
 *
 * @example
 * ```ts ignore
 * using clock = ChronosClock.open({ create: true });
 * const tick = clock.nextTick(); // 1n the first time
 * ```
 */
export class ChronosClock implements Disposable {
  /** The same counter for what can ask any authority, such as a `PhiGenerator`; it closes with this clock. */
  readonly authority: TickAuthority;
  readonly #counter: TickCounter;

  private constructor(folder: string, counter: TickCounter) {
    this.#counter = counter;
    this.authority = new LocalAuthority(folder, counter);
  }

  /**
   * Opens the counter.
   *
   * @throws {TickError} there is none, it is damaged, or it cannot be trusted
   */
  static open(options: ChronosClockOptions = {}): ChronosClock {
    const { stateDir = stateFolder(Deno.env), create = false, ...counterOptions } = options;
    if (create) createCounter(stateDir);
    return new ChronosClock(stateDir, TickCounter.open(stateDir, counterOptions));
  }

  /** The highest tick handed out so far, by whomever; 0n before the first. */
  getTick(): bigint {
    return this.#counter.current();
  }

  /**
   * Hands out the next tick.
   *
   * @throws {TickError} none was handed out
   */
  nextTick(): bigint {
    return this.#counter.next();
  }

  /**
   * Hands out `count` consecutive ticks, 1 to 1,000,000, and returns the first.
   *
   * @throws {TickError} none was handed out
   */
  nextTicks(count: number): bigint {
    return this.#counter.nextMany(count);
  }

  /** Gives back what is reserved and not used, and closes. */
  close(): void {
    this.#counter[Symbol.dispose]();
  }

  /** As {@linkcode close}. */
  [Symbol.dispose](): void {
    this.close();
  }
}
