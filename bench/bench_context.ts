/**
 * What every measurement is given.
 *
 * @module
 */
import type { CReferences } from "./c_references.ts";
import type { Progress } from "./progress.ts";

/** How to measure, and what to measure with. */
export interface BenchContext {
  /** More rounds and reads, for figures to publish. */
  readonly isLong: boolean;
  readonly progress: Progress;
  readonly references: CReferences;
}
