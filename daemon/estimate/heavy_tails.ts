/**
 * What becomes of the offset when the paths' biases are not as well-behaved as a Kalman filter must take them to be.
 *
 * The filter's priors of the biases are normal. Then two servers that contradict each other average into as much
 * certainty as two that agree. Real biases have heavier tails: most are small, and who is far off is just wrong. Under
 * Student-t priors of the same variances, servers that agree make the offset surer, a lone one far off loses its say,
 * and where nobody can tell who is wrong the uncertainty spans them.
 *
 * No measurement tells all biases growing from the offset shrinking by as much. Along that one direction the filter's
 * posterior is multiplied by the ratio of the priors, Π t(b)/N(b), and integrated numerically.
 *
 * @module
 */

/** What the filter has of one path's bias. */
export interface BiasBelief {
  readonly biasSeconds: number;
  /** Of the prior, s². */
  readonly priorVariance: number;
  /** By how much it grows with the offset along the direction that no measurement tells: −1, or 0 where they are independent. */
  readonly slope: number;
}

/** How the offset is to be corrected, and the variance that biases leave it with. */
export interface HeavyTailed {
  readonly shiftSeconds: number;
  readonly variance: number;
}

/** Student-t's degrees of freedom. */
const DEGREES_OF_FREEDOM = 4;
/** −log of Student-t's density is so many times log(1 + square / (degrees − 2)), the square in its own variances. */
const TAIL = (DEGREES_OF_FREEDOM + 1) / 2;
/** What the filter knows beside the priors counts in full from this share of what they say on. */
const LEAST_MEMORY_SHARE = 0.1;
/** Where the integral is taken: so many sigmas to either side of where each path, and where the filter has the offset. */
const NODES = [0, 0.5, 1, 1.5, 2, 2.5, 3, 4, 6, 10, 20, 40, 80, 160, 320, 640];
/** The integral ends so many of the filter's sigmas beyond what any path says. */
const REACH_SIGMAS = 5;

/** `variance`: of the offset as far as the biases account for it, s². */
export function withHeavyTails(variance: number, paths: readonly BiasBelief[]): HeavyTailed {
  if (!(variance > 0) || paths.length === 0) return { shiftSeconds: 0, variance };
  const memory = memoryBeside(variance, paths);
  const shifts = nodesAbout(variance, paths);
  const logs = shifts.map((shift) => -(memory.precision * shift / 2 + memory.slope) * shift);
  for (const { biasSeconds, priorVariance, slope } of paths) {
    for (let i = 0; i < shifts.length; i++) {
      const square = (biasSeconds + slope * shifts[i]!) ** 2 / priorVariance;
      logs[i]! -= TAIL * Math.log1p(square / (DEGREES_OF_FREEDOM - 2));
    }
  }
  return moments(shifts, logs);
}

/**
 * What the filter knows beside the priors, such as where the offset was before a route changed: its posterior over the
 * normal priors, −log of it as precision · shift²/2 + slope · shift. Differences too small to mean anything are nothing.
 */
function memoryBeside(variance: number, paths: readonly BiasBelief[]): { precision: number; slope: number } {
  let ofPriors = 0, slopeOfPriors = 0;
  for (const { biasSeconds, priorVariance, slope } of paths) {
    ofPriors += slope ** 2 / priorVariance;
    slopeOfPriors += slope * biasSeconds / priorVariance;
  }
  const precision = 1 / variance - ofPriors;
  const share = Math.max(0, Math.min(1, precision / (LEAST_MEMORY_SHARE * ofPriors)));
  return { precision: share * precision, slope: -share * slopeOfPriors };
}

/** In order, from beyond the lowest to beyond the highest of what the paths say; the density is smooth between them. */
function nodesAbout(variance: number, paths: readonly BiasBelief[]): Float64Array {
  const about = (centre: number, sigma: number) =>
    NODES.flatMap((node) => node === 0 ? [centre] : [centre - node * sigma, centre + node * sigma]);
  const nodes = about(0, Math.sqrt(variance));
  for (const { biasSeconds, priorVariance, slope } of paths) {
    if (slope < 0) nodes.push(...about(-biasSeconds / slope, Math.sqrt(priorVariance)));
  }
  const reach = REACH_SIGMAS * Math.sqrt(variance) +
    Math.max(...paths.map(({ biasSeconds, slope }) => -slope * Math.abs(biasSeconds)));
  return Float64Array.from(nodes.filter((node) => Math.abs(node) <= reach)).sort();
}

/** Mean and variance of a density of which the logarithms are given at `values`; by the trapezoidal rule. */
function moments(values: Float64Array, logs: Float64Array): HeavyTailed {
  const most = logs.reduce((a, b) => Math.max(a, b));
  const last = values.length - 1;
  const weights = logs.map((log, i) =>
    Math.exp(log - most) * (values[Math.min(last, i + 1)]! - values[Math.max(0, i - 1)]!)
  );
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const mean = weights.reduce((sum, weight, i) => sum + weight * values[i]!, 0) / total;
  const variance = weights.reduce((sum, weight, i) => sum + weight * (values[i]! - mean) ** 2, 0) / total;
  return { shiftSeconds: mean, variance };
}
