/**
 * What the estimator learns from one exchange.
 *
 * @module
 */
import { FREQUENCY_TOLERANCE } from "../../record/interval.ts";
import type { Exchange } from "../sources/measurement.ts";
import { rawSecondsSince, type TimeBase } from "./time_base.ts";

/** An exchange reduced to numbers (RFC 5905 §8). */
export interface Sample {
  /** Stable identity of the server. */
  readonly source: string;
  /** When the answer arrived (t4), raw seconds since the base. */
  readonly atSeconds: number;
  /** ((t2−t1)+(t3−t4))/2 relative to the base: utc − raw, s. */
  readonly offsetSeconds: number;
  /** Round trip (t4−t1)−(t3−t2), s, ≥ 0. */
  readonly delaySeconds: number;
  /** What the offset may be off besides half the round trip: root delay/2 + root dispersion + precisions, s, ≥ 0. */
  readonly rootDistanceSeconds: number;
}

/** No time that anybody measures lies this far from the base, s (about 300 years). */
const MAX_MAGNITUDE_SECONDS = 1e10;

/**
 * Reduces an exchange. The offset is that of the middle of the exchange, yet stamped t4: what the oscillator may gain
 * in between is in the root distance (FREQUENCY_TOLERANCE × (t4−t1), the φ term of RFC 5905 §8), and so is
 * what a negative round trip says of the source's clock.
 */
export function toSample(exchange: Exchange, base: TimeBase): Sample {
  const { t1RawNs, t2UtcNs, t3UtcNs, t4RawNs } = exchange;
  const outward = (t2UtcNs - base.utcNs) - (t1RawNs - base.rawNs);
  const homeward = (t3UtcNs - base.utcNs) - (t4RawNs - base.rawNs);
  const roundTripSeconds = Number((t4RawNs - t1RawNs) - (t3UtcNs - t2UtcNs)) / 1e9;
  return {
    source: exchange.source,
    atSeconds: rawSecondsSince(base, t4RawNs),
    offsetSeconds: Number(outward + homeward) / 2e9,
    delaySeconds: Math.max(0, roundTripSeconds),
    rootDistanceSeconds: exchange.rootDelaySeconds / 2 + exchange.rootDispersionSeconds +
      exchange.precisionSeconds + FREQUENCY_TOLERANCE * Number(t4RawNs - t1RawNs) / 1e9 +
      Math.max(0, -roundTripSeconds),
  };
}

/** Whether all figures of `sample` are finite and within reason: others must not reach a sum. */
export function isUsable(sample: Sample): boolean {
  return Math.abs(sample.atSeconds) <= MAX_MAGNITUDE_SECONDS &&
    Math.abs(sample.offsetSeconds) <= MAX_MAGNITUDE_SECONDS &&
    sample.delaySeconds >= 0 && sample.delaySeconds <= MAX_MAGNITUDE_SECONDS &&
    sample.rootDistanceSeconds >= 0 && sample.rootDistanceSeconds <= MAX_MAGNITUDE_SECONDS;
}
