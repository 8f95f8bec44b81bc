/**
 * The shortest round trip of a path, remembered for an hour of its talking.
 *
 * @module
 */

/** Minutes in which the server spoke that the memory spans. */
const MEMORY_MINUTES = 60;
const MINUTE_SECONDS = 60;

/** The least of the round trips of the last hour in bounded memory: one minimum a minute. Silence forgets nothing. */
export class FloorMemory {
  readonly #minimaSeconds: number[] = [];
  #minute = -Infinity;

  /** Takes a round trip in. */
  observe(atSeconds: number, delaySeconds: number): void {
    const minute = Math.floor(atSeconds / MINUTE_SECONDS);
    const newest = this.#minimaSeconds.length - 1;
    if (newest >= 0 && minute <= this.#minute) {
      this.#minimaSeconds[newest] = Math.min(this.#minimaSeconds[newest]!, delaySeconds);
      return;
    }
    this.#minute = minute;
    this.#minimaSeconds.push(delaySeconds);
    if (this.#minimaSeconds.length > MEMORY_MINUTES) this.#minimaSeconds.shift();
  }

  /** The path is another one now, whose floor is `floorSeconds` as far as known. */
  restart(floorSeconds: number): void {
    this.#minimaSeconds.splice(0, Infinity, floorSeconds);
  }

  /** The shortest round trip, s; +∞ before the first. */
  get floorSeconds(): number {
    return Math.min(...this.#minimaSeconds);
  }
}
