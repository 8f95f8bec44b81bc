/**
 * The truth of a simulated world, as this process can ask for it now.
 *
 * @module
 */
import { Clock, nowNs, readClockPair } from "../ffi/clocks.ts";
import type { ClockDescription, SimulatedClock } from "./clock.ts";

/**
 * A clock that reads `offsetSeconds` more than this machine's does now, and from now on runs faster than its bare
 * oscillator by `frequency`, s/s.
 */
export function clockFromNow(offsetSeconds: number, frequency: number): ClockDescription {
  const { rawNs, realtimeNs } = readClockPair();
  return { rawNs, utcNs: realtimeNs, offsetSeconds, frequency };
}

/** What `clock` reads now, UTC in ns. */
export function trueUtcNs(clock: SimulatedClock): bigint {
  return clock.utcAt(nowNs(Clock.MONOTONIC_RAW));
}

/** How far this machine's own clock is off: CLOCK_REALTIME − `clock`, s, within a microsecond. */
export function systemClockErrorSeconds(clock: SimulatedClock): number {
  const { rawNs, realtimeNs } = readClockPair();
  return Number(realtimeNs - clock.utcAt(rawNs)) / 1e9;
}
