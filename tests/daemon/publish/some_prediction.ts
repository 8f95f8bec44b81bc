import type { Prediction } from "../../../daemon/publish/prediction.ts";
import { CorrectionSource, Flag } from "../../../record/layout.ts";

/** A prediction with every field different from every other one's, and from 0. */
export function somePrediction(overrides: Partial<Prediction> = {}): Prediction {
  return {
    scale: "raw",
    base: { rawNs: 5_000_000_000_123n, utcNs: 1_780_000_000_123_456_789n },
    atSeconds: 100.5,
    offsetSeconds: 0.0123456789,
    frequency: 12.5e-6,
    offsetUncertaintySeconds: 87e-6,
    driftUncertainty: 1.5e-6,
    maxErrorSeconds: 0.00123,
    horizonSeconds: 60,
    confidence: 0.987,
    flags: Flag.VALID | Flag.NTP_READY,
    source: CorrectionSource.FUSION,
    measurementCount: 42,
    lastSyncUtcSeconds: 1_780_000_099.5,
    disruptionsSeen: 2,
    ...overrides,
  };
}
