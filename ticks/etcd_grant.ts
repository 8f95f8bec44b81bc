/**
 * Who gets which of the ticks that were reserved.
 *
 * @module
 */

/** What one caller wants. */
export interface Demand {
  /** How many consecutive ticks. */
  readonly count: bigint;
  /** The time to stamp them with; null: none. */
  readonly utcNs: bigint | null;
}

/** What the caller gets. */
export interface Grant {
  readonly firstTick: bigint;
  /** The given time, or the latest stamp's where that is later; null where none was asked for. */
  readonly utcNs: bigint | null;
}

/**
 * Meets `demands` in their order.
 *
 * @param firstTick the first of the ticks that were reserved for them
 * @param latestNs the latest stamp before
 */
export function grantAll(firstTick: bigint, latestNs: bigint, demands: readonly Demand[]): Grant[] {
  let nextTick = firstTick;
  return demands.map(({ count, utcNs }): Grant => {
    const grant = { firstTick: nextTick, utcNs: utcNs === null ? null : latestNs = later(latestNs, utcNs) };
    nextTick += count;
    return grant;
  });
}

/** The time that is to be kept as the latest stamp, as far as the demands know; null when they ask for none. */
export function latestStamp(demands: readonly Demand[]): bigint | null {
  return demands.reduce<bigint | null>(
    (latest, { utcNs }) => utcNs === null ? latest : later(latest ?? 0n, utcNs),
    null,
  );
}

function later(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}
