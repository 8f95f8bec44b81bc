/**
 * Log entries that carry a Phi timestamp.
 *
 * @module
 */
import { TickError } from "./errors.ts";
import { formatPhi, type PhiTimestamp } from "./phi_timestamp.ts";

/** The longest action or status, in UTF-16 units. */
export const MAX_LABEL_CHARS = 256;
/** The longest details, in UTF-16 units. */
export const MAX_DETAILS_CHARS = 65_536;

/** Who did what at which tick, and how it went. */
export class PhiLogEntry {
  /** When and who. */
  readonly timestamp: PhiTimestamp;
  /** What was done: 1 to {@linkcode MAX_LABEL_CHARS} characters. */
  readonly action: string;
  /** How it went: 1 to {@linkcode MAX_LABEL_CHARS} characters. */
  readonly status: string;
  /** The rest, which may be empty: up to {@linkcode MAX_DETAILS_CHARS} characters. */
  readonly details: string;

  /**
   * `action` and `status` must not be empty; no text may be longer than its bound above.
   *
   * @throws {TickError} `LOG_ENTRY`: a text is empty or too long
   */
  constructor(timestamp: PhiTimestamp, action: string, status: string, details = "") {
    PhiLogEntry.check(action, status, details);
    this.timestamp = timestamp;
    this.action = action;
    this.status = status;
    this.details = details;
  }

  /**
   * Refuses what makes no entry, before a tick is spent on it.
   *
   * @throws {TickError} `LOG_ENTRY`: a text is empty or too long
   */
  static check(action: string, status: string, details = ""): void {
    checkText("action", action, 1, MAX_LABEL_CHARS);
    checkText("status", status, 1, MAX_LABEL_CHARS);
    checkText("details", details, 0, MAX_DETAILS_CHARS);
  }

  /** One line: `{"timestamp","action","status","details"}`, all strings, escaped as JSON demands. */
  toJson(): string {
    const { action, status, details } = this;
    return JSON.stringify({ timestamp: formatPhi(this.timestamp), action, status, details });
  }
}

function checkText(what: string, text: string, min: number, max: number): void {
  if (text.length >= min && text.length <= max) return;
  throw new TickError(
    "LOG_ENTRY",
    `Cannot log an entry: its ${what} has ${text.length} characters; give ${min} to ${max}.`,
  );
}
