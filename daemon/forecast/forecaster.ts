/**
 * The door between the estimator and any model that predicts beyond it.
 *
 * @module
 */
import type { CorrectionSource } from "../../record/layout.ts";
import type { Estimate } from "../estimate/estimator.ts";

/** What a model adds to an estimate carried forward. */
export interface Forecast {
  /** To be added to the estimate's offset, s. Held within ± 1 σ of the estimate and within the hard bound. */
  readonly offsetSeconds: number;
  /** Which rung of the ladder this is. */
  readonly source: CorrectionSource;
}

/** Predicts what is left after the estimate; pure in the time, which comes with the estimate. */
export interface Forecaster {
  /** The forecast for `estimate.atSeconds`, or null when it has none to give (too little history, too slow). */
  forecast(estimate: Estimate): Forecast | null;
}
