/**
 * Watches how somebody else steers CLOCK_REALTIME: its rate against the bare oscillator, and its steps.
 *
 * @module
 */

/** The clocks read at one instant, ns. */
export interface ClockReadings {
  readonly realtimeNs: bigint;
  readonly rawNs: bigint;
  readonly boottimeNs: bigint;
  readonly monotonicNs: bigint;
}

/** A jump larger than this between two publications is a step, not a slew, s. */
const STEP_SECONDS = 1e-3;
/** Readings of two clocks agree this well, s: a larger deviation from the rate so far is a change of rate. */
const RATE_CHANGE_SECONDS = 2e-6;
/** The rate is measured over at least half and at most all of this window, s. */
const WINDOW_SECONDS = 16;
/** chronyd's fastest slew is 83 333 ppm; what is faster was a step. */
const MAX_RATE = 0.1;

interface Anchor {
  readonly rawNs: bigint;
  readonly realtimeNs: bigint;
}

/** Follows the clocks from one publication to the next; time comes in with the readings. */
export class SteeringWatch {
  #oldAnchor: Anchor | undefined;
  #newAnchor: Anchor | undefined;
  #previous: ClockReadings | undefined;
  #rate = 0;
  #steps = 0;
  #suspends = 0;

  /** d(REALTIME)/d(RAW) − 1 as it runs now. */
  get rate(): number {
    return this.#rate;
  }

  /** Steps of CLOCK_REALTIME seen. */
  get steps(): number {
    return this.#steps;
  }

  /** Suspends seen: the bare oscillator stood still meanwhile. */
  get suspends(): number {
    return this.#suspends;
  }

  /** Takes the readings of one publication. */
  observe(readings: ClockReadings): void {
    const previous = this.#previous;
    this.#previous = readings;
    if (previous === undefined) return this.#restart(readings);
    if (suspendedSeconds(previous, readings) > STEP_SECONDS) {
      this.#suspends++;
      return this.#restart(readings);
    }
    this.#followRate(previous, readings);
  }

  #followRate(previous: ClockReadings, readings: ClockReadings): void {
    const raw = secondsBetween(this.#oldAnchor!.rawNs, readings.rawNs);
    const deviation = secondsBetween(this.#oldAnchor!.realtimeNs, readings.realtimeNs) -
      raw * (1 + this.#rate);
    if (Math.abs(deviation) > RATE_CHANGE_SECONDS) return this.#followChange(previous, readings);
    if (raw > WINDOW_SECONDS / 2) this.#rate += deviation / raw;
    if (secondsBetween(this.#newAnchor!.rawNs, readings.rawNs) > WINDOW_SECONDS / 2) {
      this.#oldAnchor = this.#newAnchor;
      this.#newAnchor = readings;
    }
  }

  /** The clock ran otherwise than before since `previous`: a step, or a new rate to be measured from there. */
  #followChange(previous: ClockReadings, readings: ClockReadings): void {
    const raw = secondsBetween(previous.rawNs, readings.rawNs);
    const gained = secondsBetween(previous.realtimeNs, readings.realtimeNs) - raw;
    const isSlew = raw > 0 && Math.abs(gained) <= Math.max(STEP_SECONDS, MAX_RATE * raw);
    if (isSlew) {
      this.#rate = Math.max(-MAX_RATE, Math.min(MAX_RATE, gained / raw));
    } else {
      this.#steps++;
    }
    this.#restart(isSlew ? previous : readings);
  }

  #restart(anchor: Anchor): void {
    this.#oldAnchor = anchor;
    this.#newAnchor = anchor;
  }
}

/** How much longer BOOTTIME, which counts suspend, ran than MONOTONIC, which does not. */
function suspendedSeconds(previous: ClockReadings, readings: ClockReadings): number {
  return secondsBetween(previous.boottimeNs, readings.boottimeNs) -
    secondsBetween(previous.monotonicNs, readings.monotonicNs);
}

function secondsBetween(fromNs: bigint, toNs: bigint): number {
  return Number(toNs - fromNs) / 1e9;
}
