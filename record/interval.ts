/**
 * Interval arithmetic: what can be said of a time that is known within bounds.
 *
 * @module
 */
import { addNs, compareUnixTime, type UnixTime } from "./unix_time.ts";

/**
 * How fast an oscillator may drift from where the last measurement left it, s/s: what the hard bound grows by.
 * 50 ppm covers ordinary crystal oscillators over their temperature range.
 */
export const FREQUENCY_TOLERANCE = 50e-6;

/** The truth lies between the two, both included. */
export interface TimeInterval {
  /** Not earlier than this. */
  earliest: UnixTime;
  /** Not later than this. */
  latest: UnixTime;
}

/** How two intervals lie: certainly one before the other, or no one can say. */
export type IntervalOrder = "before" | "after" | "concurrent";

/** Whether `a` certainly precedes `b`, certainly follows it, or overlaps it. */
export function compareIntervals(a: TimeInterval, b: TimeInterval): IntervalOrder {
  if (compareUnixTime(a.latest, b.earliest) < 0) return "before";
  if (compareUnixTime(b.latest, a.earliest) < 0) return "after";
  return "concurrent";
}

/** The interval of `halfWidthSeconds` around `center`, rounded outwards to whole ns. */
export function intervalAround(center: UnixTime, halfWidthSeconds: number): TimeInterval {
  const halfNs = Math.ceil(halfWidthSeconds * 1e9);
  return { earliest: addNs(center, -halfNs), latest: addNs(center, halfNs) };
}
