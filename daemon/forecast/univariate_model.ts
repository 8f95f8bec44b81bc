/**
 * General forecasters of one series, such as an exported Chronos-Bolt or TimesFM: a uniformly sampled series in,
 * quantiles or sample paths of its continuation out.
 *
 * @module
 */
import type { Estimate } from "../estimate/estimator.ts";
import { LEAST_SAMPLES } from "./features.ts";
import type { ModelAdapter, Question, View } from "./model_adapter.ts";
import type { Outlook } from "./outlook.ts";

/** One point of the series is made of so many samples, the shorter round trips counting more. */
const SMOOTHED_SAMPLES = 8;
/** An excess of so much halves a sample's weight, s. */
const EXCESS_SCALE_SECONDS = 50e-6;
/** The series is given in this unit, s: forecasters like numbers of ordinary size. */
const SERIES_UNIT_SECONDS = 1e-6;
/** Sigma is read from the paths at this probability and its counterpart. */
const TAIL_PROBABILITY = 0.1;

/** What the model's answer looks like: [1, paths, steps]. */
export interface UnivariateShape {
  /** Points of the series. */
  readonly contextLength: number;
  /** Between two points, s. */
  readonly stepSeconds: number;
  /** Quantiles k/(paths + 1), k = 1 … paths, or as many samples. */
  readonly paths: number;
  readonly steps: number;
}

interface Point {
  readonly atSeconds: number;
  readonly residualSeconds: number;
  readonly weight: number;
}

/** Asks by a series of the residuals of late, one point each step, the last one now. */
export class UnivariateModel implements ModelAdapter {
  readonly #shape: UnivariateShape;

  constructor(shape: UnivariateShape) {
    this.#shape = shape;
  }

  ask(view: View): Question | null {
    const points = pointsOf(view);
    if (points.length < LEAST_SAMPLES) return null;
    const { contextLength, stepSeconds } = this.#shape;
    const { estimate } = view;
    const context = Float32Array.from({ length: contextLength }, (_, i) => {
      const atSeconds = estimate.atSeconds - (contextLength - 1 - i) * stepSeconds;
      return seriesAt(points, atSeconds) / SERIES_UNIT_SECONDS;
    });
    return { inputs: { context }, interpret: (output) => this.#interpret(output, estimate) };
  }

  #interpret(output: Float32Array, estimate: Estimate): Outlook {
    const { paths, steps, stepSeconds } = this.#shape;
    const rows = Array.from(
      { length: steps },
      (_, step) =>
        Float64Array.from({ length: paths }, (_, path) => output[path * steps + step] ?? NaN).sort(),
    );
    return {
      estimate,
      horizonsSeconds: rows.map((_, step) => (step + 1) * stepSeconds),
      residualsSeconds: rows.map((row) => medianOf(row) * SERIES_UNIT_SECONDS),
      sigmasSeconds: rows.map((row) => sigmaOf(row) * SERIES_UNIT_SECONDS),
    };
  }
}

function pointsOf({ samples, estimate, beliefOf }: View): Point[] {
  return samples.flatMap((sample) => {
    const belief = beliefOf(sample.source);
    if (belief === null) return [];
    const age = estimate.atSeconds - sample.atSeconds;
    const excess = Math.max(0, sample.delaySeconds - belief.floorSeconds);
    return [{
      atSeconds: sample.atSeconds,
      residualSeconds: sample.offsetSeconds - belief.biasSeconds - estimate.offsetSeconds +
        estimate.frequency * age,
      weight: 1 / (1 + (excess / EXCESS_SCALE_SECONDS) ** 2),
    }];
  });
}

/** The weighted mean of the samples up to `atSeconds`; before the first, of the first ones. */
function seriesAt(points: readonly Point[], atSeconds: number): number {
  const end = points.findLastIndex((point) => point.atSeconds <= atSeconds) + 1;
  const near = points.slice(Math.max(0, end - SMOOTHED_SAMPLES), Math.max(end, LEAST_SAMPLES));
  const weight = near.reduce((sum, point) => sum + point.weight, 0);
  return near.reduce((sum, point) => sum + point.weight * point.residualSeconds, 0) / weight;
}

function medianOf(sorted: Float64Array): number {
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** Half the distance of the paths that lie nearest to TAIL_PROBABILITY and 1 − that, in sigmas of a normal distribution. */
function sigmaOf(sorted: Float64Array): number {
  const rank = Math.max(1, Math.round(TAIL_PROBABILITY * (sorted.length + 1)));
  if (rank > sorted.length - rank) return NaN;
  const halfWidth = (sorted[sorted.length - rank]! - sorted[rank - 1]!) / 2;
  return halfWidth / normalQuantile(rank / (sorted.length + 1));
}

/** z with P(Z > z) = `tail`, 0 < tail ≤ ½, within 4.5e-4 (Abramowitz and Stegun 26.2.23). */
function normalQuantile(tail: number): number {
  const t = Math.sqrt(-2 * Math.log(tail));
  return t - (2.515517 + t * (0.802853 + t * 0.010328)) /
      (1 + t * (1.432788 + t * (0.189269 + t * 0.001308)));
}
