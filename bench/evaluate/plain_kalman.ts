/**
 * The textbook baseline: a Kalman filter for offset and frequency that takes half of each round trip for the standard
 * deviation of its noise.
 *
 * @module
 */
import { carryEstimate, type Estimate, type Estimator } from "../../daemon/estimate/estimator.ts";
import type { Sample } from "../../daemon/estimate/sample.ts";

/** An unknown oscillator's frequency, s/s, 1 sd. */
const FREQUENCY_SD = 100e-6;
/** What a new beginning may change it by, s/s, 1 sd. */
const REGIME_FREQUENCY_SD = 20e-6;
/** Random walk of the frequency, s/s per √s. */
const RANDOM_WALK = 2e-9;
/** Innovations in a row beyond this many sigmas… */
const GATE_SIGMAS = 5;
/** …that make it begin anew. */
const MAX_SURPRISES = 3;

/** z = offset + noise, noise ~ N(0, (round trip / 2)²). */
export class PlainKalman implements Estimator {
  #state: Estimate | null = null;
  #surprises = 0;

  /** Predicts and corrects. */
  add(sample: Sample): void {
    const variance = (sample.delaySeconds / 2) ** 2;
    const predicted = this.estimateAt(sample.atSeconds);
    if (predicted === null) {
      this.#state = startAt(sample, variance, { frequency: 0, variance: FREQUENCY_SD ** 2 });
      return;
    }
    const innovation = sample.offsetSeconds - predicted.offsetSeconds;
    const total = predicted.offsetVariance + variance;
    this.#surprises = innovation ** 2 > GATE_SIGMAS ** 2 * total ? this.#surprises + 1 : 0;
    if (this.#surprises < MAX_SURPRISES) {
      this.#state = corrected(predicted, innovation, total);
    } else {
      this.#surprises = 0;
      this.#state = startAt(sample, variance, {
        frequency: predicted.frequency,
        variance: predicted.frequencyVariance + REGIME_FREQUENCY_SD ** 2,
      });
    }
  }

  /** The state carried to `atSeconds`. */
  estimateAt(atSeconds: number): Estimate | null {
    return this.#state === null ? null : carryEstimate(this.#state, atSeconds);
  }

  /** Forgets everything. */
  disrupt(): void {
    this.#state = null;
    this.#surprises = 0;
  }
}

function startAt(
  { atSeconds, offsetSeconds }: Sample,
  offsetVariance: number,
  prior: { readonly frequency: number; readonly variance: number },
): Estimate {
  return {
    atSeconds,
    offsetSeconds,
    frequency: prior.frequency,
    offsetVariance,
    offsetFrequencyCovariance: 0,
    frequencyVariance: prior.variance,
    biasVariance: 0,
    randomWalkVariance: RANDOM_WALK ** 2,
  };
}

function corrected(predicted: Estimate, innovation: number, total: number): Estimate {
  const { offsetVariance, offsetFrequencyCovariance, frequencyVariance } = predicted;
  const offsetGain = offsetVariance / total;
  const frequencyGain = offsetFrequencyCovariance / total;
  return {
    ...predicted,
    offsetSeconds: predicted.offsetSeconds + offsetGain * innovation,
    frequency: predicted.frequency + frequencyGain * innovation,
    offsetVariance: (1 - offsetGain) * offsetVariance,
    offsetFrequencyCovariance: (1 - offsetGain) * offsetFrequencyCovariance,
    frequencyVariance: frequencyVariance - frequencyGain * offsetFrequencyCovariance,
  };
}
