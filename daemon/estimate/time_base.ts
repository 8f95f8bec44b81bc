/**
 * The estimator's zero: where bigint nanoseconds become doubles and back.
 *
 * @module
 */

const NANOSECONDS_PER_SECOND = 1e9;

/** Where the estimator's zero lies, so that doubles keep picoseconds: offset 0 means utc = utcNs + (raw − rawNs). */
export interface TimeBase {
  /** CLOCK_MONOTONIC_RAW in ns at the base. */
  readonly rawNs: bigint;
  /** UTC in ns since 1970 that the base takes the raw instant for. */
  readonly utcNs: bigint;
}

/** The raw instant `rawNs` as seconds since the base. */
export function rawSecondsSince(base: TimeBase, rawNs: bigint): number {
  return Number(rawNs - base.rawNs) / NANOSECONDS_PER_SECOND;
}

/** UTC in ns at the raw instant `rawNs` when the offset there is `offsetSeconds`; rounded to whole ns. */
export function utcNsAt(base: TimeBase, rawNs: bigint, offsetSeconds: number): bigint {
  return base.utcNs + (rawNs - base.rawNs) + BigInt(Math.round(offsetSeconds * NANOSECONDS_PER_SECOND));
}
