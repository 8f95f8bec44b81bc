/**
 * The least-squares line through several servers' offsets, each with a bias and a queueing slope of its own.
 *
 * Model: offset of a sample of server s = o + f·t + b_s + κ_s·queueing + noise, with priors b_s ~ N(0, biasVariance_s),
 * κ_s ~ N(0, 1/12) and f ~ N(prior). Biases and slopes are solved for with the line (ridge regression): a server whose
 * sample comes in moves the line by what it has news of, not by how asymmetric its path is, and a thousand
 * samples that queued on the same way say no more than one. A server's two unknowns meet only o and f, so
 * eliminating them (Schur complement) leaves a 2×2 system whatever the number of servers.
 *
 * @module
 */
import { MAX_FREQUENCY } from "../../../daemon/estimate/oscillator.ts";
import type { Line, PathFit, PathPrior, ServerSums, Symmetric } from "./server_sums.ts";

/** What is known of the frequency before any sample. */
export interface FrequencyPrior {
  readonly frequency: number;
  readonly variance: number;
}

/** The line at its origin, and how well it is known. */
export interface LineFit extends Line {
  /** Of the noise alone; the biases come on top as `biasVariance`. */
  readonly offsetVariance: number;
  readonly covariance: number;
  readonly frequencyVariance: number;
  readonly biasVariance: number;
  /** How much larger than expected the residuals' variance is, ≥ 1; the variances above but the last contain it. */
  readonly noiseInflation: number;
}

/** The slope's prior: queueing on one way only is ±½, anything in between as likely. */
export const SLOPE_VARIANCE = 1 / 12;

/**
 * The priors of bias and frequency are taken for Student-t with this many degrees of freedom: one server's 16-sigma bias (a
 * liar within everybody's bounds) then widens that server's own prior instead of pulling the line. By reweighting, from
 * a start at which all biases count alike, lest the liar with the shortest path be the one that is believed.
 */
const PRIOR_DEGREES_OF_FREEDOM = 4;
const REWEIGHTINGS = 4;

/** Fits the line; at least one server must have a sample. Variances are inflated where the residuals exceed them. */
export function fitLine(servers: readonly ServerSums[], prior: FrequencyPrior): LineFit {
  const widest = Math.max(...servers.map(({ biasVariance }) => biasVariance));
  let priors = servers.map(() => pathPrior(widest));
  let solution = solve(servers, priors, prior);
  for (let round = 0; round < REWEIGHTINGS; round++) {
    const { paths, frequency } = solution;
    priors = servers.map(({ biasVariance }, s) => {
      // Of two that quarrel nobody knows which is right.
      const widened = servers.length > 2 ? surprise(paths[s]!.bias ** 2 / biasVariance) : 1;
      return pathPrior(biasVariance * widened);
    });
    const widened = surprise((frequency - prior.frequency) ** 2 / prior.variance);
    solution = solve(servers, priors, { ...prior, variance: prior.variance * widened });
  }
  return withVariances(servers, priors, solution);
}

function pathPrior(biasVariance: number): PathPrior {
  return { biasWeight: 1 / biasVariance, slopeWeight: 1 / SLOPE_VARIANCE };
}

function surprise(squaredSigmas: number): number {
  return Math.max(1, (PRIOR_DEGREES_OF_FREEDOM + squaredSigmas) / (PRIOR_DEGREES_OF_FREEDOM + 1));
}

interface Solution extends Line {
  readonly paths: readonly PathFit[];
  /** Posterior covariance of offset (x) and frequency (y). */
  readonly covariance: Symmetric;
}

function solve(
  servers: readonly ServerSums[],
  priors: readonly PathPrior[],
  prior: FrequencyPrior,
): Solution {
  let xx = 0, xy = 0, yy = 1 / prior.variance, x = 0, y = prior.frequency / prior.variance;
  servers.forEach((server, s) => {
    const { matrix, right } = server.reduced(priors[s]!);
    xx += matrix.xx;
    xy += matrix.xy;
    yy += matrix.yy;
    x += right[0];
    y += right[1];
  });
  // Never below what the prior alone knows; only rounding can make it so.
  const pivot = Math.max(yy - xy * xy / xx, 1 / prior.variance);
  const frequency = Math.min(MAX_FREQUENCY, Math.max(-MAX_FREQUENCY, (y - xy * x / xx) / pivot));
  const line = { offset: (x - xy * frequency) / xx, frequency };
  return {
    ...line,
    paths: servers.map((server, s) => server.pathFit(line, priors[s]!)),
    covariance: { xx: 1 / xx + xy * xy / (xx * xx * pivot), xy: -xy / (xx * pivot), yy: 1 / pivot },
  };
}

/**
 * Splits the posterior variance into what the noise and what the biases account for, and inflates each by its own
 * residuals: a fit cannot be better than its residuals say, and servers that quarrel cannot be averaged into certainty.
 */
function withVariances(
  servers: readonly ServerSums[],
  priors: readonly PathPrior[],
  solution: Solution,
): LineFit {
  const { xx, xy, yy } = solution.covariance;
  let noiseSquares = 0, biasPart = 0, count = 0;
  servers.forEach((server, s) => {
    const path = solution.paths[s]!;
    const prior = priors[s]!;
    // The offset's column is the bias's: the line moves by this when all of the server's offsets rise by 1.
    const { matrix } = server.reduced(prior);
    const leverage = xx * matrix.xx + xy * matrix.xy;
    biasPart += leverage * leverage / prior.biasWeight;
    noiseSquares += server.squaredResiduals(solution, path) + path.slope ** 2 * prior.slopeWeight;
    count += server.count;
  });
  const noiseInflation = Math.max(1, noiseSquares / Math.max(1, count - servers.length - 1));
  return {
    offset: solution.offset,
    frequency: solution.frequency,
    offsetVariance: Math.max(0, xx - biasPart) * noiseInflation,
    covariance: xy * noiseInflation,
    frequencyVariance: yy * noiseInflation,
    biasVariance: biasPart * biasInflation(servers, solution.paths),
    noiseInflation,
  };
}

/** How much more the smallest majority's biases scatter than their priors allow, ≥ 1: a minority may lie, as in the bound. */
function biasInflation(servers: readonly ServerSums[], paths: readonly PathFit[]): number {
  const squares = servers.map(({ biasVariance }, s) => paths[s]!.bias ** 2 / biasVariance).sort((a, b) =>
    a - b
  );
  const honest = servers.length - Math.floor((servers.length - 1) / 2);
  const sum = squares.slice(0, honest).reduce((total, square) => total + square, 0);
  return Math.max(1, sum / Math.max(1, honest - 1));
}
