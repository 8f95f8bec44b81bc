/**
 * What the operating system refuses, as a refusal of ours.
 *
 * @module
 */
import { TickError } from "./errors.ts";

/** Names of error numbers, which both the runtime and `LibcError` give as `code`: `ENOSPC`. */
const ERROR_NUMBER = /^E[A-Z0-9]+$/;

/**
 * The result of `action`.
 *
 * @throws {TickError} `UNAVAILABLE`: the operating system refused; `explain` makes a message of its reason, a sentence
 */
export function orUnavailable<Result>(action: () => Result, explain: (reason: string) => string): Result {
  try {
    return action();
  } catch (error) {
    if (error instanceof TickError || !(error instanceof Error) || !("code" in error)) throw error;
    if (!ERROR_NUMBER.test(String(error.code))) throw error;
    throw new TickError("UNAVAILABLE", explain(error.message.replace(/\.?$/, ".")), { cause: error });
  }
}
