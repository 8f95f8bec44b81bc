/**
 * What a model sees: the filter's residuals of late and what the filter thinks of itself, all without units. Training
 * reads what this very code writes.
 *
 * @module
 */
import type { Estimate, PathBelief } from "../estimate/estimator.ts";
import type { Sample } from "../estimate/sample.ts";

/** Per sample: residual, excess, age, what the residuals of its server come to, mask. */
export const CHANNELS = 5;
/** Of the estimate as a whole. */
export const GLOBALS = 8;
/** With fewer samples there is nothing to learn from. */
export const LEAST_SAMPLES = 8;

/** The scale is judged by this many of the newest samples… */
const SCALE_SAMPLES = 100;
/** …as this quantile of their excess… */
const SCALE_QUANTILE = 0.1;
/** …but no less than the stamps' own noise, s. */
const LEAST_SCALE_SECONDS = 3e-6;
const REFERENCE_SCALE_SECONDS = 100e-6;
const SQUASHED_WIDTH = 3;
const AGE_UNIT_SECONDS = 10;
const AGE_WIDTH = 4;
const MINUTE_SECONDS = 60;
/** Lest a logarithm meets zero. */
const LEAST_RATIO = 1e-3;

/** A model's input. */
export interface Features {
  /** [1, length, CHANNELS], the newest sample last; what is missing at the front is zero. */
  readonly context: Float32Array;
  /** [1, GLOBALS] */
  readonly globals: Float32Array;
  /** What one unit of the model's output is, s: the larger of the scale and the filter's sigma. */
  readonly unitSeconds: number;
}

/** One sample against the estimate. */
interface Residual {
  readonly residualSeconds: number;
  readonly excessSeconds: number;
  readonly ageSeconds: number;
  readonly source: string;
}

/**
 * Looks back from `estimate` (carried to now) on the newest `length` of `samples`; `beliefOf` tells what the estimator
 * makes of a server, null for one that has no say. Null when fewer than {@linkcode LEAST_SAMPLES} remain.
 */
export function buildFeatures(
  samples: readonly Sample[],
  estimate: Estimate,
  beliefOf: (source: string) => PathBelief | null,
  length: number,
): Features | null {
  const residuals = residualsOf(samples, estimate, beliefOf, length);
  if (residuals.length < LEAST_SAMPLES) return null;
  const scaleSeconds = scaleOf(residuals.slice(-SCALE_SAMPLES));
  const sigmaSeconds = Math.sqrt(Math.max(0, estimate.offsetVariance));
  const levels = levelsOf(residuals, scaleSeconds);
  const context = new Float32Array(length * CHANNELS);
  residuals.forEach((residual, i) =>
    context.set(
      channelsOf(residual, levels.get(residual.source)!, scaleSeconds),
      CHANNELS * (length - residuals.length + i),
    )
  );
  return {
    context,
    globals: globalsOf(estimate, residuals, scaleSeconds, length),
    unitSeconds: Math.max(scaleSeconds, sigmaSeconds),
  };
}

/** The newest `length` samples of those who have a say, oldest first. */
function residualsOf(
  samples: readonly Sample[],
  estimate: Estimate,
  beliefOf: (source: string) => PathBelief | null,
  length: number,
): Residual[] {
  const beliefs = new Map<string, PathBelief | null>();
  const residuals: Residual[] = [];
  for (let i = samples.length - 1; i >= 0 && residuals.length < length; i--) {
    const sample = samples[i]!;
    let belief = beliefs.get(sample.source);
    if (belief === undefined) beliefs.set(sample.source, belief = beliefOf(sample.source));
    if (belief !== null) residuals.push(residualOf(sample, estimate, belief));
  }
  return residuals.reverse();
}

function residualOf(sample: Sample, estimate: Estimate, belief: PathBelief): Residual {
  const ageSeconds = estimate.atSeconds - sample.atSeconds;
  const expectedSeconds = estimate.offsetSeconds - estimate.frequency * ageSeconds + belief.biasSeconds;
  return {
    residualSeconds: sample.offsetSeconds - expectedSeconds,
    excessSeconds: Math.max(0, sample.delaySeconds - belief.floorSeconds),
    ageSeconds: Math.max(0, ageSeconds),
    source: sample.source,
  };
}

/** What a good sample scatters by: most of the network's noise must not blur it. */
function scaleOf(residuals: readonly Residual[]): number {
  const excesses = Float64Array.from(residuals, ({ excessSeconds }) => excessSeconds).sort();
  return Math.max(LEAST_SCALE_SECONDS, excesses[Math.floor(SCALE_QUANTILE * excesses.length)] ?? 0);
}

/** What the residuals of each server come to, s: their mean, in which those that queued count less. */
function levelsOf(residuals: readonly Residual[], scaleSeconds: number): Map<string, number> {
  return new Map(Array.from(Map.groupBy(residuals, ({ source }) => source), ([source, own]) => {
    let weight = 0;
    let sum = 0;
    for (const { residualSeconds, excessSeconds } of own) {
      const share = 1 / (scaleSeconds ** 2 + excessSeconds ** 2);
      weight += share;
      sum += share * residualSeconds;
    }
    return [source, sum / weight];
  }));
}

function channelsOf(
  { residualSeconds, excessSeconds, ageSeconds }: Residual,
  levelSeconds: number,
  scaleSeconds: number,
): number[] {
  return [
    Math.asinh(residualSeconds / scaleSeconds) / SQUASHED_WIDTH,
    Math.asinh(excessSeconds / scaleSeconds) / SQUASHED_WIDTH,
    Math.log1p(ageSeconds / AGE_UNIT_SECONDS) / AGE_WIDTH,
    Math.asinh(levelSeconds / scaleSeconds) / SQUASHED_WIDTH,
    1,
  ];
}

function globalsOf(
  estimate: Estimate,
  residuals: readonly Residual[],
  scaleSeconds: number,
  length: number,
): Float32Array {
  const { offsetVariance, offsetFrequencyCovariance, frequencyVariance, randomWalkVariance } = estimate;
  const ratio = (variance: number) => Math.log(Math.sqrt(Math.max(0, variance)) / scaleSeconds + LEAST_RATIO);
  const correlation = offsetFrequencyCovariance / Math.sqrt(offsetVariance * frequencyVariance);
  return Float32Array.of(
    ratio(offsetVariance),
    ratio(frequencyVariance * MINUTE_SECONDS ** 2),
    Number.isFinite(correlation) ? Math.max(-1, Math.min(1, correlation)) : 0,
    Math.log(scaleSeconds / REFERENCE_SCALE_SECONDS),
    residuals.length / length,
    Math.log1p((residuals.at(-1)?.ageSeconds ?? 0) / AGE_UNIT_SECONDS),
    ratio(randomWalkVariance * MINUTE_SECONDS ** 3),
    Math.log2(new Set(residuals.map(({ source }) => source)).size),
  );
}
