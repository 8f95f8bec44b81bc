/**
 * What a failed C call says: `errno`, its name and its text.
 *
 * @module
 */
import { libc } from "./libc.ts";

/** The error numbers that ChronoTick tells apart (the same on x86-64 and arm64 Linux). */
export const Errno = {
  ENOENT: 2,
  EINTR: 4,
  ENXIO: 6,
  EAGAIN: 11,
  EACCES: 13,
  EEXIST: 17,
  EISDIR: 21,
  EINVAL: 22,
  ENOSPC: 28,
  ELOOP: 40,
  EMSGSIZE: 90,
} as const;

/** A C function failed. `operation` is the function and its object, `errno` the number, `code` its name. */
export class LibcError extends Error {
  /** The class, for logs. */
  override readonly name = "LibcError";
  /** What could not be done: it completes the sentence "Cannot …". */
  readonly operation: string;
  /** The error number. */
  readonly errno: number;
  /** The number's name: `ENOENT`. */
  readonly code: string;

  /** `operation` completes the sentence "Cannot …"; `remedy` is another one, where it is known what to do. */
  constructor(operation: string, errno: number, remedy?: string) {
    const code = errorText(libc.strerrorname_np(errno)) ?? `error ${errno}`;
    const description = errorText(libc.strerrordesc_np(errno)) ?? "unknown error";
    super([`Cannot ${operation}: ${description} (${code}).`, remedy].filter(Boolean).join(" "));
    this.operation = operation;
    this.errno = errno;
    this.code = code;
  }
}

/** The calling thread's errno; only meaningful right after a failed call that was not `nonblocking`. */
export function lastErrno(): number {
  const location = libc.__errno_location();
  if (location === null) throw new LibcError("locate errno", 0);
  // SAFETY: __errno_location returns this thread's own int, alive as long as the thread.
  return new Deno.UnsafePointerView(location).getInt32();
}

/** `result`, unless it is negative: then throws what errno says about `operation`. */
export function checked<Result extends number | bigint>(result: Result, operation: string): Result {
  if (result < 0) throw new LibcError(operation, lastErrno());
  return result;
}

function errorText(pointer: Deno.PointerValue): string | null {
  // SAFETY: glibc's strerror*_np return a static NUL-terminated string, or null for an unknown number.
  return pointer === null ? null : new Deno.UnsafePointerView(pointer).getCString();
}
