/**
 * What a machine has that asks once and never again.
 *
 * @module
 */
import { type Sample, toSample } from "../../daemon/estimate/sample.ts";
import { rawSecondsSince, type TimeBase } from "../../daemon/estimate/time_base.ts";
import type { Exchange } from "../../daemon/sources/measurement.ts";
import { FREQUENCY_TOLERANCE } from "../../record/interval.ts";
import { Flag } from "../../record/layout.ts";
import type { Timekeeper, TimekeeperPrediction } from "../../sim/world/virtual_daemon.ts";

/** What is believed of a frequency that nobody measures, s/s, 1 sd. */
const FREQUENCY_SD = 15e-6;

/** Set by the first answer, then left to its oscillator. */
export class BareClock implements Timekeeper {
  readonly #base: TimeBase;
  #first: Sample | null = null;

  /** Not set yet. */
  constructor(base: TimeBase) {
    this.#base = base;
  }

  /** The first exchange sets it; others change nothing. */
  add(exchange: Exchange): void {
    this.#first ??= toSample(exchange, this.#base);
  }

  /** Nothing is asked again, whatever happens. */
  disrupt(): void {}

  /** The offset of the first answer. */
  predict(rawNs: bigint): TimekeeperPrediction {
    const atSeconds = rawSecondsSince(this.#base, rawNs);
    const age = atSeconds - (this.#first?.atSeconds ?? atSeconds);
    const halfTrip = this.#first === null ? Infinity : this.#first.delaySeconds / 2;
    return {
      scale: "raw",
      atSeconds,
      offsetSeconds: this.#first?.offsetSeconds ?? 0,
      frequency: 0,
      offsetUncertaintySeconds: Math.hypot(halfTrip, FREQUENCY_SD * age),
      driftUncertainty: FREQUENCY_SD,
      maxErrorSeconds: halfTrip + (this.#first?.rootDistanceSeconds ?? 0) + FREQUENCY_TOLERANCE * age,
      flags: this.#first === null ? 0 : Flag.VALID,
    };
  }
}
