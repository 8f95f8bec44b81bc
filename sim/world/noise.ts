/**
 * The noise of an oscillator's frequency, in the three kinds that power-law theory knows (Riley, Handbook of Frequency
 * Stability Analysis, NIST SP 1065, §3): one value a second, fractional frequency.
 *
 * @module
 */
import type { Random } from "../random.ts";

/** Adds white frequency noise whose Allan deviation is `level`/√τ. */
export function addWhite(frequency: Float64Array, level: number, random: Random): void {
  for (let i = 0; i < frequency.length; i++) frequency[i]! += level * random.normal();
}

/** Adds a random walk with steps of sd `level` a second: its Allan deviation is `level`·√(τ/3). */
export function addRandomWalk(frequency: Float64Array, level: number, random: Random): void {
  let walked = 0;
  for (let i = 0; i < frequency.length; i++) {
    frequency[i]! += walked;
    walked += level * random.normal();
  }
}

/** The shortest correlation time in the sum that makes flicker noise, s… */
const SHORTEST_SECONDS = 3;
/** …how much longer each next one is… */
const RATIO = 5;
/** …and how many there are: flicker noise up to some 13 hours. */
const STAGES = 7;

/**
 * Adds flicker frequency noise: Allan deviation `floor` at every τ from some seconds to some hours.
 *
 * It is a sum of first-order Gauss–Markov processes of equal variance s² whose correlation times T lie a factor r apart.
 * Each has the one-sided spectrum 4s²T/(1 + (2πfT)²); with one per ln r of ln T they add up to (s²/ln r)/f,
 * and a spectrum h/f has the Allan variance 2 ln 2 · h.
 */
export function addFlicker(frequency: Float64Array, floor: number, random: Random): void {
  const deviation = floor * Math.sqrt(Math.log(RATIO) / (2 * Math.LN2));
  for (let stage = 0; stage < STAGES; stage++) {
    addGaussMarkov(frequency, { deviation, correlationSeconds: SHORTEST_SECONDS * RATIO ** stage }, random);
  }
}

/** A stationary process that forgets: autocorrelation e^(−t/correlationSeconds). */
export interface GaussMarkov {
  readonly deviation: number;
  readonly correlationSeconds: number;
}

/** Adds a first-order Gauss–Markov process, which is stationary from its first value on. */
export function addGaussMarkov(
  values: Float64Array,
  { deviation, correlationSeconds }: GaussMarkov,
  random: Random,
): void {
  const kept = Math.exp(-1 / correlationSeconds);
  const renewed = deviation * Math.sqrt(1 - kept * kept);
  let value = deviation * random.normal();
  for (let i = 0; i < values.length; i++) {
    values[i]! += value;
    value = kept * value + renewed * random.normal();
  }
}
