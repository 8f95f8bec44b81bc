/** What the charts show: the last minute as it comes, the last hour by the second. Never grows beyond that. */

export const FINE_SECONDS = 60;
export const MAX_FINE = 600;
export const MAX_COARSE = 3600;

/** Moments of the status API, oldest first. */
export class Series {
  #fine = [];
  #coarse = [];

  /** Begins anew with a history of one moment a second. */
  restart(moments) {
    this.#coarse = moments.slice(-MAX_COARSE);
    this.#fine = moments.slice(-FINE_SECONDS);
  }

  /** A new moment; one that is not later than the last one is left out. */
  push(moment) {
    const last = this.#fine.at(-1);
    if (last !== undefined && moment.utc_seconds <= last.utc_seconds) return;
    this.#fine.push(moment);
    if (this.#fine.length > MAX_FINE) this.#fine.shift();
    const kept = this.#coarse.at(-1);
    if (kept !== undefined && moment.utc_seconds - kept.utc_seconds < 1) return;
    this.#coarse.push(moment);
    if (this.#coarse.length > MAX_COARSE) this.#coarse.shift();
  }

  /** The moments of the last `seconds`. */
  last(seconds) {
    const moments = seconds <= FINE_SECONDS ? this.#fine : this.#coarse;
    const from = (moments.at(-1)?.utc_seconds ?? 0) - seconds;
    return moments.filter(({ utc_seconds }) => utc_seconds >= from);
  }
}
