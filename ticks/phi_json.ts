/**
 * A Phi timestamp with what is known of its time, as JSON.
 *
 * @module
 */
import { formatPhi, formatUtc, type PhiTimestamp } from "./phi_timestamp.ts";

/** A Phi timestamp and how sure its time is. */
export interface PhiEvent extends PhiTimestamp {
  /** True time was not earlier when the stamp was made, Unix ns; null when nobody knows a bound. */
  readonly earliestNs: bigint | null;
  /** True time was not later when the stamp was made, Unix ns; null when nobody knows a bound. */
  readonly latestNs: bigint | null;
  /** Where the time is from: ChronoTick's `ntp`, `fusion` …, or `system_clock`. */
  readonly source: string;
}

/**
 * One line of JSON: `timestamp` (the Phi timestamp), `utc_ns`, `tick`, `agent`, `earliest`, `latest` (ISO 8601 or
 * null) and `source`. The 64-bit integers are decimal strings, as in protobuf's JSON: most readers of JSON lose the
 * last digits of large numbers.
 */
export function phiToJson(event: PhiEvent): string {
  return JSON.stringify({
    timestamp: formatPhi(event),
    utc_ns: String(event.utcNs),
    tick: String(event.tick),
    agent: event.agent,
    earliest: isoOrNull(event.earliestNs),
    latest: isoOrNull(event.latestNs),
    source: event.source,
  });
}

function isoOrNull(utcNs: bigint | null): string | null {
  return utcNs === null ? null : formatUtc(utcNs);
}
