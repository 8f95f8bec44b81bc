/**
 * What was taken in of late, to be lived again when something becomes known about it.
 *
 * @module
 */
import type { Sample } from "./sample.ts";

/** Samples kept for each server … */
const POLLS = 150;
/** … and of all together, so that living them again never takes long. */
const MAX_ENTRIES = 600;

/** One sample that went into the estimate. */
export interface LogEntry {
  readonly sample: Sample;
  /** The servers' agreement held against it, at the time. */
  readonly isOutvoted: boolean;
}

/** The last 150 polls, in order of time. */
export class ReplayLog {
  readonly #entries: LogEntry[] = [];
  #isWhole = true;

  /** In order of time. */
  get entries(): readonly LogEntry[] {
    return this.#entries;
  }

  /** Whether nothing was dropped since `clear`. */
  get isWhole(): boolean {
    return this.#isWhole;
  }

  /** Takes an entry in where it belongs; false when others came later. `servers` share a poll. */
  insert(entry: LogEntry, servers: number): boolean {
    const after = this.#entries.findLastIndex(({ sample }) => sample.atSeconds <= entry.sample.atSeconds) + 1;
    const isLast = after === this.#entries.length;
    this.#entries.splice(after, 0, entry);
    const surplus = this.#entries.length - Math.min(MAX_ENTRIES, POLLS * servers);
    if (surplus > 0) {
      this.#entries.splice(0, surplus);
      this.#isWhole = false;
    }
    return isLast;
  }

  /** Forgets everything. */
  clear(): void {
    this.#entries.length = 0;
    this.#isWhole = true;
  }
}
