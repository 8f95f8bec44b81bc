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

function wholeFileLock(type: number): Int16Array<ArrayBuffer> {
  const flock = new Int16Array(FLOCK_BYTES / 2);
  flock[0] = type;
  return flock;
}

/** Takes the write lock of the whole file; false when another open file holds it, or a read lock. */
export function tryWriteLock(file: FileDescriptor): boolean {
  const flock = wholeFileLock(F_WRLCK);
  if (libc.fcntl(file.value, F_OFD_SETLK, flock) === 0) return true;
  const errno = lastErrno();
  if (errno === Errno.EAGAIN || errno === Errno.EACCES) return false;
  throw new LibcError("lock the file", errno);
}

/** Whether another open file holds the write lock; a read-only descriptor is enough to ask. */
export function isWriteLocked(file: FileDescriptor): boolean {
  const flock = wholeFileLock(F_RDLCK); // what a write lock conflicts with and a read lock does not
  if (libc.fcntl(file.value, F_OFD_GETLK, flock) !== 0) {
    throw new LibcError("query the file lock", lastErrno());
  }
  return flock[0] !== F_UNLCK;
}
