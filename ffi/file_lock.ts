/**
 * Open-file-description locks (`fcntl(2)`, F_OFD_SETLK): held by the open file, so they die with the process, and
 * taking the write lock needs write permission (`flock` would let any reader take it). Readers can take read locks,
 * which stand in the way of a new write lock; they are told apart here, so that they cannot pass for a writer.
 *
 * @module
 */
import { Errno, lastErrno, LibcError } from "./errno.ts";
import type { FileDescriptor } from "./files.ts";
import { libc } from "./libc.ts";

const F_OFD_GETLK = 36;
const F_OFD_SETLK = 37;
const F_RDLCK = 0;
const F_WRLCK = 1;
const F_UNLCK = 2;
const FLOCK_BYTES = 32; // l_type i16, l_whence i16, pad, l_start i64, l_len i64, l_pid i32, pad
const FLOCK = { type: 0, start: 8, length: 16 } as const;

/** A stretch of a file; locks on bytes that do not exist are as good as any. */
export interface LockRange {
  /** Its first byte. */
  readonly start: number;
  /** Its bytes; 0: to the end, however far the file grows. */
  readonly length: number;
}

const WHOLE_FILE: LockRange = { start: 0, length: 0 };

/** Takes the write lock; false when another open file holds it, or a read lock. */
export function tryWriteLock(file: FileDescriptor, range: LockRange = WHOLE_FILE): boolean {
  return tryLock(file, F_WRLCK, range);
}

/** Takes a read lock, which many may hold, or turns the write lock into one; false when another holds the write lock. */
export function tryReadLock(file: FileDescriptor, range: LockRange = WHOLE_FILE): boolean {
  return tryLock(file, F_RDLCK, range);
}

/** Gives up what this open file holds there. */
export function unlock(file: FileDescriptor, range: LockRange = WHOLE_FILE): void {
  tryLock(file, F_UNLCK, range);
}

/** Whether another open file holds the write lock; a read-only descriptor is enough to ask. */
export function isWriteLocked(file: FileDescriptor): boolean {
  const flock = flockOf(F_RDLCK, WHOLE_FILE); // what a write lock conflicts with and a read lock does not
  if (libc.fcntl(file.value, F_OFD_GETLK, bytesOf(flock)) !== 0) {
    throw new LibcError("query the file lock", lastErrno());
  }
  return flock.getInt16(FLOCK.type, true) !== F_UNLCK;
}

function tryLock(file: FileDescriptor, type: number, range: LockRange): boolean {
  if (libc.fcntl(file.value, F_OFD_SETLK, bytesOf(flockOf(type, range))) === 0) return true;
  const errno = lastErrno();
  if (errno === Errno.EAGAIN || errno === Errno.EACCES) return false;
  throw new LibcError("lock the file", errno);
}

function flockOf(type: number, { start, length }: LockRange): DataView<ArrayBuffer> {
  const flock = new DataView(new ArrayBuffer(FLOCK_BYTES));
  flock.setInt16(FLOCK.type, type, true);
  flock.setBigInt64(FLOCK.start, BigInt(start), true);
  flock.setBigInt64(FLOCK.length, BigInt(length), true);
  return flock;
}

function bytesOf({ buffer }: DataView<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  return new Uint8Array(buffer);
}
