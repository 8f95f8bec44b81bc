import type { Prediction } from "../../../daemon/publish/prediction.ts";

/** A prediction in which every number is `number`, so that a mixture of two shows. */
export function uniformPrediction(number: number): Prediction {
  return {
    scale: number % 2 === 0 ? "raw" : "realtime",
    base: { rawNs: BigInt(number), utcNs: BigInt(number) },
    atSeconds: number,
    offsetSeconds: number,
    frequency: number,
    offsetUncertaintySeconds: number,
    driftUncertainty: number,
    maxErrorSeconds: number,
    horizonSeconds: number,
    confidence: number,
    flags: number,
    source: number,
    measurementCount: number,
    lastSyncUtcSeconds: number,
    disruptionsSeen: number,
  };
}
