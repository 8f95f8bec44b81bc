/**
 * What the models look back on: the recent samples of all servers in one row.
 *
 * @module
 */
import type { Sample } from "../estimate/sample.ts";
import { SAMPLES_PER_SERVER, type SampleWindow } from "../estimate/sample_window.ts";

/** Samples kept of all servers together: the longest context, twice, for some of them turn out to be falsetickers'. */
export const HISTORY_SAMPLES = 600;

/** Follows the estimator's window, and remembers more of it. What the estimator gives up is given up here as well. */
export class SampleHistory {
  #samples: Sample[] = [];
  readonly #newest = new Map<string, number>();

  /** In order of arrival, oldest first. */
  get samples(): readonly Sample[] {
    return this.#samples;
  }

  /** Takes over what the window has gained and lost; to be called after each sample. False when something was given up. */
  follow(window: SampleWindow): boolean {
    const isWhole = this.#forget(window);
    this.#gain(window);
    return isWhole;
  }

  #gain(window: SampleWindow): void {
    const gained: Sample[] = [];
    for (const { source, trusted } of window.servers) {
      const newest = this.#newest.get(source) ?? -Infinity;
      const from = trusted.findLastIndex(({ atSeconds }) => atSeconds <= newest) + 1;
      if (from >= trusted.length) continue;
      gained.push(...trusted.slice(from));
      this.#newest.set(source, trusted.at(-1)!.atSeconds);
    }
    if (gained.length === 0) return;
    this.#samples.push(...gained.sort((a, b) => a.atSeconds - b.atSeconds));
    if (this.#samples.length > HISTORY_SAMPLES) {
      this.#samples.splice(0, this.#samples.length - HISTORY_SAMPLES);
    }
  }

  /** A server's window that is not full lost its older samples to a step or a change of route, not to age. */
  #forget(window: SampleWindow): boolean {
    const oldest = new Map<string, number>();
    for (const { source, trusted } of window.servers) {
      const isCut = trusted.length < SAMPLES_PER_SERVER;
      oldest.set(source, isCut ? trusted[0]?.atSeconds ?? Infinity : -Infinity);
    }
    for (const source of this.#newest.keys()) {
      if ((oldest.get(source) ?? Infinity) === Infinity) this.#newest.delete(source);
    }
    const isKept = ({ source, atSeconds }: Sample) => atSeconds >= (oldest.get(source) ?? Infinity);
    if (this.#samples.every(isKept)) return true;
    this.#samples = this.#samples.filter(isKept);
    return false;
  }
}
