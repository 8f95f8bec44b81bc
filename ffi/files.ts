/**
 * Small file calls that must work with FFI permission alone: descriptors with an owner, `statx`, `pread`.
 *
 * @module
 */
import { checked, lastErrno, LibcError } from "./errno.ts";
import { cString, libc } from "./libc.ts";

/** `open(2)` flags (Linux; NOFOLLOW's value is not the same everywhere). */
export const OpenFlag = {
  RDONLY: 0,
  RDWR: 2,
  CREAT: 0o100,
  EXCL: 0o200,
  APPEND: 0o2000,
  NONBLOCK: 0o4000,
  NOFOLLOW: Deno.build.arch === "aarch64" ? 0o100000 : 0o400000,
  CLOEXEC: 0o2000000,
} as const;

/** An open file descriptor; closing it is this object's duty alone. */
export class FileDescriptor implements Disposable {
  #fd: number;

  /** Takes over `fd`. */
  constructor(fd: number) {
    this.#fd = fd;
  }

  /** Opens a file; one that `flags` create gets `mode`, less the process's umask. */
  static open(path: string, flags: number = OpenFlag.RDONLY, mode = 0): FileDescriptor {
    const fd = libc.open(cString(path), flags | OpenFlag.CLOEXEC, mode);
    return new FileDescriptor(checked(fd, `open ${path}`));
  }

  /** The number, for calls that do not keep it. */
  get value(): number {
    return this.#fd;
  }

  /** Reads up to `into.length` bytes at `offset`; returns how many there were. */
  readAt(into: Uint8Array<ArrayBuffer>, offset: number): number {
    return Number(checked(libc.pread(this.#fd, into, BigInt(into.length), BigInt(offset)), "read the file"));
  }

  /** Writes all of `bytes` at `offset`. */
  writeAt(bytes: Uint8Array<ArrayBuffer>, offset: number): void {
    for (let written = 0; written < bytes.length;) {
      const rest = bytes.subarray(written);
      const count = libc.pwrite(this.#fd, rest, BigInt(rest.length), BigInt(offset + written));
      written += Number(checked(count, "write the file"));
    }
  }

  /** Returns when the file's content is on its disk. After a failure nobody knows which of it is. */
  syncData(): void {
    checked(libc.fdatasync(this.#fd), "write the file to its disk");
  }

  /** As {@linkcode syncData}, with all that the file system knows of it; of a folder: its entries. */
  sync(): void {
    checked(libc.fsync(this.#fd), "write the file to its disk");
  }

  /** Makes the file exactly so long; what is new is 0. `operation` completes the sentence "Cannot …". */
  resize(byteLength: number, operation = "resize the file"): void {
    checked(libc.ftruncate(this.#fd, BigInt(byteLength)), operation);
  }

  /** Makes the file at least so long and takes the space for it now; `operation` completes the sentence "Cannot …". */
  allocate(byteLength: number, operation = "allocate the file"): void {
    const error = libc.posix_fallocate(this.#fd, 0n, BigInt(byteLength));
    if (error !== 0) throw new LibcError(operation, error);
  }

  /** Closes; a second time does nothing. */
  [Symbol.dispose](): void {
    if (this.#fd < 0) return;
    libc.close(this.#fd);
    this.#fd = -1;
  }
}

/** Who a file is and whose. */
export interface FileStatus {
  readonly userId: number;
  /** Permission and type bits, as `st_mode`. */
  readonly mode: number;
  readonly byteLength: number;
  readonly inode: bigint;
  /** Device and inode in one string: equal for two names or descriptors of the same file. */
  readonly identity: string;
}

const FILE_TYPE = 0o170000;
const REGULAR_FILE = 0o100000;

/** Whether it is neither a folder, a FIFO, a socket nor a device. */
export function isRegularFile({ mode }: FileStatus): boolean {
  return (mode & FILE_TYPE) === REGULAR_FILE;
}

const AT_FDCWD = -100;
const AT_EMPTY_PATH = 0x1000;
const STATX_BASIC_STATS = 0x7ff;
const STATX_BYTES = 256;
const STATX = { uid: 20, mode: 28, inode: 32, size: 40, deviceMajor: 136, deviceMinor: 140 } as const;
const EMPTY_PATH = cString("");

/** Status of an open descriptor. */
export function statusOfDescriptor(descriptor: FileDescriptor): FileStatus {
  return statx(descriptor.value, EMPTY_PATH, AT_EMPTY_PATH, "stat the open file");
}

/** Status of a path. */
export function statusOfPath(path: string): FileStatus {
  return statx(AT_FDCWD, cString(path), 0, `stat ${path}`);
}

function statx(
  directory: number,
  path: Uint8Array<ArrayBuffer>,
  flags: number,
  operation: string,
): FileStatus {
  const bytes = new Uint8Array(STATX_BYTES);
  checked(libc.statx(directory, path, flags, STATX_BASIC_STATS, bytes), operation);
  const view = new DataView(bytes.buffer);
  const device = `${view.getUint32(STATX.deviceMajor, true)}:${view.getUint32(STATX.deviceMinor, true)}`;
  const inode = view.getBigUint64(STATX.inode, true);
  return {
    userId: view.getUint32(STATX.uid, true),
    mode: view.getUint16(STATX.mode, true),
    byteLength: Number(view.getBigUint64(STATX.size, true)),
    inode,
    identity: `${device}/${inode}`,
  };
}

const W_OK = 2;

/** Whether this process may write `path`; of a folder: make and remove files there. */
export function isWritable(path: string): boolean {
  return libc.access(cString(path), W_OK) === 0;
}

const STATFS_BYTES = 120;

/** The magic number of the file system that an open file is on (`statfs(2)` lists them). */
export function fileSystemOf(descriptor: FileDescriptor): number {
  const bytes = new Uint8Array(STATFS_BYTES);
  checked(libc.fstatfs(descriptor.value, bytes), "ask for the file system");
  return new DataView(bytes.buffer).getUint32(0, true);
}

const SMALL_FILE_BYTES = 4096;

/** The text of a file of at most 4 KiB, such as those under `/proc`. */
export function readSmallFile(path: string): string {
  using file = FileDescriptor.open(path);
  const bytes = new Uint8Array(SMALL_FILE_BYTES);
  const length = Number(checked(libc.read(file.value, bytes, BigInt(bytes.length)), `read ${path}`));
  return new TextDecoder().decode(bytes.subarray(0, length));
}

const DIRENT_NAME_OFFSET = 19;
const MAX_FOLDER_ENTRIES = 65_536;

/** The names in a folder, "." and ".." left out; for `/proc`, which the runtime's own calls guard specially. */
export function listFolder(path: string): string[] {
  const folder = libc.opendir(cString(path));
  if (folder === null) throw new LibcError(`list ${path}`, lastErrno());
  const names: string[] = [];
  try {
    while (names.length < MAX_FOLDER_ENTRIES) {
      const entry = libc.readdir(folder);
      if (entry === null) break;
      // SAFETY: readdir returned a dirent, valid until the next call; its name is NUL-terminated.
      const name = new Deno.UnsafePointerView(entry).getCString(DIRENT_NAME_OFFSET);
      if (name !== "." && name !== "..") names.push(name);
    }
  } finally {
    libc.closedir(folder);
  }
  return names;
}
