/**
 * Models of the kind that is shipped: residuals in, quantiles of the residual to come out.
 *
 * @module
 */
import type { Estimate } from "../estimate/estimator.ts";
import { buildFeatures } from "./features.ts";
import type { ModelAdapter, Question, View } from "./model_adapter.ts";
import { QUANTILES } from "./model_signature.ts";
import type { Outlook } from "./outlook.ts";

const MEDIAN = QUANTILES.indexOf(0.5);
/** Pairs of quantiles and what half their distance is in sigmas of a normal distribution. */
const WIDTHS = [
  { low: QUANTILES.indexOf(0.025), high: QUANTILES.indexOf(0.975), halfWidthSigmas: 1.959964 },
  { low: QUANTILES.indexOf(0.005), high: QUANTILES.indexOf(0.995), halfWidthSigmas: 2.575829 },
] as const;

/** Asks by features, reads quantiles. */
export class ResidualModel implements ModelAdapter {
  readonly #contextLength: number;
  readonly #horizonsSeconds: readonly number[];

  constructor(contextLength: number, horizonsSeconds: readonly number[]) {
    this.#contextLength = contextLength;
    this.#horizonsSeconds = horizonsSeconds;
  }

  ask({ samples, estimate, beliefOf }: View): Question | null {
    const features = buildFeatures(samples, estimate, beliefOf, this.#contextLength);
    if (features === null) return null;
    const { context, globals, unitSeconds } = features;
    return {
      inputs: { context, globals },
      interpret: (output) => this.#interpret(output, estimate, unitSeconds),
    };
  }

  #interpret(output: Float32Array, estimate: Estimate, unitSeconds: number): Outlook {
    const rows = this.#horizonsSeconds.map((_, h) =>
      output.subarray(h * QUANTILES.length, (h + 1) * QUANTILES.length)
    );
    return {
      estimate,
      horizonsSeconds: this.#horizonsSeconds,
      residualsSeconds: rows.map((row) => (row[MEDIAN] ?? NaN) * unitSeconds),
      sigmasSeconds: rows.map((row) => sigmaOf(row) * unitSeconds),
    };
  }
}

/** The least sigma whose normal distribution is nowhere narrower than the quantiles at 95 and 99 %. */
function sigmaOf(row: Float32Array): number {
  return Math.max(
    ...WIDTHS.map(({ low, high, halfWidthSigmas }) =>
      ((row[high] ?? NaN) - (row[low] ?? NaN)) / (2 * halfWidthSigmas)
    ),
  );
}
