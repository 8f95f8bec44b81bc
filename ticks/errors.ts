/**
 * Why no tick can be given, or a text is refused: a closed set of reasons in one class.
 *
 * @module
 */

/** Machine-readable reasons of a {@linkcode TickError}. */
export const TICK_ERROR_CODES = [
  /** A text that is no agent id. */
  "AGENT_ID",
  /** A text that is no Phi timestamp, or parts that make none. */
  "PHI_TIMESTAMP",
  /** Parts that make no log entry. */
  "LOG_ENTRY",
  /** A count, a tick or a time out of range. */
  "RANGE",
  /** There is no counter yet. */
  "NO_COUNTER",
  /** The state is damaged, or not this counter's. */
  "CORRUPT",
  /** A folder or file that cannot be trusted with a counter. */
  "STATE_FOLDER",
  /** Another process holds what is needed. */
  "BUSY",
  /** The address of an authority, or a file that it names, is wrong. */
  "ADDRESS",
  /** The authority refuses this user. */
  "NOT_PERMITTED",
  /** The disk, the socket or the cluster failed. */
  "UNAVAILABLE",
  /** All ticks were handed out. */
  "EXHAUSTED",
  /** Used after it was closed. */
  "CLOSED",
] as const;

/** One of them. */
export type TickErrorCode = typeof TICK_ERROR_CODES[number];

/** A refusal. The message is one sentence: what could not be done, what happened, what to do. */
export class TickError extends Error {
  /** The class, for logs. */
  override readonly name = "TickError";
  /** The reason, for programs. */
  readonly code: TickErrorCode;

  /** `message` is for the user. */
  constructor(code: TickErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
