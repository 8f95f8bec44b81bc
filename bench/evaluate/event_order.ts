/**
 * Which of two events came first: what the stamps of two machines say of it, and what was true.
 *
 * @module
 */

/** An event as its machine stamped it. */
export interface StampedEvent {
  /** When it was, s, by any scale that all share. */
  readonly trueSeconds: number;
  /** What the machine's clock said, s. */
  readonly stampSeconds: number;
  /** The machine claims that the truth is no further from the stamp, s. */
  readonly halfWidthSeconds: number;
  /** The machine just stood still and cannot know it yet. */
  readonly isBlind: boolean;
}

/** How pairs of events came out. */
export interface EventOrder {
  readonly pairs: number;
  /** Of these, the two intervals do not touch: they say which came first. */
  readonly ordered: number;
  /** Of those, the other one did. */
  readonly wrong: number;
  /** Of the wrong ones, so many involve a machine that could not know better. */
  readonly wrongBlind: number;
}

/** Judges every pair. */
export function judgeOrder(events: readonly StampedEvent[]): EventOrder {
  let ordered = 0;
  let wrong = 0;
  let wrongBlind = 0;
  for (const [i, a] of events.entries()) {
    for (let j = 0; j < i; j++) {
      const b = events[j]!;
      const gap = Math.abs(a.stampSeconds - b.stampSeconds);
      if (!(gap > a.halfWidthSeconds + b.halfWidthSeconds)) continue;
      ordered++;
      if ((a.stampSeconds < b.stampSeconds) === (a.trueSeconds < b.trueSeconds)) continue;
      wrong++;
      if (a.isBlind || b.isBlind) wrongBlind++;
    }
  }
  return { pairs: events.length * (events.length - 1) / 2, ordered, wrong, wrongBlind };
}

/** All of them together. */
export function addOrders(orders: readonly EventOrder[]): EventOrder {
  return orders.reduce(
    (sum, { pairs, ordered, wrong, wrongBlind }) => ({
      pairs: sum.pairs + pairs,
      ordered: sum.ordered + ordered,
      wrong: sum.wrong + wrong,
      wrongBlind: sum.wrongBlind + wrongBlind,
    }),
    { pairs: 0, ordered: 0, wrong: 0, wrongBlind: 0 },
  );
}
