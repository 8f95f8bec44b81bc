/**
 * What the bench is at, on standard error: a line redrawn on a terminal, a line per step elsewhere.
 *
 * @module
 */

const CLEAR_LINE = "\r\x1b[K";
/** Between two lines about the same step where they cannot be redrawn. */
const REPEAT_MS = 10_000;

/** How progress is shown. */
export interface ProgressOptions {
  readonly isTerminal: boolean;
  readonly write: (text: string) => void;
}

/** Says which step is under way. */
export class Progress {
  readonly #options: ProgressOptions;
  #step = "";
  #shownMs = 0;

  /** Shows nothing yet. */
  constructor(options: ProgressOptions) {
    this.#options = options;
  }

  /** A new step begins. */
  begin(step: string): void {
    this.#step = step;
    this.#show("");
  }

  /** The step has come so far, 0 to 1. */
  advance(fraction: number): void {
    if (!this.#options.isTerminal && performance.now() - this.#shownMs < REPEAT_MS) return;
    this.#show(` ${Math.floor(100 * fraction)} %`);
  }

  /** Leaves a terminal's line clean. */
  end(): void {
    if (this.#options.isTerminal) this.#options.write(CLEAR_LINE);
  }

  #show(suffix: string): void {
    this.#shownMs = performance.now();
    const text = `bench: ${this.#step}${suffix}`;
    this.#options.write(this.#options.isTerminal ? CLEAR_LINE + text : `${text}\n`);
  }
}
