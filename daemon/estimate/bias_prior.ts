/**
 * What no sample can tell: how far a server's offsets are off for good, because its paths differ in length or its own
 * clock is off. Known only as a distribution, from what the server and the way to it look like.
 *
 * @module
 */

/** One-way paths differ by this share (1 sd) of half the shortest round trip … */
const ASYMMETRY_SHARE = 0.105;
/** … and a server, whose own way to its reference is such a path too, is off by this share of its root distance. */
const SERVER_SHARE = 0.08;
/** A server's claim is believed between these shares of the shortest round trip: near ones are good, far ones are not. */
const LEAST_SERVER_SHARE = 0.03;
const MOST_SERVER_SHARE = 0.08;
/** Nor is a server that is asked at all worse than this, s, 1 sd … */
const WORST_SERVER_SD_SECONDS = 400e-6;
/** … or better than stamps are. */
const STAMP_SD_SECONDS = 4e-6;

/** Prior variance of what a server's offsets are off for ever: path asymmetry and the server's own error, s². */
export function pathBiasVariance(floorSeconds: number, rootDistanceSeconds: number): number {
  return (ASYMMETRY_SHARE * floorSeconds / 2) ** 2 + serverErrorVariance(floorSeconds, rootDistanceSeconds);
}

/** The part of it that is the server's own doing and may change over a day, s². */
export function serverErrorVariance(floorSeconds: number, rootDistanceSeconds: number): number {
  const least = LEAST_SERVER_SHARE * floorSeconds;
  const most = MOST_SERVER_SHARE * floorSeconds;
  const sd = Math.min(most, WORST_SERVER_SD_SECONDS, Math.max(least, SERVER_SHARE * rootDistanceSeconds));
  return sd ** 2 + STAMP_SD_SECONDS ** 2;
}
