/**
 * The warm-up as people see it: a line redrawn on a terminal, a log line per quarter elsewhere.
 *
 * @module
 */
import { Flag, warmupPercent } from "../record/layout.ts";
import type { Logger } from "./log.ts";
import type { ServiceStatus } from "./service_status.ts";

/** What of a service is shown. */
type Shown = Pick<ServiceStatus, "prediction" | "names">;

/** How progress is shown. */
export interface ProgressOptions {
  readonly isTerminal: boolean;
  /** Writes to the terminal. */
  readonly write: (text: string) => void;
  readonly log: Logger;
}

const BAR_CELLS = 24;
const LOG_STEP_PERCENT = 25;
const CLEAR_LINE = "\r\x1b[K";

/** Shows the warm-up until it is complete. */
export class WarmupProgress {
  readonly #options: ProgressOptions;
  #loggedPercent = 0;
  #isComplete = false;

  constructor(options: ProgressOptions) {
    this.#options = options;
  }

  /** Call about once a second. */
  show(status: Shown): void {
    if (this.#isComplete) return;
    const { flags } = status.prediction;
    const percent = warmupPercent(flags);
    this.#isComplete = (flags & Flag.WARMUP_COMPLETE) !== 0;
    if (this.#options.isTerminal) {
      this.#options.write(CLEAR_LINE + (this.#isComplete ? "" : progressLine(percent, status)));
    }
    const isDue = percent >= this.#loggedPercent + LOG_STEP_PERCENT && !this.#options.isTerminal;
    if (isDue) this.#loggedPercent = percent - (percent % LOG_STEP_PERCENT);
    if (isDue || this.#isComplete) this.#options.log.info("warmup", summary(percent, status));
  }

  /** Leaves the terminal's line clean. */
  end(): void {
    if (this.#options.isTerminal && !this.#isComplete) this.#options.write(CLEAR_LINE);
  }
}

function progressLine(percent: number, status: Shown): string {
  const filled = Math.round((percent / 100) * BAR_CELLS);
  return `warming up ${"█".repeat(filled)}${"░".repeat(BAR_CELLS - filled)} ${summary(percent, status)}`;
}

function summary(percent: number, { prediction, names }: Shown): string {
  const servers = names.flatMap((name) => name.servers);
  const answering = servers.filter(({ reach }) => (reach & 1) === 1).length;
  const bound = Number.isFinite(prediction.maxErrorSeconds)
    ? `within ± ${(prediction.maxErrorSeconds * 1000).toFixed(3)} ms`
    : "no time yet";
  return `${percent} %, ${prediction.measurementCount} measurements, ${answering} of ${servers.length} servers answer, ${bound}`;
}
