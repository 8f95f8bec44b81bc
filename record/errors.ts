/**
 * Why no time can be served: a closed set. Every message says what was tried, what was found and what to do.
 *
 * @module
 */

/** Machine-readable reasons, one per class below. */
export type ChronoTickErrorCode =
  | "NO_DAEMON"
  | "STALE"
  | "NOT_SYNCHRONIZED"
  | "DISRUPTED"
  | "HOSTILE_RECORD"
  | "UNTRUSTED_SEGMENT";

/** What all of ChronoTick's refusals have in common. */
export abstract class ChronoTickError extends Error {
  /** The reason, for programs. */
  abstract readonly code: ChronoTickErrorCode;
}

/** There is no segment of that name, or nothing was ever published into it. */
export class NoDaemonError extends ChronoTickError {
  /** The class, for logs. */
  override readonly name = "NoDaemonError";
  /** The reason, for programs. */
  override readonly code = "NO_DAEMON";
}

/** There is a record, but nobody has published for too long: its writer died, hangs, or the machine slept. */
export class StaleRecordError extends ChronoTickError {
  /** The class, for logs. */
  override readonly name = "StaleRecordError";
  /** The reason, for programs. */
  override readonly code = "STALE";
  /** How long ago the record was published, s. */
  readonly ageSeconds: number;

  /** `message` is one sentence for the user. */
  constructor(message: string, ageSeconds: number) {
    super(message);
    this.ageSeconds = ageSeconds;
  }
}

/** The daemon lives but has no valid time (yet, or any more): warming up, or no source at all. */
export class NotSynchronizedError extends ChronoTickError {
  /** The class, for logs. */
  override readonly name = "NotSynchronizedError";
  /** The reason, for programs. */
  override readonly code = "NOT_SYNCHRONIZED";
}

/** The daemon noticed a suspend, step or move and is measuring anew. */
export class DisruptedError extends ChronoTickError {
  /** The class, for logs. */
  override readonly name = "DisruptedError";
  /** The reason, for programs. */
  override readonly code = "DISRUPTED";
}

/** The bytes are not a record that an honest writer of a known version leaves. */
export class HostileRecordError extends ChronoTickError {
  /** The class, for logs. */
  override readonly name = "HostileRecordError";
  /** The reason, for programs. */
  override readonly code = "HOSTILE_RECORD";
  /** The field at fault (its name in PROTOCOL.md), or `size` for a segment that is too short. */
  readonly field: string;

  /** `message` is one sentence for the user. */
  constructor(message: string, field: string) {
    super(message);
    this.field = field;
  }
}

/** The segment belongs to a user whom this reader does not trust, or others may write it. */
export class UntrustedSegmentError extends ChronoTickError {
  /** The class, for logs. */
  override readonly name = "UntrustedSegmentError";
  /** The reason, for programs. */
  override readonly code = "UNTRUSTED_SEGMENT";
  /** Whose it is. */
  readonly userId: number;

  /** `message` is one sentence for the user. */
  constructor(message: string, userId: number, options?: ErrorOptions) {
    super(message, options);
    this.userId = userId;
  }
}
