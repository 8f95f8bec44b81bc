/**
 * The baseline of RFC 5905's clock filter (§10): of eight samples the one with the shortest round trip.
 *
 * @module
 */
import { carryEstimate, type Estimate, type Estimator } from "../../daemon/estimate/estimator.ts";
import type { Sample } from "../../daemon/estimate/sample.ts";

/** Samples of the filter. */
const WINDOW = 8;
/** Shortest ones of windows in a row that the frequency is fitted to. */
const MAX_MINIMA = 16;
const LEAST_MINIMA = 3;
const FREQUENCY_SD = 15e-6;
/** No crystal is known better, s/s. */
const LEAST_FREQUENCY_SD = 1e-8;

interface FrequencyFit {
  readonly frequency: number;
  readonly variance: number;
}

const UNKNOWN: FrequencyFit = { frequency: 0, variance: FREQUENCY_SD ** 2 };

/** The best of the last eight samples, carried forward with the frequency of the best ones before. */
export class MinimumFilter implements Estimator {
  readonly #window: Sample[] = [];
  readonly #minima: Sample[] = [];
  #count = 0;
  #fit = UNKNOWN;

  /** Takes one sample in. */
  add(sample: Sample): void {
    this.#window.push(sample);
    if (this.#window.length > WINDOW) this.#window.shift();
    if (++this.#count % WINDOW !== 0) return;
    this.#minima.push(shortest(this.#window));
    if (this.#minima.length > MAX_MINIMA) this.#minima.shift();
    if (this.#minima.length >= LEAST_MINIMA) this.#fit = fitFrequency(this.#minima);
  }

  /** The shortest round trip's offset, carried. */
  estimateAt(atSeconds: number): Estimate | null {
    if (this.#window.length === 0) return null;
    const best = shortest(this.#window);
    const estimate = {
      atSeconds: best.atSeconds,
      offsetSeconds: best.offsetSeconds,
      frequency: this.#fit.frequency,
      offsetVariance: (best.delaySeconds / 2) ** 2,
      offsetFrequencyCovariance: 0,
      frequencyVariance: this.#fit.variance,
      biasVariance: 0,
      randomWalkVariance: 0,
    };
    return carryEstimate(estimate, atSeconds);
  }

  /** Forgets the offsets. */
  disrupt(): void {
    this.#window.length = 0;
    this.#minima.length = 0;
    this.#count = 0;
  }
}

function shortest(samples: readonly Sample[]): Sample {
  return samples.reduce((a, b) => b.delaySeconds <= a.delaySeconds ? b : a);
}

/** Ordinary least squares. */
function fitFrequency(samples: readonly Sample[]): FrequencyFit {
  const time = mean(samples.map(({ atSeconds }) => atSeconds));
  const offset = mean(samples.map(({ offsetSeconds }) => offsetSeconds));
  const spread = sum(samples.map((sample) => (sample.atSeconds - time) ** 2));
  const frequency = sum(
    samples.map((sample) => (sample.atSeconds - time) * (sample.offsetSeconds - offset)),
  ) / spread;
  const squares = sum(
    samples.map((sample) => (sample.offsetSeconds - offset - frequency * (sample.atSeconds - time)) ** 2),
  );
  return { frequency, variance: squares / (samples.length - 1) / spread + LEAST_FREQUENCY_SD ** 2 };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function mean(values: readonly number[]): number {
  return sum(values) / values.length;
}
