/**
 * What cannot be done as asked.
 *
 * @module
 */

/** The message is one sentence that says what could not be done, why, and what to do. */
export class Refusal extends Error {
  override readonly name = "Refusal";
}
