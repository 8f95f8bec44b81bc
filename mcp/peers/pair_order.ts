/**
 * In which order peers' times lie, by their clocks and by what they knew of each other.
 *
 * @module
 */
import { compareIntervals, type IntervalOrder, type TimeInterval } from "../../mod.ts";
import { compareVectorClocks, type VectorClock } from "./vector_clock.ts";

/** What a peer says of its time. */
export interface PeerTime {
  readonly id: string;
  /** The truth lies in it, if the peer is honest. */
  readonly interval: TimeInterval;
  readonly vectorClock: VectorClock | null;
}

/** How the time of peer `a` lies to that of peer `b`. */
export interface PairOrder {
  readonly a: string;
  readonly b: string;
  readonly byInterval: IntervalOrder;
  /** Null when one of the two gave no vector clock. */
  readonly byVectorClock: IntervalOrder | null;
  /** A cause cannot come after its effect: one of the two clocks is wrong. */
  readonly contradicts: boolean;
}

/** Every pair once, in the order of `peers`. */
export function pairOrders(peers: readonly PeerTime[]): PairOrder[] {
  return peers.flatMap((a, index) => peers.slice(index + 1).map((b) => pairOrder(a, b)));
}

function pairOrder(a: PeerTime, b: PeerTime): PairOrder {
  const byInterval = compareIntervals(a.interval, b.interval);
  const byVectorClock = a.vectorClock && b.vectorClock && compareVectorClocks(a.vectorClock, b.vectorClock);
  const contradicts = byInterval !== "concurrent" && byVectorClock !== null &&
    byVectorClock !== "concurrent" &&
    byInterval !== byVectorClock;
  return { a: a.id, b: b.id, byInterval, byVectorClock, contradicts };
}
