/**
 * Waiting for a lock that others hold for some microseconds.
 *
 * @module
 */
import { Clock, nowNs, sleepUntil } from "../ffi/clocks.ts";
import { TickError } from "./errors.ts";

/** Who waits looks often at first, and gives up after some half a minute: disks can be that slow. */
const MAX_ATTEMPTS = 30_000;
const EAGER_ATTEMPTS = 50;
const EAGER_PAUSE_NS = 20_000n;
const PAUSE_NS = 1_000_000n;

/**
 * Blocks this thread until `tryLock` succeeds.
 *
 * @throws {TickError} `BUSY`: it never does; `why` completes the sentence "Cannot use PATH: …"
 */
export function awaitLock(tryLock: () => boolean, path: string, why: string): void {
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    if (tryLock()) return;
    sleepUntil(nowNs(Clock.MONOTONIC) + (attempt < EAGER_ATTEMPTS ? EAGER_PAUSE_NS : PAUSE_NS));
  }
  throw new TickError("BUSY", `Cannot use ${path}: ${why} and does not let go. See who with lslocks.`);
}
