/**
 * The truth: UTC as a function of the machine's raw clock.
 *
 * CLOCK_MONOTONIC_RAW never skips forward: whatever stops a machine only lets it stand still. So UTC − raw is defined at
 * every raw instant, and jumps only upwards.
 *
 * @module
 */
import type { MachineEvent } from "./machine.ts";

/** UTC − raw, in s relative to the base, at any raw instant (s since the base). */
export class TrueTime {
  /** Frequency from second i to i + 1… */
  readonly #frequency: Float64Array;
  /** …and the offset at second i, both without events. */
  readonly #offset: Float64Array;
  readonly #events: readonly MachineEvent[];

  /** `frequency`: d(utc)/d(raw) − 1 by the second; the last one goes on for ever. */
  constructor(initialOffsetSeconds: number, frequency: Float64Array, events: readonly MachineEvent[]) {
    this.#frequency = frequency;
    this.#offset = new Float64Array(frequency.length);
    let offset = initialOffsetSeconds;
    for (let i = 0; i < frequency.length; i++) {
      this.#offset[i] = offset;
      offset += frequency[i]!;
    }
    this.#events = events;
  }

  /** UTC − raw at `rawSeconds`; after a standstill at that very instant. */
  offsetAt(rawSeconds: number): number {
    let offset = this.#runningOffsetAt(rawSeconds);
    for (const { atSeconds, standstillSeconds } of this.#events) {
      if (atSeconds <= rawSeconds) offset += standstillSeconds;
    }
    return offset;
  }

  /** The raw instant that comes `trueSeconds` (≥ 0) of UTC after `fromRawSeconds`. */
  rawAfter(fromRawSeconds: number, trueSeconds: number): number {
    const unstopped = this.#rawAfterRunning(fromRawSeconds, trueSeconds);
    const stop = this.#events.find(({ atSeconds, standstillSeconds }) =>
      standstillSeconds > 0 && atSeconds > fromRawSeconds && atSeconds <= unstopped
    );
    if (stop === undefined) return unstopped;
    const ran = stop.atSeconds - fromRawSeconds +
      this.#runningOffsetAt(stop.atSeconds) - this.#runningOffsetAt(fromRawSeconds);
    const left = trueSeconds - ran - stop.standstillSeconds;
    return left <= 0 ? stop.atSeconds : this.rawAfter(stop.atSeconds, left);
  }

  /** As if it had never stood still. */
  #runningOffsetAt(rawSeconds: number): number {
    const second = Math.min(this.#frequency.length - 1, Math.max(0, Math.floor(rawSeconds)));
    let offset = this.#offset[second]! + this.#frequency[second]! * (rawSeconds - second);
    for (const { atSeconds, frequencyShift } of this.#events) {
      if (atSeconds <= rawSeconds) offset += frequencyShift * (rawSeconds - atSeconds);
    }
    return offset;
  }

  /** Each round divides the error by a frequency of some 10⁻⁵. */
  #rawAfterRunning(fromRawSeconds: number, trueSeconds: number): number {
    const start = this.#runningOffsetAt(fromRawSeconds);
    let to = fromRawSeconds + trueSeconds;
    for (let round = 0; round < ROUNDS; round++) {
      to = fromRawSeconds + trueSeconds - (this.#runningOffsetAt(to) - start);
    }
    return to;
  }
}

const ROUNDS = 3;
