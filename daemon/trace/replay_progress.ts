/**
 * How far a long replay has come, on standard error.
 *
 * @module
 */

/** What takes less time shows nothing. */
const QUIET_MS = 2000;
/** A terminal's line is redrawn this often; elsewhere a line is written less often. */
const REDRAW_MS = 250;
const LINE_MS = 5000;
const CLEAR_LINE = "\r\x1b[K";

/** Shows the progress through one file until it is disposed. */
export class ReplayProgress implements Disposable {
  readonly #name: string;
  readonly #totalBytes: number;
  readonly #isTerminal = Deno.stderr.isTerminal();
  #dueMs = performance.now() + QUIET_MS;
  #isShown = false;

  /** `totalBytes` is 0 where nobody knows, as for a pipe. */
  constructor(name: string, totalBytes: number) {
    this.#name = name;
    this.#totalBytes = totalBytes;
  }

  /** Call as often as you like. */
  show(bytesRead: number): void {
    const nowMs = performance.now();
    if (nowMs < this.#dueMs) return;
    this.#dueMs = nowMs + (this.#isTerminal ? REDRAW_MS : LINE_MS);
    this.#isShown = true;
    const part = this.#totalBytes > 0
      ? `${Math.floor(100 * bytesRead / this.#totalBytes)} %`
      : `${bytesRead} bytes`;
    const text = `${this.#name}: ${part}`;
    write(this.#isTerminal ? CLEAR_LINE + text : `${text}\n`);
  }

  /** Leaves the terminal's line clean. */
  [Symbol.dispose](): void {
    if (this.#isTerminal && this.#isShown) write(CLEAR_LINE);
  }
}

function write(text: string): void {
  Deno.stderr.writeSync(new TextEncoder().encode(text));
}
