/**
 * What a cluster keeps of a counter, and how it goes on.
 *
 * @module
 */

/** The counter's value in the cluster. */
export interface EtcdState {
  /** Drawn when the counter was created: another one under the same name is another counter. */
  readonly id: string;
  /** The highest tick that was reserved, 0n before the first. */
  readonly last: bigint;
  /** Unix time in ns of the latest stamp, 0n before the first. */
  readonly utcNs: bigint;
}

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

/** Demands met from a state. */
export interface Granting {
  readonly after: EtcdState;
  /** In the order of the demands, as are the ticks. */
  readonly grants: readonly Grant[];
  /** The first tick that is reserved and not granted, up to `after.last`. */
  readonly firstSpare: bigint;
}

/** The highest tick that there is. */
export const MAX_TICK: bigint = 2n ** 64n - 1n;
const ID = /^[0-9a-f-]{1,64}$/;
const U64 = /^(0|[1-9]\d{0,19})$/;

/** Meets `demands` in their order, and reserves at least `block` ticks; null when the ticks do not suffice. */
export function grantAll(before: EtcdState, demands: readonly Demand[], block: bigint): Granting | null {
  let { last, utcNs: latestNs } = before;
  const grants = demands.map(({ count, utcNs }): Grant => {
    const firstTick = last + 1n;
    last += count;
    if (utcNs === null) return { firstTick, utcNs };
    if (utcNs > latestNs) latestNs = utcNs;
    return { firstTick, utcNs: latestNs };
  });
  if (last > MAX_TICK) return null;
  const firstSpare = last + 1n;
  const reserved = before.last + block;
  if (reserved > last && reserved <= MAX_TICK) last = reserved;
  return { after: { id: before.id, last, utcNs: latestNs }, grants, firstSpare };
}

/** The state as text: `{"id":"…","last":"42","utc_ns":"1760909304472823544"}`. */
export function formatState({ id, last, utcNs }: EtcdState): string {
  return JSON.stringify({ id, last: String(last), utc_ns: String(utcNs) });
}

/** The inverse of {@linkcode formatState}; null when `text` is nothing of the kind. */
export function parseState(text: string): EtcdState | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  const { id, last, utc_ns } = (value ?? {}) as Record<string, unknown>;
  if (![id, last, utc_ns].every((field) => typeof field === "string")) return null;
  if (!ID.test(id as string) || !isU64(last as string) || !isU64(utc_ns as string)) return null;
  return { id: id as string, last: BigInt(last as string), utcNs: BigInt(utc_ns as string) };
}

function isU64(text: string): boolean {
  return U64.test(text) && BigInt(text) <= MAX_TICK;
}
