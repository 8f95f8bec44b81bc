/**
 * What many traces say together.
 *
 * @module
 */

/** A mean over traces and how well it is known. */
export interface Summary {
  readonly mean: number;
  /** Half of the 95 % interval of the mean; NaN with fewer than two values. */
  readonly halfWidth: number;
  /** Traces that had a value. */
  readonly count: number;
}

/** 97.5 % quantiles of Student's t for 1, 2, 3 … degrees of freedom; beyond, the normal one is near enough. */
const STUDENT_T = [12.71, 4.3, 3.18, 2.78, 2.57, 2.45, 2.36, 2.31, 2.26, 2.23, 2.2, 2.18, 2.16, 2.14, 2.13];
const NORMAL = 1.96;

/** The mean of `values` and its 95 % interval; values that are null are left out. */
export function summarize(values: readonly (number | null)[]): Summary {
  const known = values.filter((value) => value !== null);
  const count = known.length;
  const mean = known.reduce((sum, value) => sum + value, 0) / count;
  const variance = known.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (count - 1);
  const quantile = STUDENT_T[count - 2] ?? NORMAL;
  return { mean, halfWidth: count < 2 ? NaN : quantile * Math.sqrt(variance / count), count };
}

/** A ratio and its 95 % interval. */
export interface Ratio {
  readonly ratio: number;
  readonly low: number;
  readonly high: number;
}

/**
 * The geometric mean of `values[i] / references[i]`, both of the same trace. Pairing takes out that some traces are
 * hard for everybody.
 */
export function pairedRatio(values: readonly number[], references: readonly number[]): Ratio {
  return ratioOf(summarize(values.map((value, i) => Math.log(value / references[i]!))));
}

/** The geometric mean of ratios that were measured independently of each other. */
export function combineRatios(ratios: readonly Ratio[]): Ratio {
  const logs = ratios.map(({ ratio, low, high }) => ({
    mean: Math.log(ratio),
    halfWidth: Math.log(high / low) / 2,
  }));
  const mean = logs.reduce((sum, log) => sum + log.mean, 0) / logs.length;
  const halfWidth = Math.hypot(...logs.map((log) => log.halfWidth)) / logs.length;
  return ratioOf({ mean, halfWidth, count: logs.length });
}

function ratioOf({ mean, halfWidth }: Summary): Ratio {
  return { ratio: Math.exp(mean), low: Math.exp(mean - halfWidth), high: Math.exp(mean + halfWidth) };
}
