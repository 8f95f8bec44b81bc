/**
 * A row of values as a row of block characters.
 *
 * @module
 */

const BLOCKS = "▁▂▃▄▅▆▇█";

/** One block per value, scaled from the lowest to the highest; a constant row lies in the middle. */
export function sparkline(values: readonly number[]): string {
  const low = Math.min(...values);
  const span = Math.max(...values) - low;
  return values.map((value) => {
    const level = span > 0 ? (value - low) / span : 0.5;
    return BLOCKS[Math.min(BLOCKS.length - 1, Math.floor(level * BLOCKS.length))];
  }).join("");
}
