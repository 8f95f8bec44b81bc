/**
 * What a time source hands on: one completed exchange.
 *
 * @module
 */

/** One completed exchange with a time source, on the client's CLOCK_MONOTONIC_RAW (t1, t4) and the source's UTC (t2, t3). */
export interface Exchange {
  /** Stable identity: `host|address:port` or `phc:/dev/ptp0`. */
  readonly source: string;
  /** When the question left; never later than it really did. */
  readonly t1RawNs: bigint;
  /** When the source received the question, by its own clock. */
  readonly t2UtcNs: bigint;
  /** When the source sent its answer, by its own clock; never before `t2UtcNs`. */
  readonly t3UtcNs: bigint;
  /** When the answer arrived; never earlier than it really did. */
  readonly t4RawNs: bigint;
  /** Hops to a reference clock, 1…15; 0 for a PTP hardware clock. */
  readonly stratum: number;
  /** The leap second announced for the end of the month: 0 none, 1 inserted (61 s), 2 deleted (59 s). */
  readonly leap: 0 | 1 | 2;
  /** Round trip from the source to its reference clock, s, ≥ 0. */
  readonly rootDelaySeconds: number;
  /** What the source's clock may be off besides, s, ≥ 0. */
  readonly rootDispersionSeconds: number;
  /** Resolution of the source's clock, 2^precision s. */
  readonly precisionSeconds: number;
}
