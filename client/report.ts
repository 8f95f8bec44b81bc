/**
 * What `read` and `status` show to people.
 *
 * @module
 */
import { bold, dim, green, red, yellow } from "@std/fmt/colors";
import type { CorrectedTime } from "../record/corrected_time.ts";
import { type Health, healthOf } from "../record/health.ts";
import { Flag, flagNames, sourceName, warmupPercent } from "../record/layout.ts";
import { MAX_LEAD_SECONDS, type RecordStatus } from "../record/observation.ts";
import { fromSeconds, toIsoString } from "../record/unix_time.ts";
import { formatPpm, formatSeconds, formatSignedSeconds, formatSpan, formatTable } from "./format.ts";

/** The time now and how sure it is. */
export function timeReport(time: CorrectedTime): string {
  return formatTable([
    ["time", bold(toIsoString(time.time))],
    ["  never off by more", `± ${formatSeconds(time.maxErrorSeconds)}`],
    ["  one sigma", `± ${formatSeconds(time.uncertaintySeconds)}`],
    ["system clock", toIsoString(fromSeconds(time.systemTimestamp))],
    ["  correction", formatSignedSeconds(time.correctionSeconds)],
    ["  drift", formatPpm(time.driftRate)],
    ["source", sourceText(time.source, time.flags)],
    ["confidence", `${(100 * time.confidence).toFixed(1)} %`],
  ]);
}

/** How the daemon does. */
export function statusReport(status: RecordStatus): string {
  return formatTable([
    ["health", healthText(status)],
    ["state", stateText(status)],
    ["warm-up", `${warmupPercent(status.flags)} %`],
    ["source", sourceText(status.source, status.flags)],
    [
      "offset",
      `${formatSignedSeconds(status.offsetCorrection)} ± ${formatSeconds(status.offsetUncertainty)} (1 σ)`,
    ],
    ["hard bound", `± ${formatSeconds(status.maxError)}`],
    ["drift", `${formatPpm(status.driftRate)} ± ${(status.driftUncertainty * 1e6).toFixed(3)} ppm (1 σ)`],
    ["confidence", `${(100 * status.confidence).toFixed(1)} %`],
    ["measurements", String(status.measurementCount)],
    ["predictions", String(status.totalCorrections)],
    ["last measured", lastSyncText(status)],
    ["published", publishedText(status)],
    ["daemon", `process ${status.writerPid}, up ${formatSpan(status.daemonUptime)}`],
    ["flags", dim(flagNames(status.flags).join(" ") || "none")],
  ]);
}

const PAINT: Readonly<Record<Health, (text: string) => string>> = {
  healthy: green,
  degraded: yellow,
  no_valid_time: red,
};

function healthText(status: RecordStatus): string {
  const health = healthOf(status);
  return PAINT[health](health.replaceAll("_", " "));
}

function stateText({ state, ageSeconds }: RecordStatus): string {
  switch (state) {
    case "valid":
      return "valid";
    case "stale":
      return isFromFuture(ageSeconds)
        ? `from ${formatSpan(-ageSeconds)} in the future: check which program writes it`
        : `stale: nobody has published for ${formatSpan(ageSeconds)}`;
    case "expired":
      return "expired: the daemon publishes, but no longer estimates";
    case "disrupted":
      return "disrupted: measuring anew after a suspend, step or move";
    case "not_synchronized":
      return "not synchronized: no source has answered";
  }
}

function publishedText({ ageSeconds, averageLatencyMs }: RecordStatus): string {
  const when = isFromFuture(ageSeconds)
    ? `${formatSeconds(-ageSeconds)} ahead of this clock`
    : `${formatSeconds(ageSeconds)} ago`;
  return `${when}, in ${formatSeconds(averageLatencyMs / 1000)} on average`;
}

/** Further ahead than clocks of one kernel can disagree. */
function isFromFuture(ageSeconds: number): boolean {
  return ageSeconds < -MAX_LEAD_SECONDS;
}

function sourceText(source: number, flags: number): string {
  if ((flags & Flag.SYSTEM_CLOCK) !== 0) return "system clock";
  const name = (flags & Flag.PHC) !== 0 ? "ptp hardware clock" : sourceName(source);
  return (flags & Flag.HOLDOVER) !== 0 ? `${name}, held over` : name;
}

function lastSyncText(status: RecordStatus): string {
  if (status.lastNtpSync === 0) return "never";
  const now = status.correctedTimestamp + status.ageSeconds;
  return `${formatSpan(now - status.lastNtpSync)} ago`;
}
