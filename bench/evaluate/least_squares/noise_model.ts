/**
 * What one sample is worth, and what no sample can tell: the error model of a path.
 *
 * @module
 */
import type { PathProfile } from "./path_profile.ts";

/** Noise of the stamps themselves, s. */
const STAMP_SD_SECONDS = 3e-6;
/** Queueing of e s in the round trip shifts the offset by anything within ±e/2: uniform, sd e/√12. */
const EXCESS_SHARE = 1 / Math.sqrt(12);

/** Queueing of an exchange on both ways together, s: round trip above the floor and what the floor itself still holds. */
export function queueing(delaySeconds: number, path: PathProfile): number {
  return Math.max(0, delaySeconds - path.floorSeconds) + path.unseenSeconds;
}

/** Variance of a sample's offset about the true one and its path's bias, s². */
export function sampleVariance(queueingSeconds: number): number {
  return STAMP_SD_SECONDS ** 2 + (EXCESS_SHARE * queueingSeconds) ** 2;
}

/** One-way paths differ by this share (1 sd) of half the shortest round trip. */
const ASYMMETRY_SHARE = 0.12;
/** What a server in the same building is off, s, 1 sd. */
const NEAR_SERVER_SD_SECONDS = 15e-6;
/** What a public server is off, s, 1 sd. */
const PUBLIC_SERVER_SD_SECONDS = 400e-6;
/** A shortest round trip beyond this is a public server's, s; below it the figure fades in, lest the weights jump. */
const PUBLIC_FLOOR_SECONDS = 3e-3;
const PUBLIC_FADE_SECONDS = 0.5e-3;

/** Prior variance of what a server's offsets are off for ever: path asymmetry and the server's own error, s². */
export function pathBiasVariance(floorSeconds: number): number {
  return (ASYMMETRY_SHARE * floorSeconds / 2) ** 2 + serverErrorVariance(floorSeconds);
}

/** The part of it that is the server's own doing, s². */
function serverErrorVariance(floorSeconds: number): number {
  const faded = (floorSeconds - PUBLIC_FLOOR_SECONDS) / PUBLIC_FADE_SECONDS + 1;
  const publicSd = PUBLIC_SERVER_SD_SECONDS * Math.min(1, Math.max(0, faded));
  return NEAR_SERVER_SD_SECONDS ** 2 + publicSd ** 2;
}
