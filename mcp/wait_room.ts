/**
 * How many may wait at once.
 *
 * @module
 */

/** Whoever is in it leaves by disposing of their place. */
export class WaitRoom {
  readonly capacity: number;
  #taken = 0;

  /** An empty room. */
  constructor(capacity: number) {
    this.capacity = capacity;
  }

  /** A place, or null when all are taken. */
  enter(): Disposable | null {
    if (this.#taken >= this.capacity) return null;
    this.#taken++;
    return { [Symbol.dispose]: () => void this.#taken-- };
  }
}
