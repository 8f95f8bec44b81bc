/**
 * How often intervals held, counted.
 *
 * @module
 */
import type { Residual } from "./calibration.ts";

/** The intervals that are counted: what they promise, and how many sigmas wide they are to each side. */
const COVERAGE_LEVELS = [
  { promised: 0.5, sigmas: 0.674490 },
  { promised: 0.95, sigmas: 1.959964 },
  { promised: 0.999, sigmas: 3.290527 },
] as const;

/** How one interval has done. */
export interface Coverage {
  /** Share of the measurements that it promises to hold at. */
  readonly promised: number;
  /** Measurements at which it held. */
  readonly held: number;
  /** Measurements at which it was tested. */
  readonly tested: number;
}

/**
 * Counts, over the life of a daemon, at how many measurements the intervals published before held. What is tested is
 * offset + path bias against the scaled identifiable sigma and the measurement's own noise: what no one can measure, the
 * asymmetry, is neither tested nor counted.
 */
export class CoverageCounter {
  readonly #held: number[] = COVERAGE_LEVELS.map(() => 0);
  #tested = 0;

  /** One entry a level, in the order of {@linkcode COVERAGE_LEVELS}. */
  get counts(): Coverage[] {
    return COVERAGE_LEVELS.map(({ promised }, i) => ({
      promised,
      held: this.#held[i]!,
      tested: this.#tested,
    }));
  }

  /** Takes a measurement; `scale` is the λ that the prediction was published with. */
  observe({ residualSeconds, claimedVariance, noiseVariance }: Residual, scale: number): void {
    const sigma = Math.sqrt(scale ** 2 * claimedVariance + noiseVariance);
    if (!Number.isFinite(residualSeconds) || !(sigma > 0)) return;
    this.#tested++;
    COVERAGE_LEVELS.forEach(({ sigmas }, i) => {
      if (Math.abs(residualSeconds) <= sigmas * sigma) this.#held[i]!++;
    });
  }
}
