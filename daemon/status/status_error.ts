/**
 * Why the status API cannot be served.
 *
 * @module
 */

/** The message says what could not be served, why, and what to do. */
export class StatusError extends Error {
  override readonly name = "StatusError";
  /** The socket's path, or HOST:PORT. */
  readonly place: string;

  /** `reason` and `remedy` complete the message; the first ends without a full stop, the second with one. */
  constructor(place: string, reason: string, remedy: string) {
    super(`Cannot serve the status on ${place}: ${reason}. ${remedy}`);
    this.place = place;
  }
}
