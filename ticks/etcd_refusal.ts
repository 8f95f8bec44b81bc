/**
 * How a tick that a cluster does not give is told.
 *
 * @module
 */
import { TickError, type TickErrorCode } from "./errors.ts";

/** One sentence: where no tick could be had, and `why`, which says what to do. */
export function noTickFrom(address: string, code: TickErrorCode, why: string): TickError {
  return new TickError(code, `Cannot have a tick from ${address}: ${why}.`);
}
