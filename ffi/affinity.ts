/**
 * Which processors this process may run on.
 *
 * @module
 */
import { Errno, lastErrno, LibcError } from "./errno.ts";
import { listFolder } from "./files.ts";
import { libc } from "./libc.ts";

/** Processors that a mask can name (the kernel's own limit is configurable; 1024 is glibc's `cpu_set_t`). */
export const MAX_PROCESSORS = 1024;

const MASK_BYTES = MAX_PROCESSORS / 8;
const TASK_FOLDER = "/proc/self/task";
const ESRCH = 3;
/** New threads inherit their creator's mask, so one more pass finds those that were born during the first. */
const MAX_PASSES = 4;

/**
 * Pins every thread of this process to the given processors. `sched_setaffinity(0)` would pin the calling thread
 * only; V8 and the runtime have about ten.
 *
 * @throws {LibcError} none of the processors exists or may be used
 */
export function pinProcess(processors: readonly number[]): void {
  const mask = maskOf(processors);
  const pinned = new Set<number>();
  for (let pass = 0; pass < MAX_PASSES; pass++) {
    const fresh = threadIds().filter((id) => !pinned.has(id));
    if (fresh.length === 0) return;
    for (const id of fresh) {
      pinThread(id, mask, processors);
      pinned.add(id);
    }
  }
}

/** The processors on which the calling thread may run. */
export function allowedProcessors(): number[] {
  const mask = new Uint8Array(MASK_BYTES);
  if (libc.sched_getaffinity(0, BigInt(MASK_BYTES), mask) < 0) {
    throw new LibcError("read the processor affinity", lastErrno());
  }
  return Array.from({ length: MAX_PROCESSORS }, (_, processor) => processor)
    .filter((processor) => (mask[processor >> 3]! & (1 << (processor & 7))) !== 0);
}

function maskOf(processors: readonly number[]): Uint8Array<ArrayBuffer> {
  const mask = new Uint8Array(MASK_BYTES);
  for (const processor of processors) {
    if (!Number.isInteger(processor) || processor < 0 || processor >= MAX_PROCESSORS) {
      throw new RangeError(
        `Cannot pin to processor ${processor}: it must be an integer from 0 to ${MAX_PROCESSORS - 1}.`,
      );
    }
    mask[processor >> 3]! |= 1 << (processor & 7);
  }
  return mask;
}

function pinThread(id: number, mask: Uint8Array<ArrayBuffer>, processors: readonly number[]): void {
  if (libc.sched_setaffinity(id, BigInt(MASK_BYTES), mask) === 0) return;
  const errno = lastErrno();
  if (errno === ESRCH) return; // the thread ended between listing and pinning
  if (errno === Errno.EINVAL) {
    throw new RangeError(
      `Cannot pin to processors ${processors.join(", ")}: this process may use ${
        allowedProcessors().join(", ")
      }.`,
    );
  }
  throw new LibcError(`pin to processors ${processors.join(", ")}`, errno);
}

function threadIds(): number[] {
  return listFolder(TASK_FOLDER).map(Number);
}
