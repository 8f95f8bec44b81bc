/**
 * Which of the two was nearer to the truth.
 *
 * @module
 */
import type { HeadToHeadRun, LivePair, LiveReading } from "./head_to_head.ts";
import { type Figure, jackknife, quantileOf, split } from "./jackknife.ts";

/** The parties. */
export const PARTIES = ["chronyd", "chronotick"] as const;

/** One of the parties. */
export type Party = typeof PARTIES[number];

/** How one of them did; errors in s. */
export interface PartyScore {
  readonly meanError: Figure;
  readonly p99Error: Figure;
  /** Mean |error − the run's median error|: what is left without the asymmetry, which nobody can see. */
  readonly wander: Figure;
  /** Mean of what it says that it may be off. */
  readonly bound: Figure;
  /** Readings that were off by more. */
  readonly violations: number;
  /** How well its time could be read, s: half of the reading's round trip, the median. */
  readonly readWithinSeconds: number;
}

/** A ratio ours/theirs with its 95 % interval. */
export interface PartyRatio {
  readonly ratio: number;
  readonly low: number;
  readonly high: number;
}

/** The outcome. */
export interface HeadToHeadScore {
  /** Instants that count. */
  readonly readings: number;
  /** Readings count from here on, s since the start. */
  readonly settledSeconds: number;
  readonly parties: Readonly<Record<Party, PartyScore>>;
  /** ChronoTick's over chronyd's. */
  readonly meanErrorRatio: PartyRatio;
  readonly wanderRatio: PartyRatio;
}

/** Both have this long to settle, but no more than a third of the run. */
const SETTLING_SECONDS = 60;
/** Errors near in time are alike, so that intervals on one network come from leaving out tenths of the run. */
const BLOCKS = 10;

/** What is measured on one network. */
type Statistic<Item> = (items: readonly Item[]) => number;

/**
 * Judges what both said after they had settled. Figures are means over networks, ratios geometric ones; their intervals
 * are those over networks, or over the time of the run where there is one only.
 */
export function scoreHeadToHead(runs: readonly HeadToHeadRun[], seconds: number): HeadToHeadScore {
  const settledSeconds = Math.min(SETTLING_SECONDS, seconds / 3);
  const networks = runs.map(({ pairs }) =>
    pairs.filter(({ chronyd }) => chronyd.atSeconds >= settledSeconds)
  );
  return {
    readings: networks.reduce((sum, { length }) => sum + length, 0),
    settledSeconds,
    parties: { chronyd: scoreParty(networks, "chronyd"), chronotick: scoreParty(networks, "chronotick") },
    meanErrorRatio: ratioOf(networks, meanError),
    wanderRatio: ratioOf(networks, wander),
  };
}

type Networks = readonly (readonly LivePair[])[];

function scoreParty(networks: Networks, party: Party): PartyScore {
  const figure = (statistic: Statistic<LiveReading>) =>
    figureOf(networks, (pairs) => statistic(pairs.map((pair) => pair[party])));
  const readings = networks.flat().map((pair) => pair[party]);
  return {
    meanError: figure(meanError),
    p99Error: figure((some) => quantileOf(Float64Array.from(some, sizeOf), 0.99)),
    wander: figure(wander),
    bound: figure((some) => meanOf(some, ({ boundSeconds }) => boundSeconds)),
    violations: readings.filter((reading) => sizeOf(reading) > reading.boundSeconds).length,
    readWithinSeconds: quantileOf(
      Float64Array.from(readings, ({ readWithinSeconds }) => readWithinSeconds),
      0.5,
    ),
  };
}

function ratioOf(networks: Networks, statistic: Statistic<LiveReading>): PartyRatio {
  const { value, halfWidth } = figureOf(networks, (pairs) => {
    const [ours, theirs] = [pairs.map(({ chronotick }) => chronotick), pairs.map(({ chronyd }) => chronyd)];
    return Math.log(statistic(ours) / statistic(theirs));
  });
  return { ratio: Math.exp(value), low: Math.exp(value - halfWidth), high: Math.exp(value + halfWidth) };
}

function figureOf(networks: Networks, statistic: Statistic<LivePair>): Figure {
  const [first = [], ...others] = networks;
  if (others.length === 0) return jackknife(split(first, BLOCKS), (blocks) => statistic(blocks.flat()));
  return jackknife(networks, (some) => meanOf(some, statistic));
}

function sizeOf({ errorSeconds }: LiveReading): number {
  return Math.abs(errorSeconds);
}

function meanError(readings: readonly LiveReading[]): number {
  return meanOf(readings, sizeOf);
}

function wander(readings: readonly LiveReading[]): number {
  const middle = quantileOf(Float64Array.from(readings, ({ errorSeconds }) => errorSeconds), 0.5);
  return meanOf(readings, ({ errorSeconds }) => Math.abs(errorSeconds - middle));
}

function meanOf<Item>(items: readonly Item[], valueOf: (item: Item) => number): number {
  return items.reduce((sum, item) => sum + valueOf(item), 0) / items.length;
}
