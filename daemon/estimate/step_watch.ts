/**
 * Tells a step of the clock from a server or a path that changed: by how many servers see it.
 *
 * @module
 */
import type { Innovation } from "./observation.ts";
import type { Sample } from "./sample.ts";
import { MAX_SERVERS } from "./sample_window.ts";
import type { ServerPath } from "./server_path.ts";

/** Beyond half its round trip and this many sigmas, a sample cannot be explained but by a change. */
const HARD_SIGMAS = 6;
const HARD_MARGIN_SECONDS = 100e-6;
/** Beyond half its own excess, this many sigmas and this many grains of its path, it is doubted. */
const SOFT_SIGMAS = 4;
const SOFT_GRAINS = 3;
const SOFT_MARGIN_SECONDS = 30e-6;
/** Doubted samples in a row of a server that weigh as much as one hard one. */
const SOFT_RUN = 3;
/** Doubted samples in a row of one server that show that it alone changed, when the others contradict it … */
const LONE_RUN = 4;
/** … and when they do not. No more than these are kept of a server. */
const LONGEST_RUN = 8;
/** Servers that must see a step, where there are as many. */
const LEAST_CAMP = 2;

/** How a sample compares with what was expected of it. */
export interface Verdict {
  /** What is left of the offset without any queueing, s. */
  readonly residualSeconds: number;
  /** A larger one is doubted, s. */
  readonly limitSeconds: number;
  readonly isDoubted: boolean;
  /** Beyond even what half its round trip could explain. */
  readonly isHard: boolean;
}

/** Compares a sample with what was expected of it: queueing may explain half the excess, whatever the path's slope. */
export function verdictOn(path: ServerPath, sample: Sample, innovation: Innovation): Verdict {
  const sigma = Math.sqrt(innovation.variance);
  const limitSeconds = path.excessSeconds(sample.delaySeconds) / 2 + SOFT_SIGMAS * sigma +
    Math.max(SOFT_GRAINS * path.noise.grainSeconds, SOFT_MARGIN_SECONDS);
  const hardLimit = sample.delaySeconds / 2 + HARD_SIGMAS * sigma + HARD_MARGIN_SECONDS;
  const distance = Math.abs(innovation.unslopedSeconds);
  return {
    residualSeconds: innovation.unslopedSeconds,
    limitSeconds,
    isDoubted: distance > limitSeconds,
    isHard: distance > Math.max(limitSeconds, hardLimit),
  };
}

/** What the servers make of their open doubts. `samples` are those doubted, in order of time. */
export type Resolution =
  | { readonly kind: "open" }
  | { readonly kind: "step"; readonly samples: readonly Sample[] }
  | { readonly kind: "lone change"; readonly samples: readonly Sample[]; readonly residualSeconds: number };

interface Doubt {
  readonly sample: Sample;
  readonly verdict: Verdict;
}

/** What one server last said. */
interface Testimony {
  /** Its newest samples in a row that were doubted. */
  readonly doubts: readonly Doubt[];
  /** When one was as expected, and what would have been doubted then. */
  readonly agreedAtSeconds: number;
  readonly agreedLimitSeconds: number;
}

const SILENCE: Testimony = { doubts: [], agreedAtSeconds: -Infinity, agreedLimitSeconds: Infinity };

interface Vote {
  /** Those who see the same change. */
  readonly camp: readonly Testimony[];
  /** Those who ought to see it and do not, or have not spoken since. */
  readonly opponents: number;
  /** Those of them who have spoken. */
  readonly contradicting: number;
  /** The smallest change that the camp sees, s. */
  readonly residualSeconds: number;
}

/** Remembers what each server said last, of as many as the window holds; `electorate` is who has a vote now. */
export class StepWatch {
  readonly #testimonies = new Map<string, Testimony>();

  /** Takes a verdict on a server's newest sample down. */
  record(sample: Sample, verdict: Verdict | null): void {
    const last = this.#of(sample.source);
    this.#testimonies.delete(sample.source);
    if (this.#testimonies.size >= MAX_SERVERS) {
      this.#testimonies.delete(this.#testimonies.keys().next().value!);
    }
    this.#testimonies.set(
      sample.source,
      verdict?.isDoubted ? { ...last, doubts: [...last.doubts, { sample, verdict }] } : {
        doubts: [],
        agreedAtSeconds: sample.atSeconds,
        agreedLimitSeconds: verdict?.limitSeconds ?? Infinity,
      },
    );
  }

  /** Whether the newest doubt of `source` settles the matter; what is settled is forgotten. */
  resolve(source: string, electorate: ReadonlySet<string>): Resolution {
    const own = this.#of(source);
    const vote = this.#vote(own, electorate);
    if (isStep(vote, electorate.size)) {
      const samples = vote.camp.flatMap(({ doubts }) => doubts.map(({ sample }) => sample));
      this.clear();
      return { kind: "step", samples: samples.sort((a, b) => a.atSeconds - b.atSeconds) };
    }
    const isContradicted = vote.camp.length <= 1 && (vote.contradicting > 0 || !electorate.has(source));
    if (own.doubts.length < (isContradicted ? LONE_RUN : LONGEST_RUN)) return { kind: "open" };
    this.#testimonies.delete(source);
    return {
      kind: "lone change",
      samples: own.doubts.map(({ sample }) => sample),
      residualSeconds: Math.min(...own.doubts.map(({ verdict }) => Math.abs(verdict.residualSeconds))),
    };
  }

  /** What the offset may be off by, s, while a doubt is open that nobody contradicts; 0 when there is none. */
  openDoubtSeconds(electorate: ReadonlySet<string>): number {
    const votes = [...electorate].map((source) => this.#of(source)).filter(({ doubts }) => doubts.length > 0)
      .map((testimony) => this.#vote(testimony, electorate));
    return votes.filter(({ contradicting }) => contradicting === 0)
      .reduce((most, { residualSeconds }) => Math.max(most, residualSeconds), 0);
  }

  /** Forgets everything. */
  clear(): void {
    this.#testimonies.clear();
  }

  #of(source: string): Testimony {
    return this.#testimonies.get(source) ?? SILENCE;
  }

  /** Who stands with and against the newest doubt of `own`. A server too coarse to see such a change abstains. */
  #vote(own: Testimony, electorate: ReadonlySet<string>): Vote {
    const all = [...electorate].map((source) => this.#of(source));
    const camp = all.filter(({ doubts }) => doubts.length > 0 && sideOf(doubts) === sideOf(own.doubts));
    const since = Math.min(...camp.map(({ doubts }) => doubts[0]!.sample.atSeconds));
    const residualSeconds = Math.min(
      ...camp.map(({ doubts }) => Math.abs(doubts.at(-1)!.verdict.residualSeconds)),
    );
    let opponents = 0, contradicting = 0;
    for (const { doubts, agreedAtSeconds, agreedLimitSeconds } of all) {
      if (doubts.length > 0 && sideOf(doubts) === sideOf(own.doubts)) continue;
      const hasSpoken = doubts.length > 0 || agreedAtSeconds >= since;
      if (hasSpoken && doubts.length === 0 && agreedLimitSeconds > residualSeconds) continue;
      opponents++;
      if (hasSpoken) contradicting++;
    }
    return { camp, opponents, contradicting, residualSeconds };
  }
}

/** A majority of those who can tell must be sure of it. */
function isStep({ camp, opponents }: Vote, voters: number): boolean {
  const sure = camp.filter(({ doubts }) => doubts.length >= SOFT_RUN || doubts.at(-1)!.verdict.isHard).length;
  return sure > camp.length - sure + opponents && sure >= Math.min(LEAST_CAMP, Math.max(1, voters));
}

function sideOf(doubts: readonly Doubt[]): number {
  return Math.sign(doubts.at(-1)?.verdict.residualSeconds ?? 0);
}
