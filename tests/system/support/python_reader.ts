import type { SimulatedClock } from "../../../sim/clock.ts";
import { signalChild } from "../../../sim/signal_child.ts";

/** What the independent reader saw. */
export interface PythonVerdict {
  /** Reads of a valid time. */
  readonly reads: number;
  /** Reads whose hard bound did not hold. */
  readonly outside: number;
  /** Records whose fields do not fit together. */
  readonly torn: number;
  /** Reads that met a write under way for all their attempts. */
  readonly busy: number;
  /** Records that may not be used: invalid, disrupted, stale or expired. */
  readonly refused: number;
  readonly meanErrorSeconds: number;
  readonly worstErrorSeconds: number;
  /** The largest |error| in sigmas. */
  readonly worstSigmas: number;
  readonly widestSeconds: number;
  readonly pids: readonly number[];
  /** Bits set in every valid record, and in any. */
  readonly flagsAll: number;
  readonly flagsAny: number;
}

const PROGRAM = new URL("./reader.py", import.meta.url).pathname;

/** A Python process that reads a segment by PROTOCOL.md's table alone; it has attached when `start` resolves. */
export class PythonReader implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #output: ReadableStreamDefaultReader<string>;

  private constructor(child: Deno.ChildProcess) {
    this.#child = child;
    this.#output = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  }

  /**
   * Reads for `seconds`, or until `stop` when that is 0.
   *
   * @param truth null: this machine's own clock
   */
  static async start(
    shmName: string,
    truth: SimulatedClock | null,
    seconds: number,
    pauseSeconds = 0.001,
  ): Promise<PythonReader> {
    const child = new Deno.Command("python3", {
      args: [PROGRAM, shmName, JSON.stringify(truth), String(seconds), String(pauseSeconds)],
      stdin: "piped",
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    const reader = new PythonReader(child);
    const { value } = await reader.#output.read();
    if (value?.startsWith("reading") !== true) throw new Error(`The Python reader did not start: ${value}`);
    return reader;
  }

  /** Ends the reading that has no end of its own, and tells what was seen. */
  async stop(): Promise<PythonVerdict> {
    await this.#child.stdin.close();
    return await this.verdict();
  }

  /** What was seen in the time given at the start. */
  async verdict(): Promise<PythonVerdict> {
    let text = "";
    for (let part = await this.#output.read(); !part.done; part = await this.#output.read()) {
      text += part.value;
    }
    return JSON.parse(text.trim());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    signalChild(this.#child, "SIGKILL");
    await this.#output.cancel();
    await this.#child.stdin.close().catch(() => {});
    await this.#child.status;
  }
}
