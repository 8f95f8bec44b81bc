/**
 * The forecaster of the daemon: a short-term and a long-term model, fused.
 *
 * @module
 */
import { CorrectionSource } from "../../record/layout.ts";
import { type Estimate, type SelectingEstimator } from "../estimate/estimator.ts";
import type { Forecast, Forecaster, ForecasterHealth } from "./forecaster.ts";
import { fuse } from "./fusion.ts";
import type { Infer } from "./infer.ts";
import type { ModelRole } from "./model_signature.ts";
import { type ModelReport, type ModelSettings, ModelSlot } from "./model_slot.ts";
import { SampleHistory } from "./sample_history.ts";

const RUNG: Record<ModelRole, CorrectionSource> = {
  short_term: CorrectionSource.CPU_MODEL,
  long_term: CorrectionSource.GPU_MODEL,
};

/** Lets the models look at the estimator in turn, and fuses what they said last. */
export class ModelForecaster implements Forecaster {
  readonly #history = new SampleHistory();
  readonly #slots: ModelSlot[] = [];
  readonly #expected: number;
  readonly #infer: Infer;
  readonly #report: ModelReport;
  #lacking = 0;

  /** `expected` models are enabled; `report` hears of a model's trouble once, and of its end. */
  constructor(expected: number, infer: Infer, report: ModelReport) {
    this.#expected = expected;
    this.#infer = infer;
    this.#report = report;
  }

  /** One of the expected models is there. */
  equip(settings: ModelSettings): void {
    this.#slots.push(new ModelSlot(settings, this.#infer, this.#report));
  }

  /** One of the expected models will never be there. */
  lack(role: ModelRole, trouble: string): void {
    this.#lacking++;
    this.#report(role, trouble);
  }

  follow(estimator: SelectingEstimator): void {
    if (this.#history.follow(estimator.window)) return;
    for (const slot of this.#slots) slot.forget();
  }

  attend(estimator: SelectingEstimator, atSeconds: number): void {
    const estimate = estimator.estimateAt(atSeconds);
    if (estimate === null) return;
    const view = () => ({
      samples: this.#history.samples,
      estimate,
      beliefOf: (source: string) => estimator.pathBelief(source),
    });
    for (const slot of this.#slots) slot.attend(atSeconds, view);
  }

  forecast(estimate: Estimate): Forecast | null {
    const speaking = this.#slots.flatMap((slot) => {
      const expectation = slot.expectationAt(estimate.atSeconds);
      return expectation === null ? [] : [{ role: slot.role, expectation }];
    });
    const fused = fuse(speaking.map(({ expectation }) => expectation));
    if (fused === null) return null;
    return {
      offsetSeconds: fused.offsetSeconds - estimate.offsetSeconds,
      sigmaSeconds: fused.sigmaSeconds,
      source: speaking.length > 1 ? CorrectionSource.FUSION : RUNG[speaking[0]!.role],
    };
  }

  get health(): ForecasterHealth {
    if (this.#lacking > 0 || this.#slots.some((slot) => slot.isFailing)) return "failing";
    return this.#slots.filter((slot) => slot.hasAnswer).length === this.#expected ? "ready" : "waiting";
  }
}
