/**
 * Vector clocks: which events can have known of which (Fidge 1988, Mattern 1989).
 *
 * @module
 */
import type { IntervalOrder } from "../../mod.ts";

/** How many events of each node are known; of a node that is not named, none. */
export type VectorClock = ReadonlyMap<string, number>;

/** The clock that knows what any of `clocks` knows. */
export function mergeVectorClocks(clocks: readonly VectorClock[]): VectorClock {
  const merged = new Map<string, number>();
  for (const [node, count] of clocks.flatMap((clock) => [...clock])) {
    merged.set(node, Math.max(merged.get(node) ?? 0, count));
  }
  return merged;
}

/** Whether the event of `a` was known at that of `b`, or the reverse, or neither. */
export function compareVectorClocks(a: VectorClock, b: VectorClock): IntervalOrder {
  const isLess = exceeds(b, a);
  const isMore = exceeds(a, b);
  if (isLess === isMore) return "concurrent";
  return isLess ? "before" : "after";
}

/** Whether `a` knows of an event that `b` does not know of. */
function exceeds(a: VectorClock, b: VectorClock): boolean {
  return [...a].some(([node, count]) => count > (b.get(node) ?? 0));
}
