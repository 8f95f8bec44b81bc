/**
 * What was taken in of late, to be lived again when something becomes known about it.
 *
 * @module
 */
import type { Sample } from "./sample.ts";

/** Samples kept for each server. */
const POLLS = 150;

/** One sample that went into the estimate. */
export interface LogEntry {
  readonly sample: Sample;
  /** The servers' agreement held against it, at the time. */
  readonly isOutvoted: boolean;
}

/** The last 150 polls. */
export class ReplayLog {
  readonly #entries: LogEntry[] = [];
  #isWhole = true;

  /** In order of arrival. */
  get entries(): readonly LogEntry[] {
    return this.#entries;
  }

  /** Whether nothing was dropped since `clear`. */
  get isWhole(): boolean {
    return this.#isWhole;
  }

  /** Takes an entry in; `servers` share a poll. */
  push(entry: LogEntry, servers: number): void {
    this.#entries.push(entry);
    const surplus = this.#entries.length - POLLS * servers;
    if (surplus <= 0) return;
    this.#entries.splice(0, surplus);
    this.#isWhole = false;
  }

  /** Forgets everything. */
  clear(): void {
    this.#entries.length = 0;
    this.#isWhole = true;
  }
}
