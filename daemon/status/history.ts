/**
 * What the time served was, for the last hour.
 *
 * @module
 */
import type { Moment } from "./schemas.ts";

/** A moment is kept this often, s. */
export const HISTORY_INTERVAL_SECONDS = 1;
/** And for so long, s. */
export const HISTORY_SECONDS = 3600;

/** Bounded memory: the oldest moment makes room for the newest. */
export class History {
  readonly #moments: Moment[] = [];
  #next = 0;

  /** Keeps `moment`, later than all others. */
  push(moment: Moment): void {
    this.#moments[this.#next] = moment;
    this.#next = (this.#next + 1) % (HISTORY_SECONDS / HISTORY_INTERVAL_SECONDS);
  }

  /** The newest moments that reach back `seconds`, oldest first. */
  last(seconds: number): Moment[] {
    const inOrder = [...this.#moments.slice(this.#next), ...this.#moments.slice(0, this.#next)];
    return inOrder.slice(-Math.max(1, Math.round(seconds / HISTORY_INTERVAL_SECONDS)));
  }
}
