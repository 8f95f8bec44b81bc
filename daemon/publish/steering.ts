/**
 * Watches how somebody else steers CLOCK_REALTIME: its rate against the bare oscillator, its steps, and suspends.
 *
 * @module
 */

/** The clocks read at one instant, ns. */
export interface ClockReadings {
  readonly realtimeNs: bigint;
  readonly rawNs: bigint;
  readonly boottimeNs: bigint;
  readonly monotonicNs: bigint;
  /** How far apart the first and the last of them were read, ns. */
  readonly spreadNs: number;
}

/** What readings may deviate from a straight line, besides what they lie apart, before the line is given up, s. */
const STRAIGHT_SECONDS = 1e-6;
/** A jump larger than this, beyond what the fastest slew explains, is a step, s. */
const STEP_SECONDS = 1e-3;
/** Without a look at the clocks for so long, nobody can tell a step from a machine that was elsewhere, s. */
const PAUSE_SECONDS = 2.5;
/** chronyd's fastest slew is 83 333 ppm; what is faster was a step. */
const MAX_RATE = 0.1;
/** What the kernel's rate may be off before anything was measured. */
const INITIAL_RATE_DOUBT = 1e-6;
/** Old readings are kept this far apart … */
const SPACING_SECONDS = 0.25;
/** … and so many of them: 16 s. */
const MAX_HISTORY = 64;

/** Follows the clocks from one publication to the next; time comes in with the readings. */
export class SteeringWatch {
  /** Spaced readings since the last break, oldest first: where the clock's present line may have begun. */
  #history: ClockReadings[] = [];
  #previous: ClockReadings | undefined;
  #rate = 0;
  #rateDoubt = INITIAL_RATE_DOUBT;
  #steps = 0;
  #suspends = 0;
  #pauses = 0;

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

  /**
   * Pauses of the watch itself seen that left CLOCK_REALTIME and the bare oscillator in disagreement. A pause alone is
   * no evidence: whoever was only stopped finds that the clocks went on, and a machine that was restored finds no pause.
   */
  get pauses(): number {
    return this.#pauses;
  }

  /** Takes the readings of one publication. */
  observe(readings: ClockReadings): void {
    const previous = this.#previous;
    this.#previous = readings;
    if (previous === undefined) {
      this.#history = [readings];
    } else if (suspendedSeconds(previous, readings) > STEP_SECONDS + doubtSeconds(previous, readings)) {
      this.#suspends++;
      this.#history = [readings];
    } else if (hasStepped(previous, readings)) {
      this.#steps++;
      if (rawSeconds(previous, readings) > PAUSE_SECONDS) this.#pauses++;
      this.#history = [readings];
    } else if (readings.rawNs > previous.rawNs) {
      this.#followRate(previous, readings);
    }
  }

  #followRate(previous: ClockReadings, readings: ClockReadings): void {
    const oldest = this.#history[0]!;
    const newest = this.#history.at(-1)!;
    // The line is drawn to each reading anew: a slow bend shows only against a reading that stays.
    if (this.#isOffTheLine(oldest, readings) || this.#isOffTheLine(newest, readings)) {
      this.#findLine(previous, readings);
    } else if (doubtSeconds(oldest, readings) < this.#rateDoubt * rawSeconds(oldest, readings)) {
      this.#setRate(oldest, readings);
    }
    if (rawSeconds(this.#history.at(-1)!, readings) >= SPACING_SECONDS) this.#history.push(readings);
    if (this.#history.length > MAX_HISTORY) this.#history.shift();
  }

  #isOffTheLine(from: ClockReadings, to: ClockReadings): boolean {
    const deviation = gainedSeconds(from, to) - this.#rate * rawSeconds(from, to);
    return Math.abs(deviation) > STRAIGHT_SECONDS + doubtSeconds(from, to);
  }

  /**
   * The rate changed some time ago: finds the longest straight run of readings that ends now. Going back, each reading
   * permits an interval of rates; the run ends where no rate suits all of them.
   */
  #findLine(previous: ClockReadings, readings: ClockReadings): void {
    const candidates = [...this.#history.filter(({ rawNs }) => rawNs < previous.rawNs), previous];
    let low = -MAX_RATE;
    let high = MAX_RATE;
    let first = candidates.length;
    while (first > 0) {
      const candidate = candidates[first - 1]!;
      const raw = rawSeconds(candidate, readings);
      const slope = gainedSeconds(candidate, readings) / raw;
      const margin = (STRAIGHT_SECONDS + doubtSeconds(candidate, readings)) / raw;
      low = Math.max(low, slope - margin);
      high = Math.min(high, slope + margin);
      if (low > high) break;
      first--;
    }
    this.#history = candidates.slice(Math.min(first, candidates.length - 1));
    this.#setRate(this.#history[0]!, readings);
  }

  #setRate(from: ClockReadings, to: ClockReadings): void {
    const raw = rawSeconds(from, to);
    this.#rate = Math.max(-MAX_RATE, Math.min(MAX_RATE, gainedSeconds(from, to) / raw));
    this.#rateDoubt = doubtSeconds(from, to) / raw;
  }
}

function hasStepped(previous: ClockReadings, readings: ClockReadings): boolean {
  const explained = Math.max(STEP_SECONDS, MAX_RATE * rawSeconds(previous, readings));
  return Math.abs(gainedSeconds(previous, readings)) > explained + doubtSeconds(previous, readings);
}

/** How much longer BOOTTIME, which counts suspend, ran than MONOTONIC, which does not. */
function suspendedSeconds(from: ClockReadings, to: ClockReadings): number {
  return Number((to.boottimeNs - from.boottimeNs) - (to.monotonicNs - from.monotonicNs)) / 1e9;
}

/** How much further REALTIME went than the bare oscillator. */
function gainedSeconds(from: ClockReadings, to: ClockReadings): number {
  return Number((to.realtimeNs - from.realtimeNs) - (to.rawNs - from.rawNs)) / 1e9;
}

function rawSeconds(from: ClockReadings, to: ClockReadings): number {
  return Number(to.rawNs - from.rawNs) / 1e9;
}

/** What two sets of readings may differ by because none was taken in one instant. */
function doubtSeconds(from: ClockReadings, to: ClockReadings): number {
  return (from.spreadNs + to.spreadNs) / 1e9;
}
