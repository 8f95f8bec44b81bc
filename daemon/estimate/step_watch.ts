/**
 * Tells a step of the clock from a server or a path that changed: by how many servers see it.
 *
 * @module
 */
import type { Innovation } from "./clock_state.ts";
import type { Sample } from "./sample.ts";
import type { ServerPath } from "./server_path.ts";

/** Beyond half its round trip and this many sigmas, a sample cannot be explained but by a change. */
const HARD_SIGMAS = 6;
const HARD_MARGIN_SECONDS = 100e-6;
/** Beyond half its own excess and this many sigmas, it is doubted. */
const SOFT_SIGMAS = 4;
const SOFT_MARGIN_SECONDS = 30e-6;
const SOFT_GRAINS = 3;
/** Doubted samples in a row of a server that weigh as much as one hard one. */
const SOFT_RUN = 3;
/** Doubted samples in a row of one server alone that show that it, or its path, changed … */
const LONE_RUN = 4;
/** … and when others doubt too, yet never enough of them. */
export const LONGEST_RUN = 8;

/** How a sample compares with what was expected of it. */
export interface Verdict {
  readonly residualSeconds: number;
  /** A residual beyond this would have been doubted, s. */
  readonly limitSeconds: number;
  readonly isDoubted: boolean;
  /** Beyond even what half its round trip could explain. */
  readonly isHard: boolean;
}

/** Compares a sample with what was expected of it. */
export function verdictOn(path: ServerPath, sample: Sample, { unslopedSeconds, variance }: Innovation): Verdict {
  const sigma = Math.sqrt(variance);
  const limitSeconds = path.excessSeconds(sample.delaySeconds) / 2 + SOFT_SIGMAS * sigma +
    Math.max(SOFT_GRAINS * path.noise.grainSeconds, SOFT_MARGIN_SECONDS);
  const hardLimit = sample.delaySeconds / 2 + HARD_SIGMAS * sigma + HARD_MARGIN_SECONDS;
  const distance = Math.abs(unslopedSeconds);
  return {
    residualSeconds: unslopedSeconds,
    limitSeconds,
    isDoubted: distance > limitSeconds,
    isHard: distance > Math.max(limitSeconds, hardLimit),
  };
}

/** What the electorate makes of its open doubts. */
export type Resolution =
  | { readonly kind: "step"; readonly camp: readonly ServerPath[] }
  | { readonly kind: "lone change" | "open" };

interface Vote {
  readonly camp: readonly ServerPath[];
  /** Those who do not see the change although they would have to, or have not spoken since. */
  readonly opponents: number;
  /** Those who have spoken and contradict. */
  readonly contradicting: number;
  readonly smallestSeconds: number;
}

/** Whether the newest doubt of `path` settles the matter. */
export function resolve(path: ServerPath, electorate: readonly ServerPath[]): Resolution {
  const { camp, opponents, contradicting } = vote(path, electorate);
  const convinced = camp.filter(({ doubts }) => doubts.length >= SOFT_RUN || doubts.at(-1)!.isHard);
  const enough = Math.min(2, electorate.length);
  if (convinced.length > camp.length - convinced.length + opponents && convinced.length >= enough && enough>0) {
    return { kind: "step", camp };
  }
  const isAlone = camp.length <= 1 && (contradicting > 0 || !electorate.includes(path));
  return { kind: path.doubts.length >= (isAlone ? LONE_RUN : LONGEST_RUN) ? "lone change" : "open" };
}

/** What the offset may be off by, s, while a doubt is open that nobody contradicts. */
export function openDoubt(electorate: readonly ServerPath[]): number {
  const doubting = electorate.filter(({ doubts }) => doubts.length > 0);
  const votes = doubting.map((path) => vote(path, electorate));
  return Math.max(0, ...votes.filter(({ contradicting }) => contradicting === 0).map((v) => v.smallestSeconds));
}

function vote(path: ServerPath, electorate: readonly ServerPath[]): Vote {
  const side = Math.sign(lastResidual(path));
  const camp = electorate.filter((member) => member.doubts.length > 0 && Math.sign(lastResidual(member)) === side);
  const since = Math.min(...camp.map(({ doubts }) => doubts[0]!.sample.atSeconds));
  const smallestSeconds = Math.min(...camp.map((member) => Math.abs(lastResidual(member))));
  let opponents = 0, contradicting = 0;
  for (const member of electorate) {
    if (camp.includes(member)) continue;
    const hasSpoken = member.agreedAtSeconds >= since || member.doubts.length > 0;
    const isBlunt = hasSpoken && member.doubts.length === 0 && member.agreedLimitSeconds > smallestSeconds;
    if (!isBlunt) opponents++;
    if (hasSpoken && !isBlunt) contradicting++;
  }
  return { camp, opponents, contradicting, smallestSeconds };
}

function lastResidual({ doubts }: ServerPath): number {
  return doubts.at(-1)?.residualSeconds ?? 0;
}
