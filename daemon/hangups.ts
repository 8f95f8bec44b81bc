/**
 * SIGHUP, which would end a process that does not listen: heard from the first moment, heeded once there is somebody who
 * can.
 *
 * @module
 */

/** Listens from its construction on. */
export class Hangups {
  #heed: (() => void) | null = null;
  #hasCome = false;

  constructor() {
    Deno.addSignalListener("SIGHUP", () => {
      if (this.#heed === null) this.#hasCome = true;
      else this.#heed();
    });
  }

  /** Calls `heed` at each hangup from now on, and once at once if any has come before. */
  follow(heed: () => void): void {
    this.#heed = heed;
    if (this.#hasCome) heed();
  }
}
