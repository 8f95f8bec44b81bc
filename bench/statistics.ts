/**
 * Statistics that a busy machine disturbs little.
 *
 * @module
 */

/** The middle value; the mean of the two middle ones when there are two. NaN of nothing. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** ns that one of `calls` calls takes: the quickest of `batches` runs of `run(calls)`, the one least disturbed. */
export function quickestNs(run: (calls: number) => void, calls: number, batches: number): number {
  let quickestMs = Infinity;
  for (let batch = 0; batch < batches; batch++) {
    const beganMs = performance.now();
    run(calls);
    quickestMs = Math.min(quickestMs, performance.now() - beganMs);
  }
  return (quickestMs * 1e6) / calls;
}
