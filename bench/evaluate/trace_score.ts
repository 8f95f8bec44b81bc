/**
 * How well a timekeeper did on one trace.
 *
 * @module
 */
import { Flag } from "../../record/layout.ts";
import type { Reading } from "../../sim/world/run_scenario.ts";

/** What is measured on a trace; null where the trace has no occasion for it. Errors and widths are in s. */
export interface TraceScore {
  /** Mean |error|. */
  readonly meanError: number;
  /** 99 of 100 errors are no larger. */
  readonly p99Error: number;
  /** Mean |error − the trace's median error|: what is left without a constant asymmetry, which nobody can observe. */
  readonly wander: number;
  /** Mean |error| of what was predicted a minute before. */
  readonly aheadError: number;
  /** Share of the errors within ± 1.96 σ. */
  readonly coverage95: number;
  /** Share of the errors within ± 3.29 σ. */
  readonly coverage999: number;
  /** The same as `coverage95`, of what was predicted a minute before. */
  readonly aheadCoverage95: number;
  /** Interval scores (Gneiting and Raftery 2007): width, and a penalty for what lies outside; lower is better. */
  readonly score95: number;
  readonly score999: number;
  /** Mean of 2 × 1.96 σ. */
  readonly width95: number;
  /** Share of the readings off by more than the hard bound. */
  readonly violations: number;
  /** Mean half-width of the hard bound. */
  readonly boundHalfWidth: number;
  /** Mean time from a standstill of the machine until the time is right again. */
  readonly recovery: number | null;
  /** |error| at the end of an outage of an hour. */
  readonly holdoverError: number | null;
  /** Share of the readings with a valid time. */
  readonly validShare: number;
}

/** What the score must know of the trace. */
export interface TraceFacts {
  /** When the machine stood still. */
  readonly standstillsAtSeconds: readonly number[];
  /** The time is right again when it is off by no more: half of the shortest round trip. */
  readonly recoveredSeconds: number;
}

/** Errors count from here on: the start is judged by how long it takes, elsewhere. */
export const SETTLING_SECONDS = 300;
/** The time must stay right for so long to count as right again. */
const STEADY_SECONDS = 60;
/** An outage of this length at least counts as an hour's holdover. */
const HOLDOVER_SECONDS = 3500;

const LEVELS = {
  95: { sigmas: 1.959964, alpha: 0.05 },
  999: { sigmas: 3.290527, alpha: 0.001 },
} as const;

/** Judges a trace. Readings at which nobody can know the time yet count for recovery only. */
export function scoreTrace(readings: readonly Reading[], facts: TraceFacts): TraceScore {
  const settled = readings.filter(({ atSeconds }) => atSeconds >= SETTLING_SECONDS);
  const valid = settled.filter(isValid);
  const judged = valid.filter(({ isBlind, isOutage }) => !isBlind && !isOutage);
  const errors = judged.map(({ errorSeconds }) => errorSeconds);
  const sizes = Float64Array.from(errors, Math.abs).sort();
  const middle = quantile(Float64Array.from(errors).sort(), 0.5);
  const ahead = judged.filter(({ aheadErrorSeconds }) => aheadErrorSeconds !== null);
  const bounded = valid.filter(({ isBlind }) => !isBlind);
  return {
    meanError: mean(errors, Math.abs),
    p99Error: quantile(sizes, 0.99),
    wander: mean(errors, (error) => Math.abs(error - middle)),
    aheadError: mean(ahead, ({ aheadErrorSeconds }) => Math.abs(aheadErrorSeconds!)),
    coverage95: mean(judged, (reading) => isCovered(reading, 95)),
    coverage999: mean(judged, (reading) => isCovered(reading, 999)),
    aheadCoverage95: mean(
      ahead,
      ({ aheadErrorSeconds, aheadSigmaSeconds }) =>
        Number(Math.abs(aheadErrorSeconds!) <= LEVELS[95].sigmas * aheadSigmaSeconds),
    ),
    score95: mean(judged, (reading) => intervalScore(reading, 95)),
    score999: mean(judged, (reading) => intervalScore(reading, 999)),
    width95: mean(judged, ({ sigmaSeconds }) => 2 * LEVELS[95].sigmas * sigmaSeconds),
    violations: mean(
      bounded,
      ({ errorSeconds, maxErrorSeconds }) => Number(Math.abs(errorSeconds) > maxErrorSeconds),
    ),
    boundHalfWidth: mean(judged, ({ maxErrorSeconds }) => maxErrorSeconds),
    recovery: meanRecovery(readings, facts),
    holdoverError: holdoverError(readings),
    validShare: valid.length / settled.length,
  };
}

function isValid({ flags }: Reading): boolean {
  return (flags & Flag.VALID) !== 0;
}

function isCovered({ errorSeconds, sigmaSeconds }: Reading, level: keyof typeof LEVELS): number {
  return Number(Math.abs(errorSeconds) <= LEVELS[level].sigmas * sigmaSeconds);
}

function intervalScore({ errorSeconds, sigmaSeconds }: Reading, level: keyof typeof LEVELS): number {
  const { sigmas, alpha } = LEVELS[level];
  const half = sigmas * sigmaSeconds;
  return 2 * half + 2 / alpha * Math.max(0, Math.abs(errorSeconds) - half);
}

/** Until the next standstill at the latest, or the end. */
function meanRecovery(readings: readonly Reading[], facts: TraceFacts): number | null {
  const ends = [...facts.standstillsAtSeconds.slice(1), readings.at(-1)?.atSeconds ?? 0];
  const durations = facts.standstillsAtSeconds.map((from, i) => {
    const after = readings.filter(({ atSeconds }) => atSeconds >= from && atSeconds < ends[i]!);
    return recoveredAt(after, facts.recoveredSeconds, ends[i]!) - from;
  });
  return durations.length === 0 ? null : mean(durations, (seconds) => seconds);
}

function recoveredAt(after: readonly Reading[], tolerance: number, end: number): number {
  let since: number | null = null;
  for (const reading of after) {
    const isRight = isValid(reading) && Math.abs(reading.errorSeconds) <= tolerance;
    since = isRight ? since ?? reading.atSeconds : null;
    if (since !== null && reading.atSeconds - since >= STEADY_SECONDS) return since;
  }
  return end;
}

function holdoverError(readings: readonly Reading[]): number | null {
  const outage = readings.filter(({ isOutage }) => isOutage);
  const last = outage.at(-1);
  if (last === undefined || last.atSeconds - outage[0]!.atSeconds < HOLDOVER_SECONDS) return null;
  return isValid(last) ? Math.abs(last.errorSeconds) : null;
}

/** NaN of nothing. */
function mean<Item>(items: readonly Item[], valueOf: (item: Item) => number): number {
  return items.reduce((sum, item) => sum + valueOf(item), 0) / items.length;
}

/** The smallest of the sorted values that at least `share` of them do not exceed; NaN of nothing. */
function quantile(sorted: Float64Array, share: number): number {
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? NaN;
}
