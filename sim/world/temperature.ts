/**
 * What makes a machine warm: the room, its air conditioning, the day, its own work.
 *
 * @module
 */
import type { Random, Range } from "../random.ts";
import { addGaussMarkov } from "./noise.ts";

/** How the temperatures in a machine come about. */
export interface TemperatureParameters {
  /** The room's own wandering, K. */
  readonly roomDeviation: number;
  readonly roomCorrelationSeconds: number;
  /** Air conditioning that switches: a sine of this amplitude, K… */
  readonly cycleAmplitude: number;
  /** …and period. */
  readonly cycleSeconds: number;
  /** Half of what the room warms up from night to day, K: 0 for a server room. */
  readonly dayAmplitude: number;
  readonly load: LoadParameters;
  /** Time constant with which the crystal follows, s. */
  readonly crystalLagSeconds: number;
  /** The sensor beside the processor; null: it cannot be read. */
  readonly sensor: SensorParameters | null;
}

/** A machine that works in bursts. */
export interface LoadParameters {
  /** What full work warms the processor by, K; a burst is 30 to 100 % of it. */
  readonly fullWarming: number;
  /** Mean length of bursts and of the pauses between them. */
  readonly meanSeconds: number;
  /** How much of that warming reaches the crystal, 0…1. */
  readonly shareAtCrystal: number;
  /** When people work, hours of the day; null: at any time. The trace begins at midnight. */
  readonly officeHours: Range | null;
}

/** What a sensor adds. */
export interface SensorParameters {
  /** K, 1 sd. */
  readonly noise: number;
  /** Its smallest step, K. */
  readonly quantum: number;
}

/** One value a second. */
export interface Temperatures {
  /** The crystal's, from where it began, K. */
  readonly crystal: Float64Array;
  /** The sensor's reading, °C; null when there is none. */
  readonly sensor: Float64Array | null;
}

const SECONDS_PER_HOUR = 3600;
const SECONDS_PER_DAY = 86_400;
/** The room is warmest at three in the afternoon. */
const WARMEST_SECONDS = 15 * SECONDS_PER_HOUR;
const SENSOR_LAG_SECONDS = 15;
const SENSOR_BASE_DEGREES = 45;
const SHORTEST_BURST_SECONDS = 5;
const INITIALLY_BUSY = 0.4;
const BURST_SHARE: Range = [0.3, 1];

/** Draws the temperatures of one machine for `seconds` seconds. */
export function drawTemperatures(
  parameters: TemperatureParameters,
  seconds: number,
  random: Random,
): Temperatures {
  const room = drawRoom(parameters, seconds, random.fork());
  const warming = drawWarming(parameters.load, seconds, random.fork());
  const noise = random.fork();
  const { shareAtCrystal } = parameters.load;
  const atCrystal = lagged(
    room.map((degrees, i) => degrees + shareAtCrystal * warming[i]!),
    parameters.crystalLagSeconds,
  );
  const start = atCrystal[0] ?? 0;
  const { sensor } = parameters;
  const atSensor = lagged(warming, SENSOR_LAG_SECONDS);
  return {
    crystal: atCrystal.map((degrees) => degrees - start),
    sensor: sensor &&
      atSensor.map((degrees, i) =>
        quantized(SENSOR_BASE_DEGREES + room[i]! + degrees + sensor.noise * noise.normal(), sensor.quantum)
      ),
  };
}

function drawRoom(parameters: TemperatureParameters, seconds: number, random: Random): Float64Array {
  const { roomDeviation, roomCorrelationSeconds, cycleAmplitude, cycleSeconds, dayAmplitude } = parameters;
  const room = new Float64Array(seconds);
  const phase = random.uniform();
  for (let i = 0; i < seconds; i++) {
    room[i] = cycleAmplitude * Math.sin(2 * Math.PI * (i / cycleSeconds + phase)) +
      dayAmplitude * Math.cos(2 * Math.PI * (i - WARMEST_SECONDS) / SECONDS_PER_DAY);
  }
  addGaussMarkov(room, { deviation: roomDeviation, correlationSeconds: roomCorrelationSeconds }, random);
  return room;
}

/** What the processor's work warms it by at once, K. */
function drawWarming(load: LoadParameters, seconds: number, random: Random): Float64Array {
  const warming = new Float64Array(seconds);
  let isBusy = random.uniform() < INITIALLY_BUSY;
  for (let from = 0; from < seconds; isBusy = !isBusy) {
    const until = from + SHORTEST_BURST_SECONDS + Math.floor(random.exponential(load.meanSeconds));
    const degrees = load.fullWarming * random.between(BURST_SHARE);
    if (isBusy && isOfficeHour(load.officeHours, from)) warming.fill(degrees, from, until);
    from = until;
  }
  return warming;
}

function isOfficeHour(officeHours: Range | null, atSeconds: number): boolean {
  if (officeHours === null) return true;
  const hour = (atSeconds % SECONDS_PER_DAY) / SECONDS_PER_HOUR;
  return hour >= officeHours[0] && hour < officeHours[1];
}

/** First-order low pass. */
function lagged(values: Float64Array, lagSeconds: number): Float64Array {
  const share = -Math.expm1(-1 / lagSeconds);
  let level = values[0] ?? 0;
  return values.map((value) => level += share * (value - level));
}

function quantized(value: number, quantum: number): number {
  return Math.round(value / quantum) * quantum;
}
