/**
 * The simplest baseline: whatever the last answer said.
 *
 * @module
 */
import type { Estimate, Estimator } from "../../daemon/estimate/estimator.ts";
import type { Sample } from "../../daemon/estimate/sample.ts";

/** What is believed of a frequency that nobody measures, s/s, 1 sd. */
const FREQUENCY_SD = 15e-6;

/** The offset of the last sample, with half its round trip as sigma. */
export class LastSample implements Estimator {
  #last: Sample | null = null;

  /** Takes the place of the one before. */
  add(sample: Sample): void {
    this.#last = sample;
  }

  /** The last offset, unchanged. */
  estimateAt(atSeconds: number): Estimate | null {
    if (this.#last === null) return null;
    const { offsetSeconds, delaySeconds } = this.#last;
    const age = atSeconds - this.#last.atSeconds;
    return {
      atSeconds,
      offsetSeconds,
      frequency: 0,
      offsetVariance: (delaySeconds / 2) ** 2 + (FREQUENCY_SD * age) ** 2,
      offsetFrequencyCovariance: FREQUENCY_SD ** 2 * age,
      frequencyVariance: FREQUENCY_SD ** 2,
      biasVariance: 0,
      randomWalkVariance: 0,
    };
  }

  /** Forgets it. */
  disrupt(): void {
    this.#last = null;
  }
}
