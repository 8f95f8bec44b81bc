/**
 * NTP's ways to write time (RFC 5905 §6): 64-bit timestamps, 32-bit short format, exponents of two.
 *
 * @module
 */

/** Seconds from NTP's prime epoch (1900-01-01) to the Unix epoch: 70 years and 17 leap days. */
const NTP_TO_UNIX_SECONDS = 2_208_988_800n;

/**
 * Where the window of 2^32 s starts in which a timestamp is read, in Unix seconds. A timestamp does not name its era;
 * with the Unix epoch as the pivot, everything from 1970-01-01 to 2106-02-07T06:28:15Z reads right, on both sides of
 * the rollover of 2036-02-07T06:28:16Z. A fixed window needs no idea of the present, which is what is being asked for.
 */
const ERA_PIVOT_UTC_SECONDS = 0n;

const NANOSECONDS_PER_SECOND = 1_000_000_000n;
const FRACTION_BITS = 32n;
const HALF_FRACTION = 1n << (FRACTION_BITS - 1n);
const TIMESTAMP_BITS = 64;
const SHORT_UNITS_PER_SECOND = 65_536;
const SHORT_MAX = 0xffff_ffff;

const PIVOT_TIMESTAMP = (ERA_PIVOT_UTC_SECONDS + NTP_TO_UNIX_SECONDS) << FRACTION_BITS;

/**
 * The timestamp (seconds in the high 32 bits, 2^-32 s in the low ones) of a UTC instant from
 * 1900 on, to the nearest unit.
 */
export function utcNsToNtp(utcNs: bigint): bigint {
  const nsSince1900 = utcNs + NTP_TO_UNIX_SECONDS * NANOSECONDS_PER_SECOND;
  const units = ((nsSince1900 << FRACTION_BITS) + NANOSECONDS_PER_SECOND / 2n) / NANOSECONDS_PER_SECOND;
  return BigInt.asUintN(TIMESTAMP_BITS, units);
}

/** The UTC instant of a timestamp, to the nearest ns, in the window that starts at {@linkcode ERA_PIVOT_UTC_SECONDS}. */
export function ntpToUtcNs(timestamp: bigint): bigint {
  const unitsSincePivot = BigInt.asUintN(TIMESTAMP_BITS, timestamp - PIVOT_TIMESTAMP);
  const nsSincePivot = (unitsSincePivot * NANOSECONDS_PER_SECOND + HALF_FRACTION) >> FRACTION_BITS;
  return ERA_PIVOT_UTC_SECONDS * NANOSECONDS_PER_SECOND + nsSincePivot;
}

/** The seconds of a 16.16 short format, 0 to just under 65,536; exact. */
export function shortToSeconds(short: number): number {
  return short / SHORT_UNITS_PER_SECOND;
}

/** The 16.16 short format of a duration, rounded up (these fields are bounds) and saturated. */
export function secondsToShort(seconds: number): number {
  return Math.min(SHORT_MAX, Math.max(0, Math.ceil(seconds * SHORT_UNITS_PER_SECOND)));
}

/** The seconds that a signed 8-bit exponent stands for (poll interval, precision). */
export function exponentToSeconds(exponent: number): number {
  return 2 ** exponent;
}
