/**
 * The record as seen at one instant: how old it is, and what it is good for.
 *
 * @module
 */
import { Flag } from "./layout.ts";
import type { ChronoTickData } from "./record.ts";
import type { UnixTime } from "./unix_time.ts";

/** Every legal frequency publishes at least once a second: older than this means that nobody publishes. */
export const MAX_AGE_SECONDS = 2.5;

/** Clocks of one kernel agree better than this: a record from further ahead is nobody's. */
export const MAX_LEAD_SECONDS = 1e-3;

/** What can be said of a record's use now. */
export type RecordState = "valid" | "not_synchronized" | "disrupted" | "stale" | "expired";

/** The record and the instant of looking at it. */
export interface Observation {
  /** The observer's own copy: unchanged until its next look. */
  readonly record: Readonly<ChronoTickData>;
  /** The system clock now, on the scale of the record: CLOCK_BOOTTIME + boottime_anchor. */
  readonly system: UnixTime;
  /** Time since the publication, s. */
  readonly ageSeconds: number;
  /** Whether its time may be used, or why not. */
  readonly state: RecordState;
}

/** The record, and what it is good for now. */
export interface RecordStatus extends ChronoTickData {
  /** Time since the publication, s. */
  readonly ageSeconds: number;
  /** Whether its time may be used, or why not. */
  readonly state: RecordState;
}

/** What `record` is good for `ageSeconds` after its publication. */
export function stateOf(record: ChronoTickData, ageSeconds: number): RecordState {
  if (!(ageSeconds <= MAX_AGE_SECONDS && ageSeconds >= -MAX_LEAD_SECONDS)) return "stale";
  if ((record.flags & Flag.DISRUPTED) !== 0) return "disrupted";
  if ((record.flags & Flag.VALID) === 0) return "not_synchronized";
  if (record.systemTimestamp + ageSeconds > record.validUntil) return "expired";
  return "valid";
}

/** The observed record as an object of its own, which later looks leave alone. */
export function statusOf({ record, ageSeconds, state }: Observation): RecordStatus {
  return { ...record, boottimeAnchor: { ...record.boottimeAnchor }, ageSeconds, state };
}
