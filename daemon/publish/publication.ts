/**
 * From a prediction and the clocks as they stand to the fields of the record. Pure: everything comes in.
 *
 * @module
 */
import { FREQUENCY_TOLERANCE } from "../../record/interval.ts";
import { CorrectionSource, Flag, LAYOUT_VERSION } from "../../record/layout.ts";
import type { ChronoTickData } from "../../record/record.ts";
import { fromNs } from "../../record/unix_time.ts";
import type { Prediction } from "./prediction.ts";
import type { ReceivedPrediction } from "./prediction_channel.ts";
import type { ClockReadings } from "./steering.ts";

/** What the publisher itself adds to the record. */
export interface PublicationContext {
  /** d(REALTIME)/d(RAW) − 1 as it runs now. */
  readonly steeringRate: number;
  /** Time between publications, s. */
  readonly periodSeconds: number;
  /** Disruptions that the publisher has noticed. */
  readonly disruptions: number;
  /** What this process's CLOCK_BOOTTIME reads more than the host's, ns. */
  readonly namespaceOffsetNs: bigint;
  readonly writerPid: number;
  readonly uptimeSeconds: number;
  readonly averageLatencyMs: number;
}

/**
 * A slew that starts between two publications is not seen yet; the kernel's own discipline and `adjtime` never exceed
 * 500 ppm, and that much is allowed for.
 */
const UNSEEN_SLEW = 500e-6;

/** Fills `record` for one publication. */
export function composeRecord(
  record: ChronoTickData,
  prediction: ReceivedPrediction,
  clocks: ClockReadings,
  context: PublicationContext,
): void {
  const system = Number(clocks.realtimeNs) / 1e9;
  const line = prediction.scale === "raw"
    ? lineOverRealtime(prediction, clocks, context.steeringRate)
    : { offsetNow: 0, drift: 0, age: rawAgeSeconds(prediction, clocks) };

  record.systemTimestamp = system;
  record.correctedTimestamp = system + line.offsetNow;
  record.predictionTime = system - line.age;
  record.driftRate = line.drift;
  // The formula counts from the prediction: restated on the clock's present scale, whatever stepped it since.
  record.offsetCorrection = line.offsetNow - line.drift * (system - record.predictionTime);
  record.offsetUncertainty = prediction.offsetUncertaintySeconds;
  record.driftUncertainty = prediction.driftUncertainty;
  record.validUntil = record.predictionTime + prediction.horizonSeconds;
  record.maxError = maxErrorNow(prediction, line.age, context) + clocks.spreadNs / 1e9;
  record.source = prediction.source;
  record.flags = prediction.flags;
  record.confidence = prediction.confidence;
  if (prediction.disruptionsSeen < context.disruptions) markDisrupted(record);

  record.measurementCount = prediction.measurementCount >>> 0;
  record.totalCorrections = prediction.totalPredictions >>> 0;
  record.lastNtpSync = prediction.lastSyncUtcSeconds;
  record.writerPid = context.writerPid;
  record.daemonUptime = context.uptimeSeconds;
  record.averageLatencyMs = context.averageLatencyMs;
  record.layoutVersion = LAYOUT_VERSION;
  const hostBoottimeNs = clocks.boottimeNs - context.namespaceOffsetNs;
  record.boottimeAnchor = fromNs(clocks.realtimeNs - hostBoottimeNs);
}

/** What `record` puts on top of the prediction's hard bound grown to its age, s; 0 where there is no bound. */
export function allowanceSeconds(record: ChronoTickData, prediction: Prediction): number {
  if (record.maxError === Infinity) return 0;
  const ageSeconds = record.systemTimestamp - record.predictionTime;
  return record.maxError - prediction.maxErrorSeconds - FREQUENCY_TOLERANCE * Math.max(0, ageSeconds);
}

/** Clears what a reader may rely on: the last words of a daemon that stops, and those after a disruption. */
export function withdrawValidity(record: ChronoTickData): void {
  record.flags &= ~Flag.VALID;
  record.confidence = 0;
  record.validUntil = record.systemTimestamp;
}

function markDisrupted(record: ChronoTickData): void {
  withdrawValidity(record);
  record.flags |= Flag.DISRUPTED;
  record.maxError = Infinity;
  record.source = CorrectionSource.NO_DATA;
}

interface RealtimeLine {
  /** True − system now, s. */
  readonly offsetNow: number;
  /** d(true)/d(system) − 1. */
  readonly drift: number;
  /** System seconds since the prediction. */
  readonly age: number;
}

/** The prediction's line over raw time, restated over CLOCK_REALTIME. */
function lineOverRealtime(
  prediction: ReceivedPrediction,
  clocks: ClockReadings,
  steeringRate: number,
): RealtimeLine {
  const { base, offsetSeconds, frequency } = prediction;
  const rawAge = rawAgeSeconds(prediction, clocks);
  // UTC − REALTIME at the base would be this; the two differences of nanoseconds keep it exact.
  const baseGapSeconds = Number((base.utcNs - clocks.realtimeNs) + (clocks.rawNs - base.rawNs)) / 1e9;
  return {
    offsetNow: baseGapSeconds + offsetSeconds + frequency * rawAge,
    drift: (1 + frequency) / (1 + steeringRate) - 1,
    age: rawAge * (1 + steeringRate),
  };
}

function rawAgeSeconds(prediction: ReceivedPrediction, clocks: ClockReadings): number {
  return Number(clocks.rawNs - prediction.base.rawNs) / 1e9 - prediction.atSeconds;
}

function maxErrorNow(
  prediction: ReceivedPrediction,
  ageSeconds: number,
  context: PublicationContext,
): number {
  const grown = prediction.maxErrorSeconds + FREQUENCY_TOLERANCE * Math.max(0, ageSeconds);
  const steering = Math.abs(context.steeringRate) + UNSEEN_SLEW;
  return grown + steering * context.periodSeconds + ROUNDING_SECONDS;
}

/** The record's times are doubles of Unix seconds, which have 238 ns steps. */
const ROUNDING_SECONDS = 0.5e-6;
