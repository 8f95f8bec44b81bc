/**
 * Shared memory: the owner's side, which creates and unlinks a segment, and the reader's, which maps it read-only.
 *
 * A segment is known by a name, for POSIX shared memory, or by the path of a file, which has a slash in it. On Linux
 * the one is the other: `shm_open` opens a file in /dev/shm, and follows no symbolic link.
 *
 * @module
 */
import { checked, Errno, lastErrno, LibcError } from "./errno.ts";
import {
  FileDescriptor,
  type FileStatus,
  isRegularFile,
  OpenFlag,
  statusOfDescriptor,
  statusOfPath,
} from "./files.ts";
import { isWriteLocked, tryWriteLock } from "./file_lock.ts";
import { cString, libc } from "./libc.ts";
import { Mapping } from "./mapping.ts";

const SHM_FOLDER = "/dev/shm";
const OWNER_MODE = 0o644;
const WRITABLE_BY_OTHERS = 0o022;
const MAX_OPEN_ATTEMPTS = 8;
/** A symbolic link, a folder or a socket has the name. */
const UNOPENABLE: readonly number[] = [Errno.ELOOP, Errno.EISDIR, Errno.ENXIO];

/** Whether the segment is known by its path. */
export function isPath(segment: string): boolean {
  return segment.includes("/");
}

/** Where the segment is in the file system. */
export function pathOfSegment(segment: string): string {
  return isPath(segment) ? segment : `${SHM_FOLDER}/${segment}`;
}

/** A segment cannot be taken for writing because of whose it is or who writes it already. */
export class SegmentTakenError extends Error {
  override readonly name = "SegmentTakenError";
  /** The segment's name, without slash, or its path. */
  readonly segment: string;
  /** `locked`: a live writer holds it; `foreign`: another user's, writable by others, or something else than a segment. */
  readonly reason: "locked" | "foreign";

  /** `message` is one sentence for the user. */
  constructor(segment: string, reason: "locked" | "foreign", message: string) {
    super(message);
    this.segment = segment;
    this.reason = reason;
  }
}

/**
 * The one writer's segment: created 0644 or taken over from a dead writer, locked as long as this object lives.
 * `unlink` removes the name; dispose unmaps and frees the lock.
 */
export class OwnedSegment implements Disposable {
  readonly name: string;
  readonly #file: FileDescriptor;
  readonly #mapping: Mapping;

  private constructor(name: string, file: FileDescriptor, byteLength: number) {
    this.name = name;
    this.#file = file;
    this.#mapping = new Mapping(file, byteLength, "readwrite", `map shared memory ${name}`);
  }

  /**
   * Opens or creates the segment and takes its write lock.
   *
   * @throws {SegmentTakenError} another process writes it, or it belongs to somebody else
   * @throws {LibcError} the system refused (no space, no permission)
   */
  static take(name: string, byteLength: number): OwnedSegment {
    for (let attempt = 0; attempt < MAX_OPEN_ATTEMPTS; attempt++) {
      const file = openForWriting(name);
      try {
        const status = statusOfDescriptor(file);
        refuseForeign(name, status);
        refuseOtherContent(name, status, byteLength);
        if (tryWriteLock(file)) {
          // The last owner may have unlinked the name between our open and our lock: then we hold an orphan.
          if (isNameOf(file, name)) {
            makeRoom(name, file, byteLength);
            return new OwnedSegment(name, file, byteLength);
          }
        } else if (isWriteLocked(file)) throw lockedError(name);
        // Only readers' locks are in the way, which anybody can take: leave them the old segment, make a new one.
        else unlinkIfNameOf(file, name);
      } catch (error) {
        file[Symbol.dispose]();
        throw error;
      }
      file[Symbol.dispose]();
    }
    throw lockedError(name);
  }

  /** The mapped bytes; not to be touched after dispose. */
  get buffer(): ArrayBuffer {
    return this.#mapping.buffer;
  }

  /** Where the mapping lies in this process, for a worker that writes through {@linkcode borrowMapping}. */
  get address(): bigint {
    return this.#mapping.address;
  }

  /** Removes the name, if it still is this segment's. */
  unlink(): void {
    unlinkIfNameOf(this.#file, this.name);
  }

  /** Unmaps, unlocks, closes. */
  [Symbol.dispose](): void {
    this.#mapping[Symbol.dispose]();
    this.#file[Symbol.dispose]();
  }
}

/** The bytes at `address`, mapped by this process's {@linkcode OwnedSegment}, for its worker thread. */
export function borrowMapping(address: bigint, byteLength: number): ArrayBuffer {
  const pointer = Deno.UnsafePointer.create(address);
  if (pointer === null) throw new TypeError("Cannot borrow a mapping at address 0.");
  // SAFETY: the owner keeps the mapping until its worker has said that it stopped.
  return Deno.UnsafePointerView.getArrayBuffer(pointer, byteLength);
}

/** How an attached segment is read: mapped (fast), or with `pread` (survives truncation by a hostile owner). */
export type SegmentAccess = "mmap" | "pread";

/** A reader's hold on a segment: its status at opening, and its bytes mapped read-only or read by `pread`. */
export class AttachedSegment implements Disposable {
  readonly name: string;
  readonly status: FileStatus;
  readonly #file: FileDescriptor;
  #mapping: Mapping | undefined;

  private constructor(name: string, file: FileDescriptor) {
    this.name = name;
    this.#file = file;
    this.status = statusOfDescriptor(file);
  }

  /** @throws {LibcError} there is no such segment, or it may not be read */
  static open(name: string): AttachedSegment {
    // Anybody may put a FIFO there under our name, and opening one without NONBLOCK never returns.
    const flags = OpenFlag.RDONLY | OpenFlag.NONBLOCK | OpenFlag.NOFOLLOW | OpenFlag.CLOEXEC;
    const fd = libc.open(cString(pathOfSegment(name)), flags, 0);
    return new AttachedSegment(name, new FileDescriptor(checked(fd, `open shared memory ${name}`)));
  }

  /** Maps the first `byteLength` bytes read-only. Truncation by its owner then raises SIGBUS: trust the owner first. */
  map(byteLength: number): ArrayBuffer {
    this.#mapping ??= new Mapping(this.#file, byteLength, "read", `map shared memory ${this.name}`);
    return this.#mapping.buffer;
  }

  /** Copies bytes out with `pread`; returns how many the segment had. */
  readAt(into: Uint8Array<ArrayBuffer>, offset: number): number {
    return this.#file.readAt(into, offset);
  }

  /** The open file, for questions about its lock. */
  get file(): FileDescriptor {
    return this.#file;
  }

  /** Whether the name still leads to this segment. */
  isCurrent(): boolean {
    return identityOfName(this.name) === this.status.identity;
  }

  /** Unmaps and closes. */
  [Symbol.dispose](): void {
    this.#mapping?.[Symbol.dispose]();
    this.#file[Symbol.dispose]();
  }
}

function openForWriting(name: string): FileDescriptor {
  const flags = OpenFlag.RDWR | OpenFlag.CREAT | OpenFlag.NOFOLLOW | OpenFlag.CLOEXEC;
  const fd = libc.open(cString(pathOfSegment(name)), flags, OWNER_MODE);
  if (fd >= 0) return new FileDescriptor(fd);
  const errno = lastErrno();
  // In sticky folders the kernel refuses even root to open another user's file (fs.protected_regular): say whose.
  if (errno === Errno.EACCES && identityOfName(name) !== null) {
    refuseForeign(name, statusOfPath(pathOfSegment(name)));
  }
  throw new LibcError(`create shared memory ${name}`, errno, remedyFor(name, errno));
}

function remedyFor(name: string, errno: number): string {
  const path = pathOfSegment(name);
  const folder = path.slice(0, path.lastIndexOf("/") + 1);
  const first = UNOPENABLE.includes(errno)
    ? `Remove ${path}`
    : errno === Errno.ENOENT
    ? `Make the folder ${folder}`
    : errno === Errno.ENOSPC
    ? `Make room in ${folder}`
    : `Let this user make files in ${folder}`;
  return `${first} or ${elsewhere(name)}.`;
}

function refuseForeign(name: string, status: FileStatus): void {
  const self = libc.geteuid();
  const whose = status.userId !== self
    ? `belongs to user ${status.userId}, not to user ${self} who runs this daemon`
    : (status.mode & WRITABLE_BY_OTHERS) !== 0
    ? "may be written by other users"
    : undefined;
  if (whose === undefined) return;
  throw new SegmentTakenError(
    name,
    "foreign",
    `Cannot publish to shared memory ${name}: it ${whose}. Remove ${pathOfSegment(name)} or ${
      elsewhere(name)
    }.`,
  );
}

/** What bears a name of shared memory is meant to be a segment, but a path may be that of any file. */
function refuseOtherContent(name: string, status: FileStatus, recordBytes: number): void {
  const isOther = !isRegularFile(status) || (isPath(name) && ![0, recordBytes].includes(status.byteLength));
  if (!isOther) return;
  const path = pathOfSegment(name);
  throw new SegmentTakenError(
    name,
    "foreign",
    `Cannot publish to ${path}: there is something else than a record. Remove it or ${elsewhere(name)}.`,
  );
}

function elsewhere(segment: string): string {
  return isPath(segment) ? "choose another path with --shm-path" : "choose another name with --shm-name";
}

function lockedError(name: string): SegmentTakenError {
  return new SegmentTakenError(
    name,
    "locked",
    `Cannot publish to shared memory ${name}: another daemon writes it already. Stop that one or ${
      elsewhere(name)
    }.`,
  );
}

/** Leaves nothing behind when there is no room. */
function makeRoom(name: string, file: FileDescriptor, byteLength: number): void {
  try {
    checked(libc.fchmod(file.value, OWNER_MODE), `set the mode of shared memory ${name}`);
    file.resize(byteLength, `size shared memory ${name}`);
    // On a full tmpfs an unallocated page would raise SIGBUS at the first store; allocate it while we can be told.
    file.allocate(byteLength, `allocate shared memory ${name}`);
  } catch (error) {
    unlinkIfNameOf(file, name);
    if (!(error instanceof LibcError)) throw error;
    throw new LibcError(error.operation, error.errno, remedyFor(name, error.errno));
  }
}

function isNameOf(file: FileDescriptor, name: string): boolean {
  return identityOfName(name) === statusOfDescriptor(file).identity;
}

function unlinkIfNameOf(file: FileDescriptor, name: string): void {
  if (isNameOf(file, name)) libc.unlink(cString(pathOfSegment(name)));
}

function identityOfName(name: string): string | null {
  try {
    return statusOfPath(pathOfSegment(name)).identity;
  } catch (error) {
    if (error instanceof LibcError && error.errno === Errno.ENOENT) return null;
    throw error;
  }
}
