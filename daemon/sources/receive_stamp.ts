/**
 * Carries the kernel's receive stamp from CLOCK_REALTIME, which others step and slew, to CLOCK_MONOTONIC_RAW.
 *
 * @module
 */
import type { ClockPair } from "../../ffi/clocks.ts";

/**
 * The fastest that CLOCK_REALTIME runs against CLOCK_MONOTONIC_RAW while it is disciplined gently: 500 ppm of
 * frequency and 500 ppm of `adjtime` slew, the kernel's limits. Beyond that it is stepped or slewed by force.
 */
const MAX_GENTLE_STEERING = 1000e-6;

/**
 * When a packet arrived, on CLOCK_MONOTONIC_RAW, rounded to the late side by what the conversion may be off, so that
 * the round trip is never made too short.
 *
 * Falls back to `seen.rawNs` (the packet was there then, so it is late too, only by more) when the kernel gave no stamp
 * or when CLOCK_REALTIME moved meanwhile so that the stamp cannot be trusted.
 *
 * @param stampRealtimeNs the kernel's stamp
 * @param sent both clocks just before the question was sent
 * @param seen both clocks after the packet was fetched
 */
export function arrivalRawNs(stampRealtimeNs: bigint | null, sent: ClockPair, seen: ClockPair): bigint {
  if (stampRealtimeNs === null || wasSteeredHard(sent, seen)) return seen.rawNs;
  const waitedNs = seen.realtimeNs - stampRealtimeNs;
  const errorNs = BigInt(Math.ceil(seen.uncertaintyNs + MAX_GENTLE_STEERING * Math.abs(Number(waitedNs))));
  const arrivedRawNs = seen.rawNs - waitedNs + errorNs;
  const isPlausible = waitedNs >= 0n && arrivedRawNs >= sent.rawNs && arrivedRawNs <= seen.rawNs;
  return isPlausible ? arrivedRawNs : seen.rawNs;
}

function wasSteeredHard(sent: ClockPair, seen: ClockPair): boolean {
  const rawElapsedNs = Number(seen.rawNs - sent.rawNs);
  const realtimeElapsedNs = Number(seen.realtimeNs - sent.realtimeNs);
  const readingErrorNs = sent.uncertaintyNs + seen.uncertaintyNs;
  return Math.abs(realtimeElapsedNs - rawElapsedNs) > MAX_GENTLE_STEERING * rawElapsedNs + readingErrorNs;
}
