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
import type { StatusAnswer } from "./daemon_status.ts";
import { timeReport } from "./report.ts";
import { serversReport, serversSummary } from "./servers_report.ts";
import { sparkline } from "./sparkline.ts";
import { pause } from "./wait.ts";

/** How to watch. */
export interface MonitorOptions {
  readonly intervalSeconds: number;
  /** Samples to take; without end when absent. */
  readonly count: number;
  readonly isTerminal: boolean;
  /** How wide the terminal is. */
  readonly columns: () => number;
  readonly write: (text: string) => void;
  /** What the daemon says of its servers; asked once a second at most. */
  readonly askServers: () => StatusAnswer;
  /** Ends the watch. */
  readonly signal: AbortSignal;
}

const HISTORY = 60;
const ASK_INTERVAL_MS = 1000;
// deno-lint-ignore no-control-regex -- what a terminal takes as colour
const COLOUR = /\x1b\[[0-9;]*m/g;
const HIDE_CURSOR = "\x1b[?25l";
const SHOW_CURSOR = "\x1b[?25h";
const CLEAR_BELOW = "\x1b[J";

/** Takes samples until the count or the signal ends it; whether the last one was a valid time. */
export async function monitor(client: ChronoTickClient, options: MonitorOptions): Promise<boolean> {
  const screen = options.isTerminal ? new Screen(options) : new Lines(options.write);
  const askServers = oncePerSecond(options.askServers);
  let isValid = false;
  try {
    for (let taken = 0; taken < options.count && !options.signal.aborted; taken++) {
      if (taken > 0 && !await slept(options)) break;
      const sample = take(client);
      isValid = !(sample instanceof ChronoTickError);
      screen.show(sample, askServers());
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

/** `ask`, but what it said within the last second is not asked again. */
function oncePerSecond(ask: () => StatusAnswer): () => StatusAnswer {
  let known: StatusAnswer | undefined;
  let askedAtMs = 0;
  return () => {
    if (known !== undefined && performance.now() - askedAtMs < ASK_INTERVAL_MS) return known;
    known = ask();
    askedAtMs = performance.now();
    return known;
  };
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

  show(sample: Sample, answer: StatusAnswer): void {
    if (sample instanceof ChronoTickError) return this.#write(`${sample.code} ${sample.message}\n`);
    const columns = [
      toIsoString(sample.time),
      formatSignedSeconds(sample.correctionSeconds).padStart(12),
      `± ${formatSeconds(sample.maxErrorSeconds)}`.padStart(14),
      `σ ${formatSeconds(sample.uncertaintySeconds)}`.padStart(14),
      formatPpm(sample.driftRate).padStart(14),
      sourceName(sample.source),
      serversSummary(answer),
    ];
    this.#write(columns.join("  ").trimEnd() + "\n");
  }

  end(): void {}
}

/** The report with a sparkline of the correction below, redrawn in place. */
class Screen {
  readonly #write: (text: string) => void;
  readonly #columns: () => number;
  readonly #corrections: number[] = [];
  #height = 0;

  constructor({ write, columns }: MonitorOptions) {
    this.#write = write;
    this.#columns = columns;
    write(HIDE_CURSOR);
  }

  show(sample: Sample, answer: StatusAnswer): void {
    const text = sample instanceof ChronoTickError ? `${sample.message}\n` : this.#draw(sample, answer);
    const toTop = this.#height === 0 ? "" : `\x1b[${this.#height}A\r`;
    this.#write(toTop + CLEAR_BELOW + text);
    this.#height = rowsOf(text, this.#columns());
  }

  end(): void {
    this.#write(SHOW_CURSOR);
  }

  #draw(sample: CorrectedTime, answer: StatusAnswer): string {
    this.#corrections.push(sample.correctionSeconds);
    if (this.#corrections.length > HISTORY) this.#corrections.shift();
    const span = Math.max(...this.#corrections) - Math.min(...this.#corrections);
    return `${timeReport(sample)}\n${sparkline(this.#corrections)} ${
      dim(`correction, over ${formatSeconds(span)}`)
    }\n${"status" in answer ? serversReport(answer) : ""}`;
  }
}

/** How many rows of a terminal `text` takes, long lines wrapped. */
function rowsOf(text: string, columns: number): number {
  const lengths = text.replace(COLOUR, "").split("\n").slice(0, -1).map((line) => [...line].length);
  return lengths.reduce((rows, length) => rows + Math.max(1, Math.ceil(length / columns)), 0);
}
