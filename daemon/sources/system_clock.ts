/**
 * The lowest rung: the kernel's own clock, with what the kernel says of its error.
 *
 * @module
 */
import type { KernelClock } from "../../ffi/clocks.ts";

/** What the system clock alone may claim. */
export interface SystemClockQuality {
  /** Somebody disciplines it and says how well. */
  readonly isTrustworthy: boolean;
  /** Hard half-width, s; +Infinity when nobody vouches. */
  readonly maxErrorSeconds: number;
  /** One sigma of an error that may lie anywhere within the half-width, s. */
  readonly sigmaSeconds: number;
}

/** What RFC 5905 takes for the error of a clock that nobody has set (MAXDISP), s. */
const UNKNOWN_SIGMA_SECONDS = 16;

/**
 * Judges the kernel's statement. A maximum error of 0 is not believed: some daemons never fill it in.
 */
export function systemClockQuality(kernel: KernelClock): SystemClockQuality {
  const isTrustworthy = kernel.synchronized && kernel.maxErrorSeconds > 0;
  if (!isTrustworthy) {
    return { isTrustworthy, maxErrorSeconds: Infinity, sigmaSeconds: UNKNOWN_SIGMA_SECONDS };
  }
  return {
    isTrustworthy,
    maxErrorSeconds: kernel.maxErrorSeconds,
    sigmaSeconds: Math.max(kernel.estimatedErrorSeconds, kernel.maxErrorSeconds / Math.sqrt(3)),
  };
}
