/**
 * How models are asked, whoever runs them.
 *
 * @module
 */
import type { ModelRole } from "./model_signature.ts";

/** What came of a question. */
export type Answer = { readonly output: Float32Array } | { readonly fault: string };

/** Runs the models. */
export interface Infer {
  /** Runs a model on inputs by name; `answered` is called once, at once or later, but never after `giveUp`. */
  ask(
    role: ModelRole,
    inputs: Readonly<Record<string, Float32Array>>,
    answered: (answer: Answer) => void,
  ): void;
  /** This model hangs: it will not be asked again, and must not keep others from answering. */
  giveUp(role: ModelRole): void;
}
