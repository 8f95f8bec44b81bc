/**
 * Saves the state of a running daemon every few minutes, and once more when it stops.
 *
 * @module
 */
import { Clock, nowNs } from "../ffi/clocks.ts";
import type { EstimatorPrior } from "./estimate/estimator.ts";
import type { StateFile } from "./state_file.ts";

const SAVE_INTERVAL_MS = 300_000;
const NANOSECONDS_PER_SECOND = 1e9;

/** Dispose it after the daemon's service: readers are told first, the disk may take its time. */
export class StateKeeper implements AsyncDisposable {
  readonly #file: StateFile | null;
  #read: (() => EstimatorPrior | null) | null = null;
  #timer: ReturnType<typeof setInterval> | undefined;

  /** `file` is null where nothing can be kept. */
  constructor(file: StateFile | null) {
    this.#file = file;
  }

  /** What the last run left; null when there is nothing to use. */
  load(): EstimatorPrior | null {
    return this.#file?.load(nowRawSeconds()) ?? null;
  }

  /** From now on saves what `read` gives. */
  keep(read: () => EstimatorPrior | null): void {
    this.#read = read;
    this.#timer = setInterval(() => void this.#save(), SAVE_INTERVAL_MS);
  }

  /** Saves for the last time. */
  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    await this.#save();
  }

  async #save(): Promise<void> {
    await this.#file?.save(this.#read?.() ?? null, nowRawSeconds());
  }
}

function nowRawSeconds(): number {
  return Number(nowNs(Clock.MONOTONIC_RAW)) / NANOSECONDS_PER_SECOND;
}
