/**
 * Random numbers that are the same on every machine and in every run.
 *
 * @module
 */

const MASK_64 = (1n << 64n) - 1n;
const MASK_32 = 0xffff_ffffn;
const STATE_WORDS = 4;
const TWO_PI = 2 * Math.PI;

/** From the first (included) to the second (excluded). */
export type Range = readonly [low: number, high: number];

/**
 * A seeded generator: xoshiro128** (Blackman, Vigna 2018) over a state filled by SplitMix64. Not for secrets.
 */
export class Random {
  readonly #state: Uint32Array;
  #spareNormal: number | undefined;

  /** Any integer; equal seeds give equal sequences. */
  constructor(seed: number | bigint) {
    this.#state = stateFrom(BigInt.asUintN(64, BigInt(seed)));
  }

  /** A generator whose sequence is independent of this one's further use, for a part that must not disturb others. */
  fork(): Random {
    return new Random((BigInt(this.uint32()) << 32n) | BigInt(this.uint32()));
  }

  /** An integer from 0 to 2³² − 1. */
  uint32(): number {
    const s = this.#state;
    const result = Math.imul(rotateLeft(Math.imul(s[1]!, 5), 7), 9) >>> 0;
    const shifted = s[1]! << 9;
    s[2]! ^= s[0]!;
    s[3]! ^= s[1]!;
    s[1]! ^= s[2]!;
    s[0]! ^= s[3]!;
    s[2]! ^= shifted;
    s[3] = rotateLeft(s[3]!, 11);
    return result;
  }

  /** Uniform in [0, 1), 53 random bits. */
  uniform(): number {
    const high = this.uint32() >>> 5;
    const low = this.uint32() >>> 6;
    return (high * 2 ** 26 + low) / 2 ** 53;
  }

  /** Uniform in `range`. */
  between([low, high]: Range): number {
    return low + (high - low) * this.uniform();
  }

  /** In `range`, whose ends are positive, with each order of magnitude equally likely. */
  logBetween([low, high]: Range): number {
    return low * Math.exp(this.uniform() * Math.log(high / low));
  }

  /** One of `choices`, of which there is at least one, each equally likely. */
  pick<Choice>(choices: readonly Choice[]): Choice {
    return choices[Math.floor(this.uniform() * choices.length)]!;
  }

  /** Standard normal (Box and Muller 1958). */
  normal(): number {
    const spare = this.#spareNormal;
    if (spare !== undefined) {
      this.#spareNormal = undefined;
      return spare;
    }
    const radius = Math.sqrt(-2 * Math.log1p(-this.uniform()));
    const angle = TWO_PI * this.uniform();
    this.#spareNormal = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  }

  /** Exponential with the given mean. */
  exponential(mean: number): number {
    return -mean * Math.log1p(-this.uniform());
  }

  /** Lognormal: `median` · e^(`sigma` · normal). */
  lognormal(median: number, sigma: number): number {
    return median * Math.exp(sigma * this.normal());
  }

  /** Pareto: `least` · u^(−1/`shape`); of shape 1 or less it has no mean. */
  pareto(least: number, shape: number): number {
    return least * (1 - this.uniform()) ** (-1 / shape);
  }

  /** Fills `bytes` and returns them. */
  fill(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
    for (let i = 0; i < bytes.length; i++) bytes[i] = this.uint32() >>> 24;
    return bytes;
  }
}

function rotateLeft(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits));
}

/** Two outputs of SplitMix64 (Steele, Lea, Flood 2014), as xoshiro's authors advise; never all zero. */
function stateFrom(seed: bigint): Uint32Array {
  const state = new Uint32Array(STATE_WORDS);
  let counter = seed;
  for (let i = 0; i < STATE_WORDS; i += 2) {
    counter = (counter + 0x9e37_79b9_7f4a_7c15n) & MASK_64;
    let mixed = counter;
    mixed = ((mixed ^ (mixed >> 30n)) * 0xbf58_476d_1ce4_e5b9n) & MASK_64;
    mixed = ((mixed ^ (mixed >> 27n)) * 0x94d0_49bb_1331_11ebn) & MASK_64;
    mixed ^= mixed >> 31n;
    state[i] = Number(mixed & MASK_32);
    state[i + 1] = Number(mixed >> 32n);
  }
  return state;
}
