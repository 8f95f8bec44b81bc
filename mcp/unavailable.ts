/**
 * What pages say where tools would fail: that there is no time, and why.
 *
 * @module
 */
import { ChronoTickError } from "../mod.ts";

/** There is no time. */
export interface Unavailable {
  readonly is_valid: false;
  /** The error's code, in lower case: `no_daemon`. */
  readonly reason: string;
  readonly message: string;
}

/** What `ask` gives, or why it cannot be told. */
export function orUnavailable<Result>(ask: () => Result): Result | Unavailable {
  try {
    return ask();
  } catch (error) {
    if (!(error instanceof ChronoTickError)) throw error;
    return { is_valid: false, reason: error.code.toLowerCase(), message: error.message };
  }
}
