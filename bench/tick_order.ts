/**
 * What must hold for ticks that were handed out, whoever got them.
 *
 * @module
 */
import type { JournalEntry } from "./tick_journal.ts";

/** What was found. */
export interface TickFaults {
  /** Ticks that were handed out more than once. */
  readonly repeated: number;
  /** Calls that got a tick below one that had been handed out before they began. */
  readonly reversed: number;
  /** Stamps that carry an earlier time than a stamp of a lower tick. */
  readonly setBack: number;
}

/** Looks at all entries of all processes; their order does not matter. */
export function findFaults(entries: readonly JournalEntry[]): TickFaults {
  const byTick = entries.toSorted((a, b) => (a.first < b.first ? -1 : 1));
  return { repeated: countRepeated(byTick), reversed: countReversed(byTick), setBack: countSetBack(byTick) };
}

function countRepeated(byTick: readonly JournalEntry[]): number {
  let repeated = 0n;
  let highest = 0n;
  for (const { first, count } of byTick) {
    const last = first + count - 1n;
    if (first <= highest) repeated += (last < highest ? last : highest) - first + 1n;
    if (last > highest) highest = last;
  }
  return Number(repeated);
}

function countReversed(byTick: readonly JournalEntry[]): number {
  let reversed = 0;
  let earliestGivenNs: bigint | null = null; // of all higher ticks
  for (const { askedNs, givenNs } of byTick.toReversed()) {
    if (earliestGivenNs !== null && earliestGivenNs < askedNs) reversed++;
    if (earliestGivenNs === null || givenNs < earliestGivenNs) earliestGivenNs = givenNs;
  }
  return reversed;
}

function countSetBack(byTick: readonly JournalEntry[]): number {
  const stamps = byTick.filter(({ utcNs }) => utcNs > 0n);
  return stamps.filter(({ utcNs }, i) => i > 0 && utcNs < stamps[i - 1]!.utcNs).length;
}
