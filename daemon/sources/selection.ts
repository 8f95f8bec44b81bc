/**
 * Which servers tell the truth: the intersection algorithm of NTP.
 *
 * @module
 */
import { hullOfAgreement as hullOf } from "../../record/agreement.ts";

/** Where a server says that the true offset lies: certainly between low and high, most likely at the midpoint. */
export interface CorrectnessInterval {
  readonly source: string;
  readonly lowSeconds: number;
  readonly highSeconds: number;
  readonly midpointSeconds: number;
}

/** A server that is not to be followed, and why. */
export interface Falseticker {
  readonly source: string;
  /** Its interval lies below or above the majority's, or no majority agrees on anything. */
  readonly reason: "below majority" | "above majority" | "no majority";
  /** How far its midpoint lies from the middle of what the majority agrees on, s; 0 without a majority. */
  readonly distanceSeconds: number;
}

/** What the servers agree on. Without a majority nobody survives, and every server is listed as a falseticker. */
export type Selection =
  | {
    readonly majority: true;
    readonly lowSeconds: number;
    readonly highSeconds: number;
    readonly survivors: readonly string[];
    readonly falsetickers: readonly Falseticker[];
  }
  | {
    readonly majority: false;
    readonly survivors: readonly [];
    readonly falsetickers: readonly Falseticker[];
  };

/**
 * Finds the smallest interval that holds the points of the most servers' intervals and tells the truechimers, whose
 * intervals meet it, from the falsetickers (RFC 5905 §11.2.1, after Marzullo; fewer than half may be liars).
 *
 * The RFC also wants the midpoints inside. That is left out, as ntpd ≥ 4.2.8 does: midpoints are pushed about by
 * one-sided queueing, and servers whose intervals all overlap would be called a quarrel.
 */
export function selectTruechimers(intervals: readonly CorrectnessInterval[]): Selection {
  for (let liars = 0; 2 * liars < intervals.length; liars++) {
    const agreed = hullOfAgreement(intervals, intervals.length - liars);
    if (agreed !== null) return judge(intervals, agreed);
  }
  return {
    majority: false,
    survivors: [],
    falsetickers: intervals.map(({ source }) => ({ source, reason: "no majority", distanceSeconds: 0 })),
  };
}

/** A closed interval of offsets, s. */
export interface OffsetInterval {
  readonly lowSeconds: number;
  readonly highSeconds: number;
}

/** The hull of the points that lie in at least `needed` of the intervals; null when there is none. */
export function hullOfAgreement(
  intervals: readonly OffsetInterval[],
  needed: number,
): OffsetInterval | null {
  const lows = intervals.map(({ lowSeconds }) => lowSeconds);
  const highs = intervals.map(({ highSeconds }) => highSeconds);
  const hull = hullOf(lows, highs, needed);
  return hull && { lowSeconds: hull[0], highSeconds: hull[1] };
}

function judge(intervals: readonly CorrectnessInterval[], agreed: OffsetInterval): Selection {
  const middleSeconds = (agreed.lowSeconds + agreed.highSeconds) / 2;
  const survivors: string[] = [];
  const falsetickers: Falseticker[] = [];
  for (const { source, lowSeconds, highSeconds, midpointSeconds } of intervals) {
    const below = highSeconds < agreed.lowSeconds;
    if (below || lowSeconds > agreed.highSeconds) {
      falsetickers.push({
        source,
        reason: below ? "below majority" : "above majority",
        distanceSeconds: Math.abs(midpointSeconds - middleSeconds),
      });
    } else {
      survivors.push(source);
    }
  }
  return { majority: true, ...agreed, survivors, falsetickers };
}
