/**
 * What may be asked of an authority, whichever it is.
 *
 * @module
 */
import { TickError } from "./errors.ts";

/** Ticks that one call can hand out. */
export const MAX_COUNT: number = 1_000_000;

/**
 * Refuses what is no number of ticks; `what` it was to be: "a count of ticks".
 *
 * @throws {TickError} `RANGE`: it is not an integer from 1 to {@linkcode MAX_COUNT}
 */
export function checkCount(what: string, count: number): void {
  if (Number.isInteger(count) && count >= 1 && count <= MAX_COUNT) return;
  throw new TickError("RANGE", `Cannot use ${count} as ${what}: give an integer from 1 to ${MAX_COUNT}.`);
}

/**
 * Refuses a time, Unix ns, that no stamp can carry.
 *
 * @throws {TickError} `RANGE`: it is not from 0 to `maxUtcNs`
 */
export function checkStampTime(utcNs: bigint, maxUtcNs: bigint): void {
  if (utcNs >= 0n && utcNs <= maxUtcNs) return;
  throw new TickError("RANGE", `Cannot stamp the time ${utcNs}: give ns from 1970 to 2262.`);
}
