/**
 * The simulated truth: UTC as an exact function of CLOCK_MONOTONIC_RAW.
 *
 * @module
 */

const NANOSECONDS_PER_SECOND = 1e9;
/** Frequencies are held in units of 10⁻¹⁵ s/s, so that the clock is integer arithmetic, the same in every language. */
const FREQUENCY_UNITS = 1e15;
const FREQUENCY_DIVISOR = 10n ** 15n;

/** A simulated clock's parameters: plain data, which a worker thread can be given. */
export interface ClockDescription {
  /** An instant on CLOCK_MONOTONIC_RAW… */
  readonly rawNs: bigint;
  /** …and the UTC from which the clock is `offsetSeconds` away at that instant. */
  readonly utcNs: bigint;
  /** s, rounded to whole nanoseconds. */
  readonly offsetSeconds: number;
  /** How much faster than CLOCK_MONOTONIC_RAW it runs, s/s: 20e-6 gains 20 µs in a second. */
  readonly frequency: number;
  readonly steps?: readonly ClockStep[];
}

/** A sudden change, in force from `atRawNs` on. */
export interface ClockStep {
  readonly atRawNs: bigint;
  /** s, rounded to whole nanoseconds; positive: the clock jumps forward. */
  readonly offsetSeconds: number;
}

/** The parameters as `JSON.stringify` writes them: decimal integers in strings, since ns exceed 2⁵³. */
export interface ClockJson {
  readonly rawNs: string;
  readonly utcNs: string;
  readonly offsetNs: string;
  /** `frequency` in 10⁻¹⁵ s/s. */
  readonly frequencyE15: string;
  readonly steps: readonly { readonly atRawNs: string; readonly offsetNs: string }[];
}

/**
 * A clock whose reading anybody can compute who can read CLOCK_MONOTONIC_RAW. In Python, from its JSON `c` with the
 * strings as integers:
 *
 * ```python
 * elapsed = raw - c.rawNs
 * utc = c.utcNs + c.offsetNs + elapsed + elapsed * c.frequencyE15 // 10**15 \
 *     + sum(s.offsetNs for s in c.steps if s.atRawNs <= raw)
 * ```
 */
export class SimulatedClock {
  readonly description: ClockDescription;
  readonly #baseNs: bigint;
  readonly #frequencyE15: bigint;
  readonly #steps: readonly { readonly atRawNs: bigint; readonly offsetNs: bigint }[];

  /** @throws {RangeError} an offset or the frequency is not finite */
  constructor(description: ClockDescription) {
    this.description = description;
    this.#baseNs = description.utcNs + toNs(description.offsetSeconds);
    this.#frequencyE15 = BigInt(Math.round(description.frequency * FREQUENCY_UNITS));
    this.#steps = (description.steps ?? []).map(({ atRawNs, offsetSeconds }) => ({
      atRawNs,
      offsetNs: toNs(offsetSeconds),
    }));
  }

  /** UTC in ns when CLOCK_MONOTONIC_RAW reads `rawNs`. */
  utcAt(rawNs: bigint): bigint {
    const elapsed = rawNs - this.description.rawNs;
    let utcNs = this.#baseNs + elapsed + floorDivide(elapsed * this.#frequencyE15, FREQUENCY_DIVISOR);
    for (const step of this.#steps) {
      if (step.atRawNs <= rawNs) utcNs += step.offsetNs;
    }
    return utcNs;
  }

  /** This clock with one more step. */
  stepped(atRawNs: bigint, offsetSeconds: number): SimulatedClock {
    const steps = [...this.description.steps ?? [], { atRawNs, offsetSeconds }];
    return new SimulatedClock({ ...this.description, steps });
  }

  /** For another process: see the formula above. */
  toJSON(): ClockJson {
    const { rawNs, utcNs } = this.description;
    return {
      rawNs: String(rawNs),
      utcNs: String(utcNs),
      offsetNs: String(this.#baseNs - utcNs),
      frequencyE15: String(this.#frequencyE15),
      steps: this.#steps.map(({ atRawNs, offsetNs }) => ({
        atRawNs: String(atRawNs),
        offsetNs: String(offsetNs),
      })),
    };
  }
}

function toNs(seconds: number): bigint {
  return BigInt(Math.round(seconds * NANOSECONDS_PER_SECOND));
}

/** Towards −∞, as Python's `//`; BigInt division rounds towards zero. */
function floorDivide(dividend: bigint, divisor: bigint): bigint {
  const quotient = dividend / divisor;
  return dividend % divisor < 0n ? quotient - 1n : quotient;
}
