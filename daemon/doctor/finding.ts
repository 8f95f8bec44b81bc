/**
 * What the doctor finds.
 *
 * @module
 */

/** `warning`: the daemon runs, but not as well as it could; `failed`: it cannot do its work. */
export type Verdict = "ok" | "warning" | "failed";

/** The result of one check. */
export interface Finding {
  /** What was looked at, in a word or two. */
  readonly check: string;
  readonly verdict: Verdict;
  /** What was found. */
  readonly found: string;
  /** What to do; null when all is well. */
  readonly remedy: string | null;
}

/** All is well. */
export function ok(check: string, found: string): Finding {
  return { check, verdict: "ok", found, remedy: null };
}

/** It could be better. */
export function warning(check: string, found: string, remedy: string): Finding {
  return { check, verdict: "warning", found, remedy };
}

/** It does not work. */
export function failed(check: string, found: string, remedy: string): Finding {
  return { check, verdict: "failed", found, remedy };
}
