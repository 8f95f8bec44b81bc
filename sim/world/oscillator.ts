/**
 * A quartz oscillator: how much faster or slower than nominal it runs, second by second.
 *
 * @module
 */
import type { Random, Range } from "../random.ts";
import { addFlicker, addRandomWalk, addWhite } from "./noise.ts";
import { drawTemperatures, type TemperatureParameters } from "./temperature.ts";

/** What kind of oscillator it is; frequencies are fractional, s/s. */
export interface OscillatorParameters {
  /** Frequency error from the start: uniform within ± this. */
  readonly maxFrequency: number;
  /** White noise: Allan deviation at 1 s. */
  readonly white: number;
  /** Flicker noise: floor of the Allan deviation. */
  readonly flicker: number;
  /** Random walk: sd of a second's step. */
  readonly randomWalk: number;
  /** Magnitude of the temperature coefficient, 1/K. */
  readonly temperatureCoefficient: Range;
  readonly temperature: TemperatureParameters;
}

/** What became of it; one value a second. */
export interface OscillatorTrace {
  /** d(utc)/d(raw) − 1. */
  readonly frequency: Float64Array;
  /** What the temperature sensor reads, °C; null without one. */
  readonly sensor: Float64Array | null;
}

/** Most crystals of a kind bend the same way. */
const POSITIVE_COEFFICIENTS = 0.8;

/** Draws one oscillator of the kind and `seconds` seconds of its life. */
export function drawOscillator(
  parameters: OscillatorParameters,
  seconds: number,
  random: Random,
): OscillatorTrace {
  const { crystal, sensor } = drawTemperatures(parameters.temperature, seconds, random.fork());
  const sign = random.uniform() < POSITIVE_COEFFICIENTS ? 1 : -1;
  const coefficient = sign * random.between(parameters.temperatureCoefficient);
  const start = random.between([-parameters.maxFrequency, parameters.maxFrequency]);
  const frequency = crystal.map((degrees) => start + coefficient * degrees);
  addWhite(frequency, parameters.white, random.fork());
  addFlicker(frequency, parameters.flicker, random.fork());
  addRandomWalk(frequency, parameters.randomWalk, random.fork());
  return { frequency, sensor };
}
