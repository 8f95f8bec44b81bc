/**
 * The forecaster of the daemon: a short-term and a long-term model, fused.
 *
 * @module
 */
import { CorrectionSource } from "../../record/layout.ts";
import { type Estimate, type SelectingEstimator } from "../estimate/estimator.ts";
import type { Forecast, Forecaster, ForecasterHealth } from "./forecaster.ts";
import { fuse, fusionWeights } from "./fusion.ts";
import type { Infer } from "./infer.ts";
import type { ModelRole } from "./model_signature.ts";
import { type ModelReport, type ModelSettings, ModelSlot } from "./model_slot.ts";
import { SampleHistory } from "./sample_history.ts";

const RUNG: Record<ModelRole, CorrectionSource> = {
  short_term: CorrectionSource.CPU_MODEL,
  long_term: CorrectionSource.GPU_MODEL,
};

/** How one of the enabled models does. */
export interface ModelStanding {
  readonly role: ModelRole;
  /** `waiting` for enough history or a first answer, `speaking` while its word holds, `silent` when it failed. */
  readonly state: "waiting" | "speaking" | "silent";
  /** What keeps it from answering; null when nothing does. */
  readonly trouble: string | null;
  /** Its part in what the models say together, 0 … 1. */
  readonly weight: number;
  /** How old what it said last is, s; null when it has said nothing that holds. */
  readonly answerAgeSeconds: number | null;
}

/** Lets the models look at the estimator in turn, and fuses what they said last. */
export class ModelForecaster implements Forecaster {
  readonly #history = new SampleHistory();
  readonly #slots: ModelSlot[] = [];
  readonly #expected: number;
  readonly #infer: Infer;
  readonly #report: ModelReport;
  readonly #lacking: ModelStanding[] = [];

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
    this.#lacking.push({ role, state: "silent", trouble, weight: 0, answerAgeSeconds: null });
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
    const speaking = this.#speaking(estimate.atSeconds);
    const fused = fuse(speaking.map(({ expectation }) => expectation));
    if (fused === null) return null;
    return {
      offsetSeconds: fused.offsetSeconds - estimate.offsetSeconds,
      sigmaSeconds: fused.sigmaSeconds,
      source: speaking.length > 1 ? CorrectionSource.FUSION : RUNG[speaking[0]!.role],
    };
  }

  /** How each model does at `atSeconds`; one that is still being read from its file is not among them. */
  standings(atSeconds: number): ModelStanding[] {
    const speaking = this.#speaking(atSeconds);
    const weights = fusionWeights(speaking.map(({ expectation }) => expectation));
    const present = this.#slots.map(({ role, trouble, answeredForSeconds }): ModelStanding => {
      const place = speaking.findIndex((speaker) => speaker.role === role);
      const state = place >= 0
        ? "speaking"
        : trouble === null && answeredForSeconds === null
        ? "waiting"
        : "silent";
      const answerAgeSeconds = answeredForSeconds === null ? null : atSeconds - answeredForSeconds;
      return { role, state, trouble, weight: weights[place] ?? 0, answerAgeSeconds };
    });
    return [...present, ...this.#lacking];
  }

  #speaking(atSeconds: number) {
    return this.#slots.flatMap((slot) => {
      const expectation = slot.expectationAt(atSeconds);
      return expectation === null ? [] : [{ role: slot.role, expectation }];
    });
  }

  get health(): ForecasterHealth {
    if (this.#lacking.length > 0 || this.#slots.some((slot) => slot.isFailing)) return "failing";
    return this.#slots.filter((slot) => slot.hasAnswer).length === this.#expected ? "ready" : "waiting";
  }
}
