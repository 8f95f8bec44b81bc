/**
 * Reads the time as any program would, and compares it with the truth, which no other program could.
 *
 * @module
 */
import { type ChronoTickClient, ChronoTickError, type CorrectedTime, toNs } from "../mod.ts";
import type { DemoWorld } from "./demo_world.ts";

/** One read beside the truth; errors are "what was read − what is true", s. */
export interface Judged {
  readonly errorSeconds: number;
  readonly sigmaSeconds: number;
  /** The hard half-width; +Infinity when there is none. */
  readonly boundSeconds: number;
  readonly isInside: boolean;
  /** The error of this machine's own clock. */
  readonly systemErrorSeconds: number;
  /** How fast the daemon thinks that the truth runs away from this machine's clock, s/s. */
  readonly driftRate: number;
  /** One sigma of that, s/s. */
  readonly driftUncertainty: number;
}

/** Reads once; null while there is no valid time. */
export function judge(client: ChronoTickClient, world: DemoWorld): Judged | null {
  const before = world.trueUtcNs();
  const time = timeOrNull(client);
  const after = world.trueUtcNs();
  if (time === null) return null;
  const errorSince = (truthNs: bigint) => Number(toNs(time.time) - truthNs) / 1e9;
  return {
    errorSeconds: errorSince((before + after) / 2n),
    sigmaSeconds: time.uncertaintySeconds,
    boundSeconds: time.maxErrorSeconds,
    // The instant of the read lies between the two looks at the truth.
    isInside: errorSince(after) <= time.maxErrorSeconds && errorSince(before) >= -time.maxErrorSeconds,
    systemErrorSeconds: world.systemClockErrorSeconds(),
    driftRate: time.driftRate,
    driftUncertainty: time.driftUncertainty,
  };
}

function timeOrNull(client: ChronoTickClient): CorrectedTime | null {
  try {
    return client.getTime();
  } catch (error) {
    if (error instanceof ChronoTickError) return null;
    throw error;
  }
}

/** Errors within this many sigmas are to be 95 % of all. */
const SIGMAS_OF_95_PERCENT = 1.96;

/** What all reads together say. */
export class Tally {
  reads = 0;
  /** Reads whose hard bound held. */
  inside = 0;
  /** Reads whose error was within ± 1.96 σ. */
  withinSigmas = 0;
  #first: { readonly atSeconds: number; readonly judged: Judged } | undefined;
  #last: { readonly atSeconds: number; readonly judged: Judged } | undefined;
  #late = 0;
  #lateErrorSum = 0;

  /** Counts a read made `atSeconds`; those that are `isLate` make the mean error. */
  add(judged: Judged, atSeconds: number, isLate: boolean): void {
    this.reads++;
    if (judged.isInside) this.inside++;
    if (Math.abs(judged.errorSeconds) <= SIGMAS_OF_95_PERCENT * judged.sigmaSeconds) this.withinSigmas++;
    this.#first ??= { atSeconds, judged };
    this.#last = { atSeconds, judged };
    if (!isLate) return;
    this.#late++;
    this.#lateErrorSum += Math.abs(judged.errorSeconds);
  }

  /** Mean |error| of the late reads, s; null without any. */
  get meanLateErrorSeconds(): number | null {
    return this.#late === 0 ? null : this.#lateErrorSum / this.#late;
  }

  /** The last read; null without any. */
  get last(): Judged | null {
    return this.#last?.judged ?? null;
  }

  /** How fast the truth really ran away from this machine's clock, s/s; null before two reads a second apart. */
  get trueDriftRate(): number | null {
    if (this.#first === undefined || this.#last === undefined) return null;
    const elapsed = this.#last.atSeconds - this.#first.atSeconds;
    const gained = this.#first.judged.systemErrorSeconds - this.#last.judged.systemErrorSeconds;
    return elapsed < 1 ? null : gained / elapsed;
  }
}
