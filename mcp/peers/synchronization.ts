/**
 * What peers agree on, and an instant that all of them can meet. Pure: the same readings give the same answer on every
 * node, so that nobody has to be asked twice.
 *
 * @module
 */
import {
  agreedInterval,
  type Agreement,
  compareIntervals,
  compareUnixTime,
  FREQUENCY_TOLERANCE,
  toNs,
  type UnixTime,
} from "../../mod.ts";
import type { PeerTime } from "./pair_order.ts";

/** What comes out of a round of readings. */
export interface Synchronization {
  /** What the majority agrees on; null when there is none. */
  readonly agreement: Agreement | null;
  /** Peers whose readings lie outside of it; without a majority nobody can tell who is wrong, and all are listed. */
  readonly disagreeing: string[];
  /** A whole second by which every agreeing peer has certainly heard; null without a majority. */
  readonly point: UnixTime | null;
}

/** Weighs `peers`' readings of one instant; the point lies at least `leadSeconds` after the latest agreeing reading. */
export function synchronize(peers: readonly PeerTime[], leadSeconds: number): Synchronization {
  const agreement = agreedInterval(peers.map(({ interval }) => interval));
  if (agreement === null) {
    return { agreement, disagreeing: peers.map(({ id }) => id), point: null };
  }
  const isAgreeing = ({ interval }: PeerTime) => compareIntervals(interval, agreement) === "concurrent";
  return {
    agreement,
    disagreeing: peers.filter((peer) => !isAgreeing(peer)).map(({ id }) => id),
    point: meetingPoint(peers.filter(isAgreeing), leadSeconds),
  };
}

/** The clocks drift apart on the way there, so the lead is stretched by what they may. */
function meetingPoint(peers: readonly PeerTime[], leadSeconds: number): UnixTime {
  const latest = peers.map(({ interval }) => interval.latest).sort(compareUnixTime).at(-1)!;
  const aheadNs = BigInt(Math.ceil(leadSeconds * (1 + 2 * FREQUENCY_TOLERANCE) * 1e9));
  const targetNs = toNs(latest) + aheadNs;
  return { seconds: Number((targetNs + NS_PER_SECOND - 1n) / NS_PER_SECOND), nanoseconds: 0 };
}

const NS_PER_SECOND = 1_000_000_000n;
