/**
 * What the estimating side hands to the publisher: the clock's state at one instant, good until its horizon.
 *
 * @module
 */
import { CorrectionSource, Flag } from "../../record/layout.ts";
import type { TimeBase } from "../estimate/time_base.ts";

/**
 * A straight line for UTC with its uncertainties. With `scale` "raw" it runs against CLOCK_MONOTONIC_RAW from `base`;
 * with "realtime" it says that CLOCK_REALTIME is right as it is, within `maxErrorSeconds` (nothing better is known).
 */
export interface Prediction {
  readonly scale: "raw" | "realtime";
  readonly base: TimeBase;
  /** Raw seconds since the base at which the values hold. */
  readonly atSeconds: number;
  /** UTC − raw relative to the base at that instant, s; 0 for "realtime". */
  readonly offsetSeconds: number;
  /** d(UTC)/d(raw) − 1; unused for "realtime". */
  readonly frequency: number;
  /** One sigma of the offset, s; with the next it dominates the true curve until the horizon. */
  readonly offsetUncertaintySeconds: number;
  /** One sigma of the frequency, s/s. */
  readonly driftUncertainty: number;
  /** Hard half-width at that instant, s, from where the publisher lets it grow; +Infinity unknown. */
  readonly maxErrorSeconds: number;
  /** How long the prediction may be served, s. */
  readonly horizonSeconds: number;
  /** 0 … 1, 0 when not valid. */
  readonly confidence: number;
  /** Bits of `Flag`, warm-up percent included. */
  readonly flags: number;
  /** A number of `CorrectionSource`. */
  readonly source: number;
  readonly measurementCount: number;
  /** Unix time of the last accepted measurement, s; 0 for none. */
  readonly lastSyncUtcSeconds: number;
  /** How many disruptions the estimate has digested: the publisher distrusts it when it has seen more. */
  readonly disruptionsSeen: number;
}

/** Nothing is known: what is published before the first estimate. */
export function unknownPrediction(base: TimeBase): Prediction {
  return {
    scale: "realtime",
    base,
    atSeconds: 0,
    offsetSeconds: 0,
    frequency: 0,
    offsetUncertaintySeconds: 0,
    driftUncertainty: 0,
    maxErrorSeconds: Infinity,
    horizonSeconds: 0,
    confidence: 0,
    flags: Flag.SYSTEM_CLOCK | Flag.UNSYNCHRONIZED,
    source: CorrectionSource.NO_DATA,
    measurementCount: 0,
    lastSyncUtcSeconds: 0,
    disruptionsSeen: 0,
  };
}
