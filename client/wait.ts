/**
 * Sleeping: by the event loop's timers, and precisely by the kernel.
 *
 * @module
 */
import { Clock, nowNs, setTimerSlack, sleepUntil } from "../ffi/clocks.ts";

/** Resolves after `ms`, or rejects with the signal's reason when it aborts first. */
export function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const onAbort = () => {
      clearTimeout(timer);
      reject(signal!.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", onAbort);
      resolve();
    }, ms);
    signal?.addEventListener("abort", onAbort, { once: true });
  });
}

const FINEST_SLACK_NS = 1;
/** Gives the thread the slack back that it was born with. */
const DEFAULT_SLACK = 0;

/** Blocks this thread for `ms`, waking within some tens of µs; for last stretches of a few ms. */
export function sleepPrecisely(ms: number): void {
  const deadline = nowNs(Clock.MONOTONIC) + BigInt(Math.ceil(ms * 1e6));
  setTimerSlack(FINEST_SLACK_NS);
  sleepUntil(deadline);
  setTimerSlack(DEFAULT_SLACK);
}
