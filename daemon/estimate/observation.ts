/**
 * What the filter is told and what it says to that.
 *
 * @module
 */

/** What one sample says, and of whom. */
export interface Observation {
  /** Index of the path. */
  readonly slot: number;
  /** utc − raw, s. */
  readonly offsetSeconds: number;
  /** Round trip above its floor, s, ≥ 0. */
  readonly excessSeconds: number;
}

/** How far an observation lies from where it was expected. */
export interface Innovation {
  readonly residualSeconds: number;
  /** The same without what the path's slope makes of the queueing: physics only allows ± half the excess for it. */
  readonly unslopedSeconds: number;
  /** Of the expectation alone, s²; the observation's own noise comes on top. */
  readonly variance: number;
}

/** What is known of a path's bias without measuring it. */
export interface BiasPrior {
  /** s². */
  readonly variance: number;
  /** How long a bias lasts, s. */
  readonly lifetimeSeconds: number;
}
