/**
 * The record and what follows from it as JSON, under the names that the record has in every language.
 *
 * @module
 */
import { FIELDS, flagNames, sourceName, warmupPercent } from "./layout.ts";
import { toIsoString, toNs } from "./unix_time.ts";
import type { CorrectedTime } from "./corrected_time.ts";
import type { RecordStatus } from "./observation.ts";

/** JSON holds numbers of any size; this keeps nanoseconds exact where a double would not. */
function exactInteger(value: bigint): unknown {
  return (JSON as unknown as { rawJSON(text: string): unknown }).rawJSON(String(value));
}

/** A record with its state, and the time now when it is valid. `JSON.stringify` it. */
export function statusToJson(status: RecordStatus, time: CorrectedTime | null): Record<string, unknown> {
  const fields = Object.entries(FIELDS).map(([key, { name }]) => [name, status[key as keyof RecordStatus]]);
  return {
    is_valid: time !== null,
    state: status.state,
    ...Object.fromEntries(fields),
    source: sourceName(status.source),
    max_error: Number.isFinite(status.maxError) ? status.maxError : null,
    boottime_anchor: exactInteger(toNs(status.boottimeAnchor)),
    flag_names: flagNames(status.flags).map((name) => name.toLowerCase()),
    warmup_percent: warmupPercent(status.flags),
    record_age: status.ageSeconds,
    ...(time === null ? {} : timeToJson(time)),
  };
}

function timeToJson(time: CorrectedTime): Record<string, unknown> {
  return {
    corrected_time: time.correctedTimestamp,
    system_time: time.systemTimestamp,
    iso: toIsoString(time.time),
    utc_ns: exactInteger(toNs(time.time)),
    correction: time.correctionSeconds,
    time_uncertainty: time.uncertaintySeconds,
    max_error_now: Number.isFinite(time.maxErrorSeconds) ? time.maxErrorSeconds : null,
    ...(time.interval === null ? {} : {
      earliest: toIsoString(time.interval.earliest),
      latest: toIsoString(time.interval.latest),
      earliest_ns: exactInteger(toNs(time.interval.earliest)),
      latest_ns: exactInteger(toNs(time.interval.latest)),
    }),
  };
}
