/**
 * chronosd's own log: what goes wrong, on standard error, and never more of it than anybody can read.
 *
 * @module
 */
import { TickError } from "../errors.ts";

/** Lines that are written within one window; the surplus is counted. */
const MAX_LINES_PER_WINDOW = 10;
const WINDOW_MS = 10_000;

/** Takes lines without their line feed. */
export type WriteLine = (line: string) => void;

/** Writes one line a fault, and the stack of those that nobody foresaw. */
export class FaultLog {
  readonly #write: WriteLine;
  readonly #nowMs: () => number;
  #windowStartMs = -Infinity;
  #count = 0;

  /** `nowMs` is any clock that never goes back. */
  constructor(write: WriteLine, nowMs: () => number = () => performance.now()) {
    this.#write = write;
    this.#nowMs = nowMs;
  }

  /** Writes `error`, unless there were too many of late. */
  report(error: Error): void {
    if (this.#nowMs() - this.#windowStartMs >= WINDOW_MS) this.#beginWindow();
    this.#count++;
    if (this.#count > MAX_LINES_PER_WINDOW) return;
    this.#write(error instanceof TickError ? error.message : error.stack ?? String(error));
  }

  #beginWindow(): void {
    const surplus = this.#count - MAX_LINES_PER_WINDOW;
    if (surplus > 0) this.#write(`${surplus} more faults like these were left out.`);
    this.#windowStartMs = this.#nowMs();
    this.#count = 0;
  }
}
