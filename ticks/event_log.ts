/**
 * Where log entries are kept: JSON, one entry a line, on the disk before anybody is told so. Bounded: the full file
 * takes the place of the one before it.
 *
 * @module
 */
import { LibcError } from "../ffi/errno.ts";
import { tryWriteLock } from "../ffi/file_lock.ts";
import { FileDescriptor, OpenFlag, statusOfDescriptor, statusOfPath } from "../ffi/files.ts";
import { awaitLock } from "./await_lock.ts";
import { TickError } from "./errors.ts";
import { orUnavailable } from "./or_unavailable.ts";
import { checkStateFolder, makeStateFolder, syncNames } from "./state_folder.ts";

/** A file that has reached this length is set aside; two are kept. */
const MAX_LOG_BYTES: number = 64 * 2 ** 20;
const FILE_NAME = "events.jsonl";
const PREVIOUS_NAME = "events.1.jsonl";
const FILE_MODE = 0o600;
/** How often somebody else may set the file aside while this process opens it. */
const MAX_OPEN_ATTEMPTS = 8;
const LINE_FEED = 10;

/** The log of a state folder. Several processes may write it; lines stand in the order in which they were written. */
export class EventLog {
  /** Where entries are appended. */
  readonly path: string;
  readonly #folder: string;
  readonly #maxBytes: number;

  /**
   * Makes the folder where it is missing.
   *
   * @throws {TickError} `STATE_FOLDER`: it cannot be made, or it is not safe
   */
  constructor(folder: string, maxBytes: number = MAX_LOG_BYTES) {
    makeStateFolder(folder);
    checkStateFolder(folder);
    this.path = `${folder}/${FILE_NAME}`;
    this.#folder = folder;
    this.#maxBytes = maxBytes;
  }

  /**
   * Finds out whether an entry could be appended now, before a tick is spent on it.
   *
   * @throws {TickError} `UNAVAILABLE`: the log cannot be written
   */
  check(): void {
    this.#explained(() => this.#openForAppending())[Symbol.dispose]();
  }

  /**
   * Returns when `line` is on the disk.
   *
   * @throws {TickError} `UNAVAILABLE`: the log cannot be written
   */
  append(line: string): void {
    this.#explained(() => {
      using file = this.#openForAppending();
      const isNew = statusOfDescriptor(file).byteLength === 0;
      writeLine(file, line);
      if (isNew) syncNames(this.#folder);
    });
  }

  #openForAppending(): FileDescriptor {
    for (let attempt = 0; attempt < MAX_OPEN_ATTEMPTS; attempt++) {
      const file = FileDescriptor.open(this.path, OpenFlag.RDWR | OpenFlag.CREAT, FILE_MODE);
      try {
        awaitLock(() => tryWriteLock(file), this.path, "another process is writing it");
        const { byteLength, identity } = statusOfDescriptor(file);
        const isCurrent = identityOf(this.path) === identity;
        if (isCurrent && byteLength < this.#maxBytes) return file;
        if (isCurrent) Deno.renameSync(this.path, `${this.#folder}/${PREVIOUS_NAME}`);
      } catch (error) {
        file[Symbol.dispose]();
        throw error;
      }
      file[Symbol.dispose]();
    }
    throw new TickError("BUSY", `Cannot log to ${this.path}: others keep setting it aside. Try again.`);
  }

  #explained<Result>(action: () => Result): Result {
    return orUnavailable(
      action,
      (reason) => `Cannot log to ${this.path}. ${reason} Make room and try again.`,
    );
  }
}

function writeLine(file: FileDescriptor, line: string): void {
  const { byteLength } = statusOfDescriptor(file);
  const last = new Uint8Array(1);
  // A crash may have left half a line: the new one begins on its own.
  const isTorn = byteLength > 0 && file.readAt(last, byteLength - 1) === 1 && last[0] !== LINE_FEED;
  file.writeAt(new TextEncoder().encode(`${isTorn ? "\n" : ""}${line}\n`), byteLength);
  file.sync();
}

function identityOf(path: string): string | null {
  try {
    return statusOfPath(path).identity;
  } catch (error) {
    if (error instanceof LibcError) return null;
    throw error;
  }
}
