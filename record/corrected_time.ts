/**
 * From an observed record to the time now, with everything that is known of its quality.
 *
 * @module
 */
import { FREQUENCY_TOLERANCE, intervalAround, type TimeInterval } from "./interval.ts";
import { sourceName } from "./layout.ts";
import type { Observation } from "./observation.ts";
import { type ChronoTickData, correctionSeconds, sigmaSeconds } from "./record.ts";
import { addNs, toSeconds, type UnixTime } from "./unix_time.ts";

/** The corrected time with everything that is known of its quality. */
export interface CorrectedTime {
  /** The corrected time, ns precision. */
  readonly time: UnixTime;
  /** The corrected time, float Unix seconds (238 ns steps). */
  readonly correctedTimestamp: number;
  /** The system clock at the same instant, float Unix seconds. */
  readonly systemTimestamp: number;
  /** One calibrated sigma of the corrected time now, s: ± 1.96 of it cover the truth 95 % of the time. */
  readonly uncertaintySeconds: number;
  /** Hard half-width now, s: the truth is never further off. +Infinity when the writer gives none. */
  readonly maxErrorSeconds: number;
  /** The hard bound as an interval; null when there is none. */
  readonly interval: TimeInterval | null;
  /** corrected − system now, s. */
  readonly correctionSeconds: number;
  /** The record's offset_correction, s, at `predictionTime`. */
  readonly offsetCorrection: number;
  /** The record's drift_rate, s/s. */
  readonly driftRate: number;
  /** One sigma of `offsetCorrection`, s. */
  readonly offsetUncertainty: number;
  /** One sigma of `driftRate`, s/s. */
  readonly driftUncertainty: number;
  /** System clock, s: drift and sigma growth count from here. */
  readonly predictionTime: number;
  /** System clock, s: until when the prediction may be used. */
  readonly validUntil: number;
  /** Probability that the error is within the daemon's configured limit, 0 … 1. */
  readonly confidence: number;
  /** A number of `CorrectionSource`. */
  readonly source: number;
  /** Its name: `ntp`, `fusion` … */
  readonly sourceName: string;
  /** Bits of `Flag`. */
  readonly flags: number;
  /** Always true here: an unusable time is an error, not a value. */
  readonly isValid: boolean;
}

/** The horizon for which the record's drift_uncertainty is made, s. */
const HORIZON_SECONDS = 60;

/** What an observed record says of the time now; to be asked of a valid one. */
export function correctedTimeOf({ record, system, ageSeconds }: Observation): CorrectedTime {
  const sincePrediction = record.systemTimestamp - record.predictionTime + ageSeconds;
  const correction = correctionSeconds(record, sincePrediction);
  const time = addNs(system, Math.round(correction * 1e9));
  const maxErrorSeconds = record.maxError + FREQUENCY_TOLERANCE * Math.max(0, ageSeconds);
  return {
    time,
    correctedTimestamp: toSeconds(time),
    systemTimestamp: toSeconds(system),
    uncertaintySeconds: sigmaAt(record, sincePrediction),
    maxErrorSeconds,
    interval: maxErrorSeconds === Infinity ? null : intervalAround(time, maxErrorSeconds),
    correctionSeconds: correction,
    offsetCorrection: record.offsetCorrection,
    driftRate: record.driftRate,
    offsetUncertainty: record.offsetUncertainty,
    driftUncertainty: record.driftUncertainty,
    predictionTime: record.predictionTime,
    validUntil: record.validUntil,
    confidence: record.confidence,
    source: record.source,
    sourceName: sourceName(record.source),
    flags: record.flags,
    isValid: true,
  };
}

/**
 * The record's sigma formula; beyond its horizon the drift term is stretched with √(h/60), which dominates random-walk
 * frequency noise (∝ h³ in variance) for every longer time.
 */
export function sigmaAt(record: Readonly<ChronoTickData>, secondsFromPrediction: number): number {
  const distance = Math.abs(secondsFromPrediction);
  const stretch = Math.sqrt(Math.max(1, distance / HORIZON_SECONDS));
  return sigmaSeconds(record, distance * stretch);
}
