/**
 * One model at work: when it is asked, what it said last, and whether it can be relied on.
 *
 * @module
 */
import type { Infer } from "./infer.ts";
import type { ModelAdapter, View } from "./model_adapter.ts";
import type { ModelRole } from "./model_signature.ts";
import { type Expectation, expectationAt, isSound, type Outlook } from "./outlook.ts";

/** An answer that takes longer is of no use, s. */
const DEADLINE_SECONDS = 1;
/** Deadlines missed in a row until a model is given up. */
const MAX_MISSES = 3;

/** A model and its times. */
export interface ModelSettings {
  readonly role: ModelRole;
  readonly adapter: ModelAdapter;
  /** Between two questions, s. */
  readonly intervalSeconds: number;
  /** How far its answers reach, s. */
  readonly horizonSeconds: number;
}

/** Told once when a model's state changes. */
export type ModelReport = (role: ModelRole, trouble: string | null) => void;

/** A question under way. */
interface Pending {
  readonly askedAtSeconds: number;
  /** When the next deadline passes, s. */
  dueSeconds: number;
  isLate: boolean;
}

/** Asks its model in turn and keeps its last answer. */
export class ModelSlot {
  readonly role: ModelRole;
  readonly #settings: ModelSettings;
  readonly #infer: Infer;
  readonly #report: ModelReport;
  #outlook: Outlook | null = null;
  #pending: Pending | null = null;
  #askedAtSeconds = -Infinity;
  #misses = 0;
  #trouble: string | null = null;
  #isGivenUp = false;

  constructor(settings: ModelSettings, infer: Infer, report: ModelReport) {
    this.role = settings.role;
    this.#settings = settings;
    this.#infer = infer;
    this.#report = report;
  }

  /** What keeps it from answering; null when nothing does. */
  get trouble(): string | null {
    return this.#trouble;
  }

  /** Whether its last answer failed to come or could not be used. */
  get isFailing(): boolean {
    return this.#trouble !== null;
  }

  /** When the estimator was as its last answer saw it, raw s since the base; null without one that still holds. */
  get answeredForSeconds(): number | null {
    return this.#outlook?.estimate.atSeconds ?? null;
  }

  /** Whether anything was answered that still holds. */
  get hasAnswer(): boolean {
    return this.#outlook !== null;
  }

  /** What was said about the past no longer holds, nor will the answer under way. */
  forget(): void {
    this.#outlook = null;
    if (this.#pending !== null) this.#pending.isLate = true;
    this.#askedAtSeconds = -Infinity;
  }

  /** Asks when it is time to; `view` is made only then. */
  attend(atSeconds: number, view: () => View): void {
    this.#watchDeadline(atSeconds);
    const isDue = atSeconds - this.#askedAtSeconds >= this.#settings.intervalSeconds ||
      atSeconds < this.#askedAtSeconds;
    if (this.#isGivenUp || this.#pending !== null || !isDue) return;
    const question = this.#settings.adapter.ask(view());
    if (question === null) return;
    this.#askedAtSeconds = atSeconds;
    const pending = { askedAtSeconds: atSeconds, dueSeconds: atSeconds + DEADLINE_SECONDS, isLate: false };
    this.#pending = pending;
    this.#infer.ask(this.role, question.inputs, (answer) => {
      if (this.#pending === pending) this.#pending = null;
      if (this.#isGivenUp) return;
      if ("fault" in answer) this.#fail(answer.fault);
      else if (!pending.isLate) this.#accept(question.interpret(answer.output));
    });
  }

  /** What it expects at an instant; null when its last answer is too old. */
  expectationAt(atSeconds: number): Expectation | null {
    const outlook = this.#outlook;
    if (outlook === null) return null;
    const { intervalSeconds, horizonSeconds } = this.#settings;
    const age = atSeconds - outlook.estimate.atSeconds;
    return age >= 0 && age <= intervalSeconds + horizonSeconds ? expectationAt(outlook, atSeconds) : null;
  }

  #accept(outlook: Outlook): void {
    if (!isSound(outlook)) return this.#fail("it answers with what is no number");
    this.#outlook = outlook;
    this.#misses = 0;
    if (this.#trouble === null) return;
    this.#trouble = null;
    this.#report(this.role, null);
  }

  /** A model that answers nonsense has no say until it answers sense. */
  #fail(trouble: string): void {
    this.#outlook = null;
    const isNews = this.#trouble === null;
    this.#trouble = trouble;
    if (isNews) this.#report(this.role, trouble);
  }

  #watchDeadline(atSeconds: number): void {
    const pending = this.#pending;
    if (pending === null || atSeconds < pending.dueSeconds) return;
    pending.isLate = true;
    pending.dueSeconds = atSeconds + DEADLINE_SECONDS;
    this.#misses++;
    this.#fail(`it takes longer than ${DEADLINE_SECONDS} s to answer`);
    if (this.#misses < MAX_MISSES) return;
    this.#isGivenUp = true;
    this.#pending = null;
    this.#infer.giveUp(this.role);
  }
}
