/**
 * What the bench publishes where no daemon is needed.
 *
 * @module
 */
import { Clock, nowNs } from "../ffi/clocks.ts";
import { CorrectionSource, Flag, withWarmupPercent } from "../record/layout.ts";
import { type ChronoTickData, emptyRecord } from "../record/record.ts";
import { fromNs } from "../record/unix_time.ts";

/** Flags of a daemon that is warm and measures. */
export const SOUND_FLAGS: number = withWarmupPercent(
  Flag.VALID | Flag.NTP_READY | Flag.WARMUP_COMPLETE,
  100,
);

/** A record as a daemon would publish it now, fractions everywhere. */
export function soundRecord(): ChronoTickData {
  const realtimeNs = nowNs(Clock.REALTIME);
  const system = Number(realtimeNs) / 1e9;
  return {
    ...emptyRecord(),
    correctedTimestamp: system + 0.0123,
    systemTimestamp: system,
    predictionTime: system - 0.3,
    offsetCorrection: 0.0123,
    driftRate: 13e-6,
    offsetUncertainty: 120e-6,
    driftUncertainty: 0.1e-6,
    validUntil: system + 59.7,
    confidence: 0.99,
    flags: SOUND_FLAGS,
    source: CorrectionSource.NTP,
    measurementCount: 42,
    writerPid: Deno.pid,
    lastNtpSync: system - 3.5,
    daemonUptime: 321.5,
    totalCorrections: 1234,
    averageLatencyMs: 0.0125,
    maxError: 0.0021,
    boottimeAnchor: fromNs(realtimeNs - nowNs(Clock.BOOTTIME)),
  };
}
