/**
 * What the servers' biases say of each other: who is inconsistent with the rest.
 *
 * @module
 */

/** A server's bias by the filter, and what was to be expected. */
export interface PathBias {
  readonly biasSeconds: number;
  readonly priorVariance: number;
}

/** A bias this many sigmas from the others' mean is inconsistent … */
const INCONSISTENT_SIGMAS = 4;
/** … provided that those agree among themselves: squared sigmas per degree of freedom, and some to spare. */
const AGREED_SQUARES = 9;
const SPARE_SQUARES = 2;
/** Fewer cannot tell who is wrong. */
const LEAST_SERVERS = 3;

/** Index of the most inconsistent server; null when there is none, or no telling. Leaves one out at a time. */
export function inconsistentServer(biases: readonly PathBias[]): number | null {
  if (biases.length < LEAST_SERVERS) return null;
  let worst: number | null = null, most = INCONSISTENT_SIGMAS;
  biases.forEach((bias, index) => {
    const others = biases.filter((_, other) => other !== index);
    if (disagreement(others) >= AGREED_SQUARES * (others.length - 1) + SPARE_SQUARES) return;
    const sigmas = distanceInSigmas(bias, others);
    if (sigmas > most) [worst, most] = [index, sigmas];
  });
  return worst;
}

/** How far a bias lies from the mean of others (at least one), in sigmas of what the priors allow. */
export function distanceInSigmas(bias: PathBias, others: readonly PathBias[]): number {
  const { mean, weight } = weightedMean(others);
  return Math.abs(bias.biasSeconds - mean) / Math.sqrt(bias.priorVariance + 1 / weight);
}

/** Sum of squared sigmas about the mean. */
function disagreement(biases: readonly PathBias[]): number {
  const { mean } = weightedMean(biases);
  return biases.reduce(
    (sum, { biasSeconds, priorVariance }) => sum + (biasSeconds - mean) ** 2 / priorVariance,
    0,
  );
}

function weightedMean(biases: readonly PathBias[]): { mean: number; weight: number } {
  let weight = 0, sum = 0;
  for (const { biasSeconds, priorVariance } of biases) {
    weight += 1 / priorVariance;
    sum += biasSeconds / priorVariance;
  }
  return { mean: sum / weight, weight };
}
