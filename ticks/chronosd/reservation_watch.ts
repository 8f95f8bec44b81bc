/**
 * Sees that ticks were reserved, whichever process did it.
 *
 * @module
 */

const LOOK_INTERVAL_MS = 100;

/** Looks ten times a second, until it is disposed. */
export class ReservationWatch implements Disposable {
  readonly #timer: ReturnType<typeof setInterval>;

  /** `reserved` gives the highest tick of a reservation; `onReserved` is told of each other one that is seen. */
  constructor(reserved: () => bigint, onReserved: (tick: bigint) => void) {
    let known = reserved();
    this.#timer = setInterval(() => {
      const seen = reserved();
      if (seen === known) return;
      known = seen;
      onReserved(seen);
    }, LOOK_INTERVAL_MS);
  }

  /** Looks no more. */
  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }
}
