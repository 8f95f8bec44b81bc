/**
 * The counter's file as this process holds it: mapped, with its two locks, its header and its slots. What the words
 * mean and in what order they are written is TickCounter's business.
 *
 * @module
 */
import { Errno, LibcError } from "../ffi/errno.ts";
import { type LockRange, tryReadLock, tryWriteLock, unlock } from "../ffi/file_lock.ts";
import {
  FileDescriptor,
  type FileStatus,
  fileSystemOf,
  isRegularFile,
  OpenFlag,
  statusOfDescriptor,
  statusOfPath,
} from "../ffi/files.ts";
import { libc } from "../ffi/libc.ts";
import { Mapping } from "../ffi/mapping.ts";
import { awaitLock } from "./await_lock.ts";
import {
  decodeHeader,
  decodeSlot,
  encodeSlot,
  FILE_BYTES,
  LAYOUT_VERSION,
  Offset,
  SECTOR_BYTES,
  type Slot,
  slotOffset,
} from "./counter_layout.ts";
import { TickError } from "./errors.ts";
import { SHARED_FILE_SYSTEMS } from "./shared_file_systems.ts";
import { checkStateFolder, syncNames } from "./state_folder.ts";

/** The counter's name in its folder. */
const FILE_NAME = "counter";
/** Held for writing by whoever writes a slot or makes a stamp. */
const WRITER: LockRange = { start: 0, length: 1 };
/** Held for reading by all who are counting; taken under the writer's lock only. */
const PRESENCE: LockRange = { start: 1, length: 1 };
const RIGHTS_OF_OTHERS = 0o077;

/** Where the counter of a state folder is. */
export function counterPath(folder: string): string {
  return `${folder}/${FILE_NAME}`;
}

/** An open counter file; its mapping, locks and descriptor go with it. */
export class CounterFile implements Disposable {
  readonly path: string;
  readonly #folder: string;
  readonly #file: FileDescriptor;
  readonly #identity: string;
  #mapping: Mapping | undefined;

  private constructor(folder: string, file: FileDescriptor, identity: string) {
    this.path = counterPath(folder);
    this.#folder = folder;
    this.#file = file;
    this.#identity = identity;
  }

  /**
   * Opens the counter of a state folder, unmapped and unlocked.
   *
   * @throws {TickError} there is none, or it cannot be trusted
   */
  static open(folder: string): CounterFile {
    checkStateFolder(folder);
    const path = counterPath(folder);
    const file = openOrExplain(path);
    try {
      const status = statusOfDescriptor(file);
      refuseUnsafe(path, status, file);
      return new CounterFile(folder, file, status.identity);
    } catch (error) {
      file[Symbol.dispose]();
      throw error;
    }
  }

  /**
   * Maps the whole file.
   *
   * @throws {TickError} `CORRUPT`: its length or header are not those of this counter
   */
  map(): BigUint64Array<ArrayBuffer> {
    const { byteLength, inode } = statusOfDescriptor(this.#file);
    if (byteLength !== FILE_BYTES) throw this.corrupt(`it has ${byteLength} bytes instead of ${FILE_BYTES}`);
    const header = decodeHeader(this.#read(Offset.header));
    if (header === null) throw this.corrupt("its header is damaged");
    if (header.version !== LAYOUT_VERSION) {
      throw this.corrupt(`its layout is version ${header.version}, not ${LAYOUT_VERSION}`);
    }
    if (header.inode !== inode) {
      throw this.corrupt("it is a copy: both it and its original would hand out the same ticks");
    }
    this.#mapping ??= new Mapping(this.#file, FILE_BYTES, "readwrite", `map ${this.path}`);
    return new BigUint64Array(this.#mapping.buffer);
  }

  /** Runs `action` while no other open file does; a process that dies gives the lock back. */
  exclusively<Result>(action: () => Result): Result {
    awaitLock(() => tryWriteLock(this.#file, WRITER), this.path, "another process holds its lock");
    try {
      return action();
    } finally {
      unlock(this.#file, WRITER);
    }
  }

  /** Under the lock: whether nobody is counting; nobody else begins before this one has joined or closed. */
  takeAlone(): boolean {
    return tryWriteLock(this.#file, PRESENCE);
  }

  /** Under the lock: begins to count among others; who was alone may be about to close. */
  join(): void {
    awaitLock(() => tryReadLock(this.#file, PRESENCE), this.path, "another process has it for itself");
  }

  /** The slot at the place of that sequence number; null when it is damaged. */
  readSlot(sequence: bigint): Slot | null {
    return decodeSlot(this.#read(slotOffset(sequence)));
  }

  /** Returns when the slot is on the disk. */
  writeSlot(slot: Slot): void {
    this.#file.writeAt(encodeSlot(slot), slotOffset(slot.sequence));
    this.#file.syncData();
  }

  /** Replaces all of the file's content, on the disk too; it becomes as long as that. */
  writeAll(bytes: Uint8Array<ArrayBuffer>): void {
    this.#file.resize(bytes.length);
    this.#file.allocate(bytes.length);
    this.#file.writeAt(bytes, 0);
    this.#file.sync();
  }

  /** Returns when the disk has what others wrote, and the names that lead to it. */
  syncAll(): void {
    this.#file.syncData();
    syncNames(this.#folder);
  }

  /** The file's own inode. */
  get inode(): bigint {
    return statusOfDescriptor(this.#file).inode;
  }

  /** Whether the path still leads here; if not, the next start will not find what is reserved here. */
  isStillNamed(): boolean {
    try {
      return statusOfPath(this.path).identity === this.#identity;
    } catch (error) {
      if (error instanceof LibcError) return false;
      throw error;
    }
  }

  /** An error that says what is wrong with the file. */
  corrupt(why: string): TickError {
    return new TickError(
      "CORRUPT",
      `Cannot count with ${this.path}: ${why}. If you know a tick that is above all that were handed out, ` +
        `go on from there with chronos-ctl reset --force --to TICK.`,
    );
  }

  /** Unmaps, unlocks, closes. */
  [Symbol.dispose](): void {
    this.#mapping?.[Symbol.dispose]();
    this.#file[Symbol.dispose]();
  }

  #read(offset: number): Uint8Array<ArrayBuffer> {
    const sector = new Uint8Array(SECTOR_BYTES);
    return sector.subarray(0, this.#file.readAt(sector, offset));
  }
}

function openOrExplain(path: string): FileDescriptor {
  try {
    return FileDescriptor.open(path, OpenFlag.RDWR | OpenFlag.NONBLOCK);
  } catch (error) {
    if (!(error instanceof LibcError)) throw error;
    if (error.errno === Errno.ENOENT) {
      throw new TickError(
        "NO_COUNTER",
        `Cannot find a tick counter: there is no ${path}. Make one with chronos-ctl init.`,
      );
    }
    throw new TickError("UNAVAILABLE", `${error.message} Run as the user whose counter it is.`);
  }
}

function refuseUnsafe(path: string, status: FileStatus, file: FileDescriptor): void {
  const shared = SHARED_FILE_SYSTEMS.get(fileSystemOf(file));
  const why = !isRegularFile(status)
    ? "it is no regular file"
    : status.userId !== libc.geteuid()
    ? `it belongs to user ${status.userId}`
    : (status.mode & RIGHTS_OF_OTHERS) !== 0
    ? "other users may open it; take their right with chmod 600"
    : shared !== undefined
    ? `it is on ${shared}, which machines share without sharing memory; keep it on a disk of this machine`
    : undefined;
  if (why !== undefined) throw new TickError("STATE_FOLDER", `Cannot count with ${path}: ${why}.`);
}
