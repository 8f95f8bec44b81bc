/**
 * From a service's status to what its hard bound rests on. Pure.
 *
 * @module
 */
import { FREQUENCY_TOLERANCE } from "../../record/interval.ts";
import { correctedTimeOf } from "../../record/corrected_time.ts";
import { Flag } from "../../record/layout.ts";
import { type HardBound, hardBound, serverIntervals, tightestSample } from "../estimate/bound.ts";
import { rawSecondsSince } from "../estimate/time_base.ts";
import type { Prediction } from "../publish/prediction.ts";
import { isSettled } from "../quorum.ts";
import type { ServiceStatus } from "../service_status.ts";
import type { CorrectnessInterval } from "../sources/selection.ts";
import type { BoundEdge, BoundFacts } from "./bound_reason.ts";

/** Half of the ambiguity of a leap second: no bound is wider by as much for another reason that is listed, s. */
const LEAP_SHARE_SECONDS = 0.4;

/** What the bound that readers see now rests on. */
export function boundFacts(status: ServiceStatus): BoundFacts {
  const { observation, prediction, lastDisruption, options: { sources } } = status;
  const flags = observation?.record.flags ?? prediction.flags;
  const maxErrorSeconds = observation === null
    ? prediction.maxErrorSeconds
    : correctedTimeOf(observation).maxErrorSeconds;
  if ((flags & Flag.DISRUPTED) !== 0 && maxErrorSeconds === Infinity) {
    return { kind: "disrupted", reason: lastDisruption };
  }
  if (maxErrorSeconds === Infinity) return { kind: "nothing", sources };
  const bound = boundOf(status);
  if (bound === null || (flags & Flag.SYSTEM_CLOCK) !== 0) {
    return { kind: "kernel", maxErrorSeconds, sources };
  }
  const edge = edgeOf(status, bound);
  return {
    kind: "servers",
    maxErrorSeconds,
    voters: bound.voters,
    sources,
    agreed: bound.agreed,
    isSettled: isSettled(status.options, prediction.atSeconds, bound.voters),
    silentSeconds: (flags & Flag.HOLDOVER) === 0 ? null : silentSeconds(status),
    isLeaping: (flags & Flag.LEAP_PENDING) !== 0 && maxErrorSeconds - sizeOf(edge) > LEAP_SHARE_SECONDS,
    edge,
  };
}

/** The bound as the pipeline had it when it made the prediction; null before the first sample. */
function boundOf({ estimator, prediction }: ServiceStatus): HardBound | null {
  if (prediction.scale !== "raw") return null;
  return hardBound(estimator.window, prediction.atSeconds, prediction.frequency);
}

/** What each server with a vote says at the prediction's instant. */
export function intervalsOf({ estimator, prediction }: ServiceStatus): readonly CorrectnessInterval[] {
  return serverIntervals(estimator.window, prediction.atSeconds, prediction.frequency);
}

function edgeOf(status: ServiceStatus, bound: HardBound): BoundEdge {
  const { prediction, estimator } = status;
  const centre = prediction.offsetSeconds;
  const isLate = bound.highSeconds - centre >= centre - bound.lowSeconds;
  const edgeSeconds = (interval: CorrectnessInterval) => isLate ? interval.highSeconds : interval.lowSeconds;
  const wanted = isLate ? bound.highSeconds : bound.lowSeconds;
  // The hull's edges are edges of intervals, so one of them is exactly it; rounding cannot part them.
  const speaker = intervalsOf(status).toSorted((a, b) =>
    Math.abs(edgeSeconds(a) - wanted) - Math.abs(edgeSeconds(b) - wanted)
  )[0]!;
  const sample = tightestSample(estimator.window.find(speaker.source)!.latestWord, prediction.atSeconds);
  const ageSeconds = nowSeconds(status) - sample.atSeconds;
  return {
    source: speaker.source,
    side: isLate ? "latest" : "earliest",
    halfRoundTripSeconds: sample.delaySeconds / 2,
    rootDistanceSeconds: sample.rootDistanceSeconds,
    ageSeconds,
    driftSeconds: FREQUENCY_TOLERANCE * ageSeconds,
    displacementSeconds: displacement(speaker, prediction, isLate),
  };
}

function displacement(speaker: CorrectnessInterval, prediction: Prediction, isLate: boolean): number {
  const beyond = speaker.midpointSeconds - prediction.offsetSeconds;
  return isLate ? beyond : -beyond;
}

function sizeOf(edge: BoundEdge): number {
  return edge.halfRoundTripSeconds + edge.rootDistanceSeconds + edge.driftSeconds + edge.displacementSeconds;
}

function silentSeconds(status: ServiceStatus): number {
  const newest = [...status.estimator.window.servers].map(({ newestAtSeconds }) => newestAtSeconds);
  return nowSeconds(status) - Math.max(...newest);
}

function nowSeconds({ prediction, rawNs }: ServiceStatus): number {
  return rawSecondsSince(prediction.base, rawNs);
}
