/**
 * How well a daemon does, as health checks want to know it.
 *
 * @module
 */
import { Flag } from "./layout.ts";
import type { RecordState } from "./observation.ts";

/** What holds a record back from being as good as it could be. */
const BLEMISHES = Flag.DEGRADED | Flag.HOLDOVER | Flag.SYSTEM_CLOCK | Flag.DISRUPTED | Flag.UNSYNCHRONIZED;

/** How well the daemon does. */
export type Health = "healthy" | "degraded" | "no_valid_time";

/** Healthy: valid from the best source that is configured. Degraded: valid, but from a lower rung. */
export function healthOf({ state, flags }: { readonly state: RecordState; readonly flags: number }): Health {
  if (state !== "valid") return "no_valid_time";
  return (flags & BLEMISHES) === 0 ? "healthy" : "degraded";
}
