/**
 * `monitor`: watching the time, redrawn in place on a terminal, a line per sample in a pipe.
 *
 * @module
 */
import { dim } from "@std/fmt/colors";
import { ChronoTickError } from "../record/errors.ts";
import type { CorrectedTime } from "../record/corrected_time.ts";
import { sourceName } from "../record/layout.ts";
import { toIsoString } from "../record/unix_time.ts";
import type { ChronoTickClient } from "./client.ts";
import { formatPpm, formatSeconds, formatSignedSeconds } from "./format.ts";
import { timeReport } from "./report.ts";
import { sparkline } from "./sparkline.ts";
import { pause } from "./wait.ts";

/** How to watch. */
export interface MonitorOptions {
  readonly intervalSeconds: number;
  /** Samples to take; without end when absent. */
  readonly count: number;
  readonly isTerminal: boolean;
  readonly write: (text: string) => void;
  /** Ends the watch. */
  readonly signal: AbortSignal;
}

const HISTORY = 60;
const HIDE_CURSOR = "\x1b[?25l";
const SHOW_CURSOR = "\x1b[?25h";
const CLEAR_BELOW = "\x1b[J";

/** Takes samples until the count or the signal ends it; whether the last one was a valid time. */
export async function monitor(client: ChronoTickClient, options: MonitorOptions): Promise<boolean> {
  const screen = options.isTerminal ? new Screen(options.write) : new Lines(options.write);
  let isValid = false;
  try {
    for (let taken = 0; taken < options.count && !options.signal.aborted; taken++) {
      if (taken > 0 && !await slept(options)) break;
      const sample = take(client);
      isValid = !(sample instanceof ChronoTickError);
      screen.show(sample);
    }
  } finally {
    screen.end();
  }
  return isValid;
}

async function slept({ intervalSeconds, signal }: MonitorOptions): Promise<boolean> {
  try {
    await pause(intervalSeconds * 1000, signal);
    return true;
  } catch {
    return false;
  }
}

type Sample = CorrectedTime | ChronoTickError;

function take(client: ChronoTickClient): Sample {
  try {
    return client.getTime();
  } catch (error) {
    if (error instanceof ChronoTickError) return error;
    throw error;
  }
}

/** One aligned line per sample, without colour: for pipes and logs. */
class Lines {
  readonly #write: (text: string) => void;

  constructor(write: (text: string) => void) {
    this.#write = write;
  }

  show(sample: Sample): void {
    if (sample instanceof ChronoTickError) return this.#write(`${sample.code} ${sample.message}\n`);
    const columns = [
      toIsoString(sample.time),
      formatSignedSeconds(sample.correctionSeconds).padStart(12),
      `± ${formatSeconds(sample.maxErrorSeconds)}`.padStart(14),
      `σ ${formatSeconds(sample.uncertaintySeconds)}`.padStart(14),
      formatPpm(sample.driftRate).padStart(14),
      sourceName(sample.source),
    ];
    this.#write(columns.join("  ") + "\n");
  }

  end(): void {}
}

/** The report with a sparkline of the correction below, redrawn in place. */
class Screen {
  readonly #write: (text: string) => void;
  readonly #corrections: number[] = [];
  #height = 0;

  constructor(write: (text: string) => void) {
    this.#write = write;
    write(HIDE_CURSOR);
  }

  show(sample: Sample): void {
    const text = sample instanceof ChronoTickError ? `${sample.message}\n` : this.#draw(sample);
    const toTop = this.#height === 0 ? "" : `\x1b[${this.#height}A\r`;
    this.#write(toTop + CLEAR_BELOW + text);
    this.#height = text.split("\n").length - 1;
  }

  end(): void {
    this.#write(SHOW_CURSOR);
  }

  #draw(sample: CorrectedTime): string {
    this.#corrections.push(sample.correctionSeconds);
    if (this.#corrections.length > HISTORY) this.#corrections.shift();
    const span = Math.max(...this.#corrections) - Math.min(...this.#corrections);
    return `${timeReport(sample)}\n${sparkline(this.#corrections)} ${
      dim(`correction, over ${formatSeconds(span)}`)
    }\n`;
  }
}
