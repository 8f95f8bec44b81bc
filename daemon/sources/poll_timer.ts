/**
 * A sleep that can be cut short.
 *
 * @module
 */

/** Calls back once after `delayMs`; the function that it returns cancels that. */
export type SetTimer = (callback: () => void, delayMs: number) => () => void;

/** One sleeper, who looks at the clock again when it wakes: it may have been woken early. */
export class PollTimer {
  readonly #setTimer: SetTimer;
  #wake: (() => void) | null = null;

  /** Sleeps by `setTimer`. */
  constructor(setTimer: SetTimer) {
    this.#setTimer = setTimer;
  }

  /** Resolves after `seconds`, or at the next `wake`. */
  sleep(seconds: number): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#setTimer(() => this.wake(), Math.ceil(seconds * 1000));
      this.#wake = () => {
        this.#wake = null;
        cancel();
        resolve();
      };
    });
  }

  /** Ends a sleep that is under way. */
  wake(): void {
    this.#wake?.();
  }
}
