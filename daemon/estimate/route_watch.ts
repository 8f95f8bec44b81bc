/**
 * Notices when a path has become another one: its round trips settle on a new level.
 *
 * @module
 */

/** Round trips looked at when a new level is judged. */
const LOOK_BACK = 30;
/** A run above the old level must be at least this long … */
const LEAST_RUN = 18;
/** … and so unlikely to be chance: its logarithm. */
const CHANCE_LOG = Math.log(1e-7);
/** Share of round trips near the floor, learned with this rate, from this start. */
const SHARE_RATE = 0.02;
const FIRST_SHARE = 0.3;
/** Below the old floor this many in a row are a new level rather than luck … */
const FALLEN_RUN = 4;
/** … when the old floor was the least of so many. */
const SETTLED_AFTER = 30;

/** A new level. */
export interface RouteChange {
  /** When the first round trip on the new route was taken. */
  readonly sinceSeconds: number;
  /** Shortest round trip since, s. */
  readonly floorSeconds: number;
}

interface RoundTrip {
  readonly atSeconds: number;
  readonly delaySeconds: number;
}

/** Watches one path's round trips. */
export class RouteWatch {
  readonly #recent: RoundTrip[] = [];
  #share = FIRST_SHARE;
  #shareBeforeRun = FIRST_SHARE;
  #run = 0;
  #fallen = 0;
  #count = 0;
  #floorBeforeFall = Infinity;
  #quietJitter = 0;

  /**
   * Takes a round trip in that arrived when the path's floor was `floorSeconds` (without it) and its usual excess
   * `jitterSeconds`; tells of a new level when this makes one certain.
   */
  observe(roundTrip: RoundTrip, floorSeconds: number, jitterSeconds: number): RouteChange | null {
    this.#recent.push(roundTrip);
    if (this.#recent.length > LOOK_BACK) this.#recent.shift();
    this.#count++;
    return this.#fall(roundTrip, floorSeconds) ?? this.#rise(roundTrip, floorSeconds, jitterSeconds);
  }

  #fall({ delaySeconds }: RoundTrip, floorSeconds: number): RouteChange | null {
    if (this.#fallen === 0) this.#floorBeforeFall = floorSeconds;
    this.#fallen = delaySeconds < this.#floorBeforeFall ? this.#fallen + 1 : 0;
    return this.#fallen === FALLEN_RUN && this.#count > SETTLED_AFTER ? this.#settle(FALLEN_RUN) : null;
  }

  #rise({ delaySeconds }: RoundTrip, floorSeconds: number, jitterSeconds: number): RouteChange | null {
    if (this.#run === 0) this.#quietJitter = jitterSeconds;
    const isLow = delaySeconds <= floorSeconds + Math.max(0.5 * this.#quietJitter, 20e-6);
    if (isLow) this.#run = 0;
    else if (this.#run++ === 0) this.#shareBeforeRun = this.#share;
    this.#share += SHARE_RATE * ((isLow ? 1 : 0) - this.#share);
    const chance = Math.log1p(-Math.min(0.95, Math.max(0.01, this.#shareBeforeRun)));
    if (this.#run <= LEAST_RUN || this.#run * chance > CHANCE_LOG) return null;
    return this.#isSettled(floorSeconds) ? this.#settle(Math.min(this.#run, LOOK_BACK)) : null;
  }

  /** A new level is as narrow as the old one was, and clearly above it. */
  #isSettled(floorSeconds: number): boolean {
    const delays = this.#recent.slice(-this.#run).map(({ delaySeconds }) => delaySeconds).sort((a, b) =>
      a - b
    );
    const least = delays[0]!, median = delays[delays.length >> 1]!;
    return median - least < 3 * this.#quietJitter + 30e-6 &&
      least > floorSeconds + Math.max(2 * this.#quietJitter, 100e-6);
  }

  #settle(count: number): RouteChange {
    const since = this.#recent.slice(-count);
    this.#run = this.#fallen = 0;
    this.#count = count;
    return {
      sinceSeconds: since[0]!.atSeconds,
      floorSeconds: Math.min(...since.map(({ delaySeconds }) => delaySeconds)),
    };
  }
}
