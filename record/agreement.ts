/**
 * What many intervals agree on.
 *
 * @module
 */
import type { TimeInterval } from "./interval.ts";
import { fromNs, toNs } from "./unix_time.ts";

/**
 * The hull of the points that lie in at least `needed` of the closed intervals from `lows[i]` to `highs[i]`; null when
 * there is none. Intervals that touch agree on the point between them.
 */
export function hullOfAgreement<Point extends number | bigint>(
  lows: readonly Point[],
  highs: readonly Point[],
  needed: number,
): readonly [low: Point, high: Point] | null {
  const begins = lows.toSorted(ascending);
  const ends = highs.toSorted(ascending);
  // Before its end an interval has begun, so a low edge is covered by as many as have begun and not yet ended.
  const low = begins.find((edge, index) => index + 1 - countBelow(ends, edge) >= needed);
  const high = ends.findLast((edge, index) => ends.length - index - countAbove(begins, edge) >= needed);
  return low === undefined || high === undefined ? null : [low, high];
}

function ascending<Point extends number | bigint>(a: Point, b: Point): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function countBelow<Point extends number | bigint>(edges: readonly Point[], limit: Point): number {
  return edges.filter((edge) => edge < limit).length;
}

function countAbove<Point extends number | bigint>(edges: readonly Point[], limit: Point): number {
  return edges.filter((edge) => edge > limit).length;
}

/** What a majority of clocks agrees on, and how many of them. */
export interface Agreement extends TimeInterval {
  /** The most intervals that share a point. */
  readonly count: number;
}

/**
 * The smallest interval that holds every point which the most of `intervals` share (Marzullo's algorithm, as RFC 5905
 * §11.2.1 has it); null when no point lies in more than half of them. With fewer than half of the clocks wrong, the
 * truth is in it or the wrong ones agree with it by chance.
 */
export function agreedInterval(intervals: readonly TimeInterval[]): Agreement | null {
  const lows = intervals.map(({ earliest }) => toNs(earliest));
  const highs = intervals.map(({ latest }) => toNs(latest));
  for (let count = intervals.length; 2 * count > intervals.length; count--) {
    const hull = hullOfAgreement(lows, highs, count);
    if (hull !== null) return { earliest: fromNs(hull[0]), latest: fromNs(hull[1]), count };
  }
  return null;
}
