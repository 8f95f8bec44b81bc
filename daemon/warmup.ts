/**
 * The warm-up rule: it begins with the first measurement and lasts for the configured time. The time is served from
 * the first measurement on; the warm-up only says how settled it is.
 *
 * @module
 */

/** How far the warm-up has come. Pure: the time is an argument, s since any fixed instant. */
export class Warmup {
  readonly #durationSeconds: number;
  #beganAtSeconds: number | undefined;

  /** `durationSeconds` may be 0: then the first measurement completes it. */
  constructor(durationSeconds: number) {
    this.#durationSeconds = durationSeconds;
  }

  /** Something was measured. */
  begin(atSeconds: number): void {
    this.#beganAtSeconds ??= atSeconds;
  }

  /** 0 before the first measurement, then the part of the duration that has passed, up to 100. */
  percentAt(atSeconds: number): number {
    if (this.#beganAtSeconds === undefined) return 0;
    const passed = atSeconds - this.#beganAtSeconds;
    return passed >= this.#durationSeconds ? 100 : Math.max(0, (100 * passed) / this.#durationSeconds);
  }
}
