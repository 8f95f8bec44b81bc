/**
 * Tells a step of the clock from a server or a path that changed: by how many servers see it.
 *
 * @module
 */
import type { Innovation } from "./clock_state.ts";
import type { Sample } from "./sample.ts";
import type { Doubt, ServerPath } from "./server_path.ts";

/** Beyond half its round trip and this many sigmas, a sample cannot be explained but by a change. */
const HARD_SIGMAS = 6;
const HARD_MARGIN_SECONDS = 100e-6;
/** Beyond half its own excess and this many sigmas, it is doubted. */
const SOFT_SIGMAS = 4;
const SOFT_MARGIN_SECONDS = 30e-6;
/** Doubted samples in a row of a server that weigh as much as one hard one. */
const SOFT_RUN = 3;
/** Doubted samples in a row of one server alone that show that it, or its path, changed. */
export const LONE_RUN = 4;

/** A doubt when the sample contradicts what was expected of it; null when it agrees. */
export function doubtOf(path: ServerPath, sample: Sample, innovation: Innovation): Doubt | null {
  const distance = Math.abs(innovation.residualSeconds);
  const sigma = Math.sqrt(innovation.variance);
  const softLimit = path.excessSeconds(sample.delaySeconds) / 2 + SOFT_SIGMAS * sigma +
    Math.max(2 * path.noise.jitterSeconds, SOFT_MARGIN_SECONDS);
  const hardLimit = sample.delaySeconds / 2 + HARD_SIGMAS * sigma + HARD_MARGIN_SECONDS;
  if (distance <= softLimit) return null;
  return { sample, residualSeconds: innovation.residualSeconds, isHard: distance > hardLimit };
}

/** The larger camp of the electorate that is sure of a change, up or down. */
export function convincedCamp(electorate: readonly ServerPath[]): ServerPath[] {
  const convinced = electorate.filter(({ doubts }) => doubts.length >= SOFT_RUN || doubts.at(-1)?.isHard === true);
  const up = convinced.filter((path) => lastResidual(path) > 0);
  const down = convinced.filter((path) => lastResidual(path) <= 0);
  return up.length >= down.length ? up : down;
}

/**
 * What the offset may be off by, s, while doubts are open: the smallest of them, unless a server agreed with the estimate
 * after the first doubt arose.
 */
export function openDoubt(electorate: readonly ServerPath[]): number {
  const doubts = electorate.flatMap((path) => path.doubts);
  if (doubts.length === 0) return 0;
  const first = Math.min(...doubts.map(({ sample }) => sample.atSeconds));
  if (electorate.some(({ agreedAtSeconds }) => agreedAtSeconds > first)) return 0;
  return Math.min(...electorate.filter(({ doubts }) => doubts.length > 0).map((path) => Math.abs(lastResidual(path))));
}

function lastResidual({ doubts }: ServerPath): number {
  return doubts.at(-1)?.residualSeconds ?? 0;
}
