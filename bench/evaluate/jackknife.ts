/**
 * How sure a figure is that many parts gave together.
 *
 * @module
 */
import { summarize } from "./summary.ts";

/** A figure and half of its 95 % interval. */
export interface Figure {
  readonly value: number;
  /** NaN with fewer than two parts. */
  readonly halfWidth: number;
}

/**
 * `statistic` of all parts; its interval by the jackknife (Tukey 1958), which leaves out one part after the other.
 * What depends on each other belongs into one part.
 */
export function jackknife<Part>(
  parts: readonly Part[],
  statistic: (parts: readonly Part[]) => number,
): Figure {
  const value = statistic(parts);
  const count = parts.length;
  const pseudoValues = parts.map((_, left) =>
    count * value - (count - 1) * statistic(parts.filter((_, i) => i !== left))
  );
  return { value, halfWidth: summarize(pseudoValues).halfWidth };
}

/** `items` in at most `count` parts of nearly the same size, in their order. */
export function split<Item>(items: readonly Item[], count: number): Item[][] {
  const parts = Math.min(count, items.length);
  return Array.from(
    { length: parts },
    (_, i) => items.slice(Math.floor(i * items.length / parts), Math.floor((i + 1) * items.length / parts)),
  );
}

/** The smallest of the values that at least `share` of them do not exceed; NaN of nothing. */
export function quantileOf(values: Float64Array, share: number): number {
  return values.toSorted()[Math.max(0, Math.ceil(share * values.length) - 1)] ?? NaN;
}
