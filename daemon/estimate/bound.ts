/**
 * The hard bound: where the true offset must lie as long as fewer than half of the servers lie.
 *
 * No model has a say here. A server's interval is its tightest recent sample, widened by FREQUENCY_TOLERANCE × age; the
 * bound is the hull of the points that lie in at least m − f of the m intervals, with f = ⌊(m − 1)/2⌋ fixed. Taking the
 * smallest f that still finds a point (as selection does, to choose whom to follow) gives narrower bounds that a
 * minority of liars can pull away from the truth.
 *
 * @module
 */
import { FREQUENCY_TOLERANCE } from "../../record/interval.ts";
import { type CorrectnessInterval, hullOfAgreement, type OffsetInterval } from "../sources/selection.ts";
import type { Sample } from "./sample.ts";
import type { SampleWindow, ServerHistory } from "./sample_window.ts";

/** A server has a vote while its newest sample is younger than this, s: eight polls at the slowest pace, as NTP's reach. */
export const SERVER_ALIVE_SECONDS = 128;

/** What reading the clocks of an exchange may be off, s; comes on top of what the exchange itself rounded outwards. */
const CLOCK_READ_SECONDS = 1e-6;

/** Where the true offset lies. */
export interface HardBound extends OffsetInterval {
  /** False when the servers contradict each other beyond repair: then it is the hull of all that they say. */
  readonly agreed: boolean;
  /** Servers that had a vote (m). */
  readonly voters: number;
}

/**
 * The bound at `atSeconds`, the centres carried there with `frequency` (s/s); null before the first sample.
 *
 * When no point lies in enough intervals, at least half of the servers are wrong and nobody can tell which. The answer
 * is then the hull of all intervals, marked `agreed: false`: wide, but true if a single server is honest.
 */
export function hardBound(window: SampleWindow, atSeconds: number, frequency: number): HardBound | null {
  const intervals = serverIntervals(window, atSeconds, frequency);
  const voters = intervals.length;
  if (voters === 0) return null;
  const liars = Math.floor((voters - 1) / 2);
  const agreement = hullOfAgreement(intervals, voters - liars);
  if (agreement !== null) return { ...agreement, agreed: true, voters };
  return {
    lowSeconds: Math.min(...intervals.map(({ lowSeconds }) => lowSeconds)),
    highSeconds: Math.max(...intervals.map(({ highSeconds }) => highSeconds)),
    agreed: false,
    voters,
  };
}

/** What each server with a vote says at `atSeconds`. */
export function serverIntervals(
  window: SampleWindow,
  atSeconds: number,
  frequency: number,
): CorrectnessInterval[] {
  return votingServers(window, atSeconds).map((server) => {
    const best = tightestSample(server.latestWord, atSeconds);
    const midpointSeconds = best.offsetSeconds + frequency * (atSeconds - best.atSeconds);
    const half = halfWidthAt(best, atSeconds);
    return {
      source: server.source,
      midpointSeconds,
      lowSeconds: midpointSeconds - half,
      highSeconds: midpointSeconds + half,
    };
  });
}

/**
 * Who has a vote: the living. But silence must not turn a minority into a majority: while fewer than half of the known
 * servers live, the silent ones vote too, with the intervals they left, which stay true and only grow. In holdover
 * those are all there is. SampleWindow forgets the long silent once somebody else speaks.
 */
export function votingServers(window: SampleWindow, atSeconds: number): ServerHistory[] {
  const known = [...window.servers];
  const living = known.filter(({ newestAtSeconds }) => atSeconds - newestAtSeconds < SERVER_ALIVE_SECONDS);
  return 2 * living.length >= known.length ? living : known;
}

/** The one of `samples` (not empty) that bounds a server's offset most closely at `atSeconds`. */
export function tightestSample(samples: readonly Sample[], atSeconds: number): Sample {
  return samples.reduce((a, b) => halfWidthAt(b, atSeconds) <= halfWidthAt(a, atSeconds) ? b : a);
}

function halfWidthAt(sample: Sample, atSeconds: number): number {
  return sample.delaySeconds / 2 + sample.rootDistanceSeconds + CLOCK_READ_SECONDS +
    FREQUENCY_TOLERANCE * Math.abs(atSeconds - sample.atSeconds);
}

/** The half width that an interval around `centreSeconds` needs to hold all of `bound`, s. */
export function halfWidthAbout(bound: OffsetInterval, centreSeconds: number): number {
  return Math.max(bound.highSeconds - centreSeconds, centreSeconds - bound.lowSeconds);
}

/** `centreSeconds` when it lies inside `bound`, else the nearest end: a model may move inside, never leave. */
export function clampInto(bound: OffsetInterval, centreSeconds: number): number {
  return Math.min(bound.highSeconds, Math.max(bound.lowSeconds, centreSeconds));
}
