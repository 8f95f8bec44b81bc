/**
 * The fallback ladder, as those who look at a daemon see it.
 *
 * @module
 */
import { CorrectionSource, Flag } from "../../record/layout.ts";

/** Where the time comes from, best first. */
export const RUNGS = [
  "fusion",
  "long_term_model",
  "short_term_model",
  "measurement",
  "holdover",
  "system_clock",
  "no_data",
] as const;

/** One of {@linkcode RUNGS}. */
export type Rung = typeof RUNGS[number];

const RUNG_OF_SOURCE: Readonly<Record<number, Rung>> = {
  [CorrectionSource.FUSION]: "fusion",
  [CorrectionSource.GPU_MODEL]: "long_term_model",
  [CorrectionSource.CPU_MODEL]: "short_term_model",
  [CorrectionSource.NTP]: "measurement",
};

/** The rung that a record with these `flags` and this `source` stands on. */
export function rungOf(flags: number, source: number): Rung {
  if ((flags & Flag.HOLDOVER) !== 0) return "holdover";
  if ((flags & Flag.SYSTEM_CLOCK) !== 0) {
    return (flags & Flag.UNSYNCHRONIZED) !== 0 ? "no_data" : "system_clock";
  }
  return RUNG_OF_SOURCE[source] ?? "no_data";
}
