/**
 * The least-squares line through several servers' offsets, each with a constant bias of its own.
 *
 * Model: offset of sample i of server s = o + f·t + b_s + noise, with b_s ~ N(0, biasVariance_s) and f ~ N(prior). The
 * biases are solved for with the line (ridge regression): a server whose sample comes in moves the line by what
 * it has news of, not by how its path is asymmetric. Each bias meets only o and f, so eliminating it (Schur complement)
 * leaves a 2×2 system whatever the number of servers.
 *
 * @module
 */

/** What is known of the frequency before any sample. */
export interface FrequencyPrior {
  readonly frequency: number;
  readonly variance: number;
}

/** Weighted sums over one server's samples; all that the fit needs of them. */
export class ServerSums {
  /** Prior variance of the server's constant bias, s². */
  readonly biasVariance: number;
  count = 0;
  weight = 0;
  time = 0;
  timeSquared = 0;
  offset = 0;
  timeOffset = 0;
  offsetSquared = 0;

  constructor(biasVariance: number) {
    this.biasVariance = biasVariance;
  }

  /** Adds a sample: `timeSeconds` and `offsetSeconds` from the fit's origin, `weight` 1/variance. */
  add(weight: number, timeSeconds: number, offsetSeconds: number): void {
    this.count++;
    this.weight += weight;
    this.time += weight * timeSeconds;
    this.timeSquared += weight * timeSeconds * timeSeconds;
    this.offset += weight * offsetSeconds;
    this.timeOffset += weight * timeSeconds * offsetSeconds;
    this.offsetSquared += weight * offsetSeconds * offsetSeconds;
  }

  /** Weighted mean of what the samples lie above the line, s. */
  meanResidual(line: Line): number {
    return (this.offset - line.offset * this.weight - line.frequency * this.time) / this.weight;
  }

  /** Weighted sum of squared residuals about the line moved by `bias`. */
  squaredResiduals(line: Line, bias: number): number {
    const level = line.offset + bias;
    return Math.max(
      0,
      this.offsetSquared - 2 * level * this.offset - 2 * line.frequency * this.timeOffset +
        level * level * this.weight + 2 * level * line.frequency * this.time +
        line.frequency * line.frequency * this.timeSquared,
    );
  }
}

/** offset + frequency × time. */
export interface Line {
  readonly offset: number;
  readonly frequency: number;
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

/** No oscillator that keeps time is off by more, s/s. */
export const MAX_FREQUENCY = 500e-6;

/**
 * Priors are taken for Student-t with this many degrees of freedom: one server's 16-sigma bias (a liar within
 * everybody's bounds) then widens that server's own prior instead of pulling the line. Solved by reweighting.
 */
const PRIOR_DEGREES_OF_FREEDOM = 4;
const REWEIGHTINGS = 4;

/** Fits the line; at least one server must have a sample. Variances are inflated where the residuals exceed them. */
export function fitLine(servers: readonly ServerSums[], prior: FrequencyPrior): LineFit {
  let biasVariances = servers.map(({ biasVariance }) => biasVariance);
  let frequencyVariance = prior.variance;
  let normal = solve(servers, biasVariances, { ...prior, variance: frequencyVariance });
  for (let round = 0; round < REWEIGHTINGS; round++) {
    const { biases, frequency } = normal;
    biasVariances = servers.map((server, s) =>
      server.biasVariance * surprise(biases[s]! ** 2 / server.biasVariance)
    );
    frequencyVariance = prior.variance * surprise((frequency - prior.frequency) ** 2 / prior.variance);
    normal = solve(servers, biasVariances, { ...prior, variance: frequencyVariance });
  }
  return withVariances(servers, biasVariances, normal);
}

function surprise(squaredSigmas: number): number {
  return Math.max(1, (PRIOR_DEGREES_OF_FREEDOM + squaredSigmas) / (PRIOR_DEGREES_OF_FREEDOM + 1));
}

interface Solution extends Line {
  readonly biases: readonly number[];
  /** Inverse of the reduced normal matrix: the posterior covariance of offset and frequency. */
  readonly covariance: { readonly oo: number; readonly of: number; readonly ff: number };
}

function solve(
  servers: readonly ServerSums[],
  biasVariances: readonly number[],
  prior: FrequencyPrior,
): Solution {
  let oo = 0, of = 0, ff = 1 / prior.variance, o = 0, f = prior.frequency / prior.variance;
  servers.forEach((server, s) => {
    const biasWeight = 1 / biasVariances[s]!;
    const kept = biasWeight / (server.weight + biasWeight);
    oo += server.weight * kept;
    of += server.time * kept;
    ff += server.timeSquared - server.time * server.time / (server.weight + biasWeight);
    o += server.offset * kept;
    f += server.timeOffset - server.time * server.offset / (server.weight + biasWeight);
  });
  const pivot = ff - of * of / oo;
  const unclamped = (f - of * o / oo) / pivot;
  const frequency = Math.min(MAX_FREQUENCY, Math.max(-MAX_FREQUENCY, unclamped));
  const line = { offset: (o - of * frequency) / oo, frequency };
  const biases = servers.map((server, s) => {
    const biasWeight = 1 / biasVariances[s]!;
    return server.meanResidual(line) * server.weight / (server.weight + biasWeight);
  });
  const covariance = { oo: 1 / oo + of * of / (oo * oo * pivot), of: -of / (oo * pivot), ff: 1 / pivot };
  return { ...line, biases, covariance };
}

/**
 * Splits the posterior variance into what the noise and what the biases account for, and inflates each by its own
 * residuals: a fit cannot be better than its residuals say, and servers that quarrel cannot be averaged into certainty.
 */
function withVariances(
  servers: readonly ServerSums[],
  biasVariances: readonly number[],
  solution: Solution,
): LineFit {
  const { oo, of, ff } = solution.covariance;
  let noiseSquares = 0, biasSquares = 0, biasPart = 0, count = 0;
  servers.forEach((server, s) => {
    const bias = solution.biases[s]!;
    const biasVariance = biasVariances[s]!;
    // How far the fitted offset moves when all samples of this server move by 1.
    const leverage = (oo * server.weight + of * server.time) / (1 + server.weight * biasVariance);
    biasPart += leverage * leverage * biasVariance;
    noiseSquares += server.squaredResiduals(solution, bias);
    biasSquares += bias * bias / biasVariance;
    count += server.count;
  });
  const noiseInflation = Math.max(1, noiseSquares / Math.max(1, count - servers.length - 1));
  const biasInflation = Math.max(1, biasSquares / Math.max(1, servers.length - 1));
  return {
    offset: solution.offset,
    frequency: solution.frequency,
    offsetVariance: Math.max(0, oo - biasPart) * noiseInflation,
    covariance: of * noiseInflation,
    frequencyVariance: ff * noiseInflation,
    biasVariance: biasPart * biasInflation,
    noiseInflation,
  };
}
