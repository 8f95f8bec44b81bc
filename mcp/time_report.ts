/**
 * The corrected time as tools and resources give it.
 *
 * @module
 */
import { z } from "zod";
import { type CorrectedTime, Flag, formatSeconds, sourceName, toIsoString } from "../mod.ts";

/** The fields of {@linkcode timeReport}, in its order. */
export const TIME_FIELDS = {
  corrected_time: z.number().describe("The corrected time now, Unix seconds (steps of 238 ns)"),
  iso: z.string().describe("The corrected time now, ISO 8601 in UTC, exact to the ns"),
  earliest: z.string().describe(
    "It is certainly not earlier than this, ISO 8601; null: no hard bound",
  ).nullable(),
  latest: z.string().describe(
    "It is certainly not later than this, ISO 8601; null: no hard bound",
  ).nullable(),
  max_error: z.number().describe(
    "Hard half-width, s: the truth is never further off; null: unknown",
  ).nullable(),
  time_uncertainty: z.number().describe(
    "One calibrated sigma, s: ± 1.96 of it cover the truth 95 % of the time",
  ),
  system_time: z.number().describe("This machine's own clock at the same instant, Unix seconds"),
  offset_correction: z.number().describe("True minus system time at prediction_time, s"),
  drift_rate: z.number().describe("How fast that grows, s/s"),
  offset_uncertainty: z.number().describe("One sigma of offset_correction, s"),
  drift_uncertainty: z.number().describe("One sigma of drift_rate, s/s"),
  confidence: z.number().describe("Probability that the error is within the daemon's limit, 0 to 1"),
  source: z.string().describe(
    "What the correction comes from: ntp, cpu_model, gpu_model, fusion, phc, system_clock",
  ),
  prediction_time: z.number().describe("The correction was predicted for this system time, Unix seconds"),
  valid_until: z.number().describe("The prediction may be used until this system time, Unix seconds"),
  is_valid: z.boolean().describe("Always true: a time that may not be used is an error, not a value"),
  is_ntp_ready: z.boolean().describe("At least one time server was measured"),
  is_models_ready: z.boolean().describe("Every enabled model predicts"),
} as const satisfies z.ZodRawShape;

/** The time in the fields above. */
export type TimeReport = z.output<z.ZodObject<typeof TIME_FIELDS>>;

/** Everything that is known of `time`. */
export function timeReport(time: CorrectedTime): TimeReport {
  return {
    corrected_time: time.correctedTimestamp,
    iso: toIsoString(time.time),
    earliest: time.interval && toIsoString(time.interval.earliest),
    latest: time.interval && toIsoString(time.interval.latest),
    max_error: finiteOrNull(time.maxErrorSeconds),
    time_uncertainty: time.uncertaintySeconds,
    system_time: time.systemTimestamp,
    offset_correction: time.offsetCorrection,
    drift_rate: time.driftRate,
    offset_uncertainty: time.offsetUncertainty,
    drift_uncertainty: time.driftUncertainty,
    confidence: time.confidence,
    source: sourceText(time.source, time.flags),
    prediction_time: time.predictionTime,
    valid_until: time.validUntil,
    is_valid: time.isValid,
    is_ntp_ready: (time.flags & Flag.NTP_READY) !== 0,
    is_models_ready: (time.flags & Flag.MODELS_READY) !== 0,
  };
}

/** "2026-… , certainly within ± 1.2 ms, one sigma ± 20 µs". */
export function timeText(time: CorrectedTime): string {
  const bound = time.interval === null
    ? "without a hard bound"
    : `certainly within ± ${formatSeconds(time.maxErrorSeconds)}`;
  return `${toIsoString(time.time)}, ${bound}, one sigma ± ${formatSeconds(time.uncertaintySeconds)}`;
}

/** The source by name; the flags know of more sources than the record's enumeration. */
export function sourceText(source: number, flags: number): string {
  if ((flags & Flag.SYSTEM_CLOCK) !== 0) return "system_clock";
  return (flags & Flag.PHC) !== 0 ? "phc" : sourceName(source);
}

/** JSON has no infinity. */
export function finiteOrNull(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
