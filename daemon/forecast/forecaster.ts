/**
 * The door between the estimator and any model that predicts beyond it.
 *
 * @module
 */
import type { CorrectionSource } from "../../record/layout.ts";
import type { Estimate, SelectingEstimator } from "../estimate/estimator.ts";

/** What a model adds to an estimate carried forward. */
export interface Forecast {
  /** To be added to the estimate's offset, s. Held within ± 1 σ of the estimate and within the hard bound. */
  readonly offsetSeconds: number;
  /** What the models say of the observable part of the error, s, 1 sd. May widen what is published, never narrow it. */
  readonly sigmaSeconds: number;
  /** Which rung of the ladder this is. */
  readonly source: CorrectionSource;
}

/**
 * How the models are: `waiting` for enough history or for the first answer, `ready` when all that are enabled answer,
 * `failing` when one does not.
 */
export type ForecasterHealth = "waiting" | "ready" | "failing";

/** Predicts what is left after the estimate; pure in the time, which comes as an argument. */
export interface Forecaster {
  /** The estimator took a sample in or was disrupted. */
  follow(estimator: SelectingEstimator): void;
  /** It is `atSeconds` now: lets those models look at the estimator whose turn it is. Never waits for an answer. */
  attend(estimator: SelectingEstimator, atSeconds: number): void;
  /** The forecast for `estimate.atSeconds` from what was answered so far, or null when it has none to give. */
  forecast(estimate: Estimate): Forecast | null;
  /** How the models are. */
  readonly health: ForecasterHealth;
}
