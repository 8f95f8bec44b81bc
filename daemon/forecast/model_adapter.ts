/**
 * Between the estimator's world of samples and a model's world of numbers.
 *
 * @module
 */
import type { Estimate, PathBelief } from "../estimate/estimator.ts";
import type { Sample } from "../estimate/sample.ts";
import type { Outlook } from "./outlook.ts";

/** What a model may look at. */
export interface View {
  /** Recent samples of all servers, oldest first. */
  readonly samples: readonly Sample[];
  /** Carried to now. */
  readonly estimate: Estimate;
  /** What is believed of a server; null for one that has no say. */
  beliefOf(source: string): PathBelief | null;
}

/** One question to a model. */
export interface Question {
  /** By the names of the model's inputs. */
  readonly inputs: Readonly<Record<string, Float32Array>>;
  /** What the model's answer means. */
  interpret(output: Float32Array): Outlook;
}

/** Puts questions to a model of one kind. */
export interface ModelAdapter {
  /** The question to ask now; null with too little history. */
  ask(view: View): Question | null;
}
