/**
 * How the daemon does, as tools and resources give it.
 *
 * @module
 */
import { z } from "zod";
import { Flag, flagNames, type RecordStatus, warmupPercent } from "../mod.ts";
import { sourceText } from "./time_report.ts";

/** What `status` can say, best first. */
export const STATUSES = {
  ready: "measures from the best source that is configured",
  warming_up: "is warming up",
  degraded: "runs without a part that its configuration asks for",
  holdover: "hears from no source and carries the last measurement on, with growing bounds",
  system_clock: "has no better source than the kernel's own clock",
  disrupted: "noticed a suspend, step or move and is measuring anew",
  not_synchronized: "has no source that answers",
  expired: "publishes but no longer estimates",
  stale: "has stopped publishing",
} as const;

/** One of the statuses. */
export type Status = keyof typeof STATUSES;

/** The fields of {@linkcode statusReport}, in its order. */
export const STATUS_FIELDS = {
  status: z.enum(Object.keys(STATUSES) as [Status, ...Status[]]).describe(
    Object.entries(STATUSES).map(([status, meaning]) => `${status}: the daemon ${meaning}`).join("; "),
  ),
  is_valid: z.boolean().describe("Whether its time may be used now"),
  warmup_complete: z.boolean(),
  warmup_percent: z.number().int().min(0).max(100),
  ntp_ready: z.boolean().describe("At least one time server was measured"),
  models_ready: z.boolean().describe("Every enabled model predicts"),
  measurement_count: z.number().int(),
  total_corrections: z.number().int().describe("Predictions published since the daemon started"),
  daemon_uptime: z.number().describe("s"),
  last_ntp_sync: z.number().describe("When a server was last measured, Unix seconds; null: never").nullable(),
  seconds_since_ntp: z.number().describe("How long ago that was, s; null: never").nullable(),
  confidence: z.number().describe("Probability that the error is within the daemon's limit, 0 to 1"),
  data_source: z.string().describe(
    "What the correction comes from: ntp, cpu_model, gpu_model, fusion, phc, …",
  ),
  average_latency_ms: z.number().describe("Mean time of one publication, ms"),
  flags: z.array(z.string()).describe("All flags of the record that are set"),
} as const satisfies z.ZodRawShape;

/** The status in the fields above. */
export type StatusReport = z.output<z.ZodObject<typeof STATUS_FIELDS>>;

/** Everything that is known of the daemon. */
export function statusReport(record: RecordStatus): StatusReport {
  const has = (flag: number) => (record.flags & flag) !== 0;
  const isMeasured = record.lastNtpSync > 0;
  return {
    status: statusOf(record),
    is_valid: record.state === "valid",
    warmup_complete: has(Flag.WARMUP_COMPLETE),
    warmup_percent: warmupPercent(record.flags),
    ntp_ready: has(Flag.NTP_READY),
    models_ready: has(Flag.MODELS_READY),
    measurement_count: record.measurementCount,
    total_corrections: record.totalCorrections,
    daemon_uptime: record.daemonUptime,
    last_ntp_sync: isMeasured ? record.lastNtpSync : null,
    seconds_since_ntp: isMeasured ? record.correctedTimestamp + record.ageSeconds - record.lastNtpSync : null,
    confidence: record.confidence,
    data_source: sourceText(record.source, record.flags),
    average_latency_ms: record.averageLatencyMs,
    flags: flagNames(record.flags).map((name) => name.toLowerCase()),
  };
}

/** The state of the record and its flags in one word. */
export function statusOf({ state, flags }: Pick<RecordStatus, "state" | "flags">): Status {
  const has = (flag: number) => (flags & flag) !== 0;
  const isWarmingUp = !has(Flag.WARMUP_COMPLETE);
  if (state === "not_synchronized" && isWarmingUp) return "warming_up";
  if (state !== "valid") return state;
  if (has(Flag.SYSTEM_CLOCK)) return "system_clock";
  if (has(Flag.HOLDOVER)) return "holdover";
  if (isWarmingUp) return "warming_up";
  return has(Flag.DEGRADED) ? "degraded" : "ready";
}
