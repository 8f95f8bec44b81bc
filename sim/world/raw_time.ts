/**
 * Virtual seconds as the nanoseconds that production code deals in.
 *
 * @module
 */
import type { TimeBase } from "../../daemon/estimate/time_base.ts";

/** CLOCK_MONOTONIC_RAW in ns, `rawSeconds` after the base. */
export function rawNsAt(base: TimeBase, rawSeconds: number): bigint {
  return base.rawNs + toNs(rawSeconds);
}

/** To whole nanoseconds. */
export function toNs(seconds: number): bigint {
  return BigInt(Math.round(seconds * 1e9));
}
