/**
 * What was taken in of late, to be lived again when something becomes known about it.
 *
 * @module
 */
import type { Sample } from "./sample.ts";

/** Samples kept for each server … */
const POLLS = 150;
/** … and of all together, so that living them again never takes long. */
const MAX_SAMPLES = 600;

/** The last 150 polls, in order of time. */
export class ReplayLog {
  readonly #samples: Sample[] = [];
  #isWhole = true;

  /** In order of time. */
  get samples(): readonly Sample[] {
    return this.#samples;
  }

  /** Whether nothing was dropped since `clear`. */
  get isWhole(): boolean {
    return this.#isWhole;
  }

  /** Takes a sample in where it belongs; false when others came later. `servers` share a poll. */
  insert(sample: Sample, servers: number): boolean {
    const after = this.#samples.findLastIndex(({ atSeconds }) => atSeconds <= sample.atSeconds) + 1;
    const isLast = after === this.#samples.length;
    this.#samples.splice(after, 0, sample);
    const surplus = this.#samples.length - Math.min(MAX_SAMPLES, POLLS * servers);
    if (surplus > 0) {
      this.#samples.splice(0, surplus);
      this.#isWhole = false;
    }
    return isLast;
  }

  /** Forgets everything. */
  clear(): void {
    this.#samples.length = 0;
    this.#isWhole = true;
  }
}
