/**
 * What one model said, made ready to be asked for any instant.
 *
 * @module
 */
import { carryEstimate, type Estimate } from "../estimate/estimator.ts";

/** What a model foresees of the residual of an estimate. */
export interface Outlook {
  /** The estimate that the model looked at. */
  readonly estimate: Estimate;
  /** From the estimate on, s, ascending. */
  readonly horizonsSeconds: readonly number[];
  /** At each horizon: what the truth is expected to have on top of the estimate, s. */
  readonly residualsSeconds: readonly number[];
  /** At each horizon: 1 sd of that, s. */
  readonly sigmasSeconds: readonly number[];
}

/** What a model says of one instant. */
export interface Expectation {
  /** utc − raw, relative to the base, s. */
  readonly offsetSeconds: number;
  /** 1 sd, s. */
  readonly sigmaSeconds: number;
}

/** What `outlook` says of `atSeconds`: linear between its horizons, the nearest one's residual outside. */
export function expectationAt(outlook: Outlook, atSeconds: number): Expectation {
  const { estimate, horizonsSeconds, residualsSeconds, sigmasSeconds } = outlook;
  const ahead = atSeconds - estimate.atSeconds;
  return {
    offsetSeconds: carryEstimate(estimate, atSeconds).offsetSeconds +
      interpolate(horizonsSeconds, residualsSeconds, ahead),
    sigmaSeconds: interpolate(horizonsSeconds, sigmasSeconds, ahead),
  };
}

/** Whether all of its figures can be used. */
export function isSound({ residualsSeconds, sigmasSeconds }: Outlook): boolean {
  return residualsSeconds.every(Number.isFinite) &&
    sigmasSeconds.every((sigma) => sigma > 0 && sigma < Infinity);
}

function interpolate(xs: readonly number[], ys: readonly number[], x: number): number {
  const above = xs.findIndex((candidate) => candidate > x);
  if (above < 0) return ys.at(-1)!;
  if (above === 0) return ys[0]!;
  const share = (x - xs[above - 1]!) / (xs[above]! - xs[above - 1]!);
  return ys[above - 1]! + share * (ys[above]! - ys[above - 1]!);
}
