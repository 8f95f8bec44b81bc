/**
 * Waiting for descriptors to become readable.
 *
 * @module
 */
import { libc } from "./libc.ts";

const POLLIN = 1;
const POLLFD_BYTES = 8;
/** Nobody waits longer at a time. */
export const MAX_POLL_MS = 0x7fffffff;
const NANOSECONDS_PER_SECOND = 1_000_000_000n;

/** Blocks this thread until one of `fds` is readable: true; or the timeout, precise to the timer slack: false. */
export function waitReadable(fds: readonly number[], timeoutMs: number): boolean {
  return libc.ppoll(pollFor(fds), BigInt(fds.length), timespecOf(timeoutMs), null) > 0;
}

/** An array of `struct pollfd` that wait for input. */
export function pollFor(fds: readonly number[]): Uint8Array<ArrayBuffer> {
  const view = new DataView(new ArrayBuffer(POLLFD_BYTES * fds.length));
  fds.forEach((fd, i) => {
    view.setInt32(POLLFD_BYTES * i, fd, true);
    view.setInt16(POLLFD_BYTES * i + 4, POLLIN, true);
  });
  return new Uint8Array(view.buffer);
}

/** A `struct timespec` of a duration; negative ones count as 0. */
function timespecOf(durationMs: number): BigInt64Array<ArrayBuffer> {
  const durationNs = BigInt(Math.round(Math.min(Math.max(durationMs, 0), MAX_POLL_MS) * 1e6));
  return new BigInt64Array([durationNs / NANOSECONDS_PER_SECOND, durationNs % NANOSECONDS_PER_SECOND]);
}
