/**
 * How far the evaluation has come, on standard error: a line redrawn on a terminal, now and then a line elsewhere.
 *
 * @module
 */
import type { EvaluationPlan } from "./evaluation.ts";

const CLEAR_LINE = "\r\x1b[K";
/** Between two lines where they cannot be redrawn. */
const REPEAT_MS = 10_000;
/** Between two redrawings. */
const REDRAW_MS = 100;

/** How progress is shown. */
export interface ProgressOptions {
  readonly isTerminal: boolean;
  readonly write: (text: string) => void;
}

/** Counts runs of one trace. */
export class EvaluationProgress {
  readonly #options: ProgressOptions;
  readonly #total: number;
  #begun = 0;
  #shownMs = -Infinity;

  /** Shows nothing yet. */
  constructor({ scenarios, contenders, traces }: EvaluationPlan, options: ProgressOptions) {
    this.#options = options;
    this.#total = scenarios.length * contenders.length * traces;
  }

  /** The run that `description` tells of begins. */
  advance(description: string): void {
    const percent = Math.floor(100 * this.#begun++ / this.#total);
    const { isTerminal, write } = this.#options;
    if (performance.now() - this.#shownMs < (isTerminal ? REDRAW_MS : REPEAT_MS)) return;
    this.#shownMs = performance.now();
    const text = `evaluate: ${percent} %, ${description}`;
    write(isTerminal ? CLEAR_LINE + text : `${text}\n`);
  }

  /** Leaves a terminal's line clean. */
  clear(): void {
    if (this.#options.isTerminal) this.#options.write(CLEAR_LINE);
  }
}
