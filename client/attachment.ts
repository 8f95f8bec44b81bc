/**
 * A reader's hold on the segment: whose it is, whether it may be trusted, and its bytes.
 *
 * @module
 */
import { Errno, LibcError } from "../ffi/errno.ts";
import { isRegularFile, statusOfPath } from "../ffi/files.ts";
import { libc } from "../ffi/libc.ts";
import { AttachedSegment, isPath, pathOfSegment, type SegmentAccess } from "../ffi/shared_memory.ts";
import { HostileRecordError, NoDaemonError, UntrustedSegmentError } from "../record/errors.ts";
import { RECORD_BYTES, SEQUENCE_WORD } from "../record/layout.ts";
import { type Block, blockOf, memoryOrderOf, readBlock } from "../record/seqlock.ts";

/** Which segment to read and whom to trust. */
export interface AttachOptions {
  /** Name of the shared memory, with or without its leading slash. Default `chronotick_shm`. */
  readonly shmName?: string;
  /** Path of the record's file, for a daemon that publishes in one; then no name counts. */
  readonly path?: string;
  /** Users whose segments are trusted besides root's and one's own. */
  readonly trustedUsers?: readonly number[];
  /**
   * How to read: `mmap` is fast, but a segment that its owner truncates kills the reader with SIGBUS; `pread` survives
   * that, about ten times slower. Default `auto`: `pread` for the segments of `trustedUsers`, else `mmap`.
   */
  readonly access?: SegmentAccess | "auto";
}

/** The name that daemon and readers share unless told otherwise. */
export const DEFAULT_SHM_NAME = "chronotick_shm";

const ROOT = 0;
const WRITABLE_BY_OTHERS = 0o022;
const MEMORY_ORDER = memoryOrderOf(Deno.build.arch);

/** An odd sequence for ever, so that whoever looks at it takes the slow path. */
const BUSY_WORDS: Int32Array = (() => {
  const words = new Int32Array(RECORD_BYTES / 4);
  words[SEQUENCE_WORD] = 1;
  return words;
})();

/** The segment by its name, which has no slash, or by its path, which has one. */
export function segmentOf({ shmName = DEFAULT_SHM_NAME, path }: AttachOptions): string {
  if (path !== undefined) return isPath(path) ? path : `./${path}`;
  const name = shmName.replace(/^\//, "");
  if (!isPath(name)) return name;
  throw new TypeError(
    `Cannot attach to ${shmName}: names of shared memory have no slash inside; give the path of a file as \`path\`.`,
  );
}

/** One opened and trusted segment. */
export class Attachment implements Disposable {
  readonly #segment: AttachedSegment;
  readonly #mapped: Block | undefined;

  /**
   * @throws {NoDaemonError} no such segment
   * @throws {UntrustedSegmentError} somebody else's, or writable by others
   * @throws {HostileRecordError} too short for a record
   */
  constructor(options: AttachOptions) {
    this.#segment = openSegment(segmentOf(options));
    try {
      requireTrust(this.#segment, options.trustedUsers ?? []);
      requireSize(this.#segment);
      if (accessOf(this.#segment, options) === "mmap") {
        this.#mapped = blockOf(this.#segment.map(RECORD_BYTES));
      }
    } catch (error) {
      this.#segment[Symbol.dispose]();
      throw error;
    }
  }

  /** The record's live words; with `pread` a stand-in whose sequence never looks unchanged. */
  get liveWords(): Int32Array {
    return this.#mapped?.words ?? BUSY_WORDS;
  }

  /** Copies one whole publication; false when `attempts` all met a write under way. */
  copyInto(copy: Block, attempts: number): boolean {
    if (this.#mapped !== undefined) return readBlock(this.#mapped, copy, MEMORY_ORDER, attempts);
    return this.#readInto(copy, attempts);
  }

  /** Whether the name still leads to this segment. */
  isCurrent(): boolean {
    return this.#segment.isCurrent();
  }

  /** Unmaps and closes; `liveWords` must not be touched afterwards. */
  [Symbol.dispose](): void {
    this.#segment[Symbol.dispose]();
  }

  /** The seqlock by three reads of the file: sequence, record, sequence. */
  #readInto(copy: Block, attempts: number): boolean {
    const bytes = new Uint8Array(copy.words.buffer as ArrayBuffer, 0, RECORD_BYTES);
    for (let attempt = 0; attempt < attempts; attempt++) {
      const before = this.#readSequence();
      if (this.#segment.readAt(bytes, 0) < RECORD_BYTES) throw truncatedError(this.#segment.name);
      if ((before & 1) === 0 && before === copy.words[SEQUENCE_WORD] && before === this.#readSequence()) {
        return true;
      }
    }
    return false;
  }

  #readSequence(): number {
    const sequence = new Int32Array(1);
    const read = this.#segment.readAt(new Uint8Array(sequence.buffer), SEQUENCE_WORD * 4);
    if (read < sequence.byteLength) throw truncatedError(this.#segment.name);
    return sequence[0]!;
  }
}

function openSegment(name: string): AttachedSegment {
  try {
    return AttachedSegment.open(name);
  } catch (error) {
    if (!(error instanceof LibcError)) throw error;
    if (error.errno === Errno.EACCES) throw unreadableError(name, error);
    if (error.errno === Errno.ELOOP) throw otherThingError(name);
    if (error.errno !== Errno.ENOENT) throw error;
    throw new NoDaemonError(
      `Cannot attach to ${name}: no such ${
        isPath(name) ? "file" : "shared memory"
      }. Start the daemon with \`deno task daemon\`, or give its ${optionFor(name)}.`,
      { cause: error },
    );
  }
}

function unreadableError(name: string, cause: LibcError): UntrustedSegmentError {
  const { userId } = statusOfPath(pathOfSegment(name));
  return new UntrustedSegmentError(
    `Cannot read ${name}: it belongs to user ${userId}, who does not let you read it. Remove it and start the daemon, or give its ${
      optionFor(name)
    }.`,
    userId,
    { cause },
  );
}

function optionFor(segment: string): string {
  return isPath(segment) ? "--shm-path" : "--shm-name";
}

function requireTrust(segment: AttachedSegment, trustedUsers: readonly number[]): void {
  const { userId, mode } = segment.status;
  if (userId !== ROOT && userId !== libc.geteuid() && !trustedUsers.includes(userId)) {
    throw new UntrustedSegmentError(
      `Cannot trust ${segment.name}: it belongs to user ${userId}, who is neither root nor you. Name that user in trustedUsers (--trusted-users) if its daemon is yours.`,
      userId,
    );
  }
  if ((mode & WRITABLE_BY_OTHERS) !== 0) {
    throw new UntrustedSegmentError(
      `Cannot trust ${segment.name}: users other than its owner ${userId} may write it. Remove it and start the daemon again.`,
      userId,
    );
  }
}

function requireSize(segment: AttachedSegment): void {
  const { byteLength } = segment.status;
  if (!isRegularFile(segment.status)) throw otherThingError(segment.name);
  // A daemon that has just created the segment has not sized it yet.
  if (byteLength === 0) {
    throw new NoDaemonError(
      `Cannot read ${segment.name}: nothing was published into it yet. Wait for the daemon to start.`,
    );
  }
  if (byteLength < RECORD_BYTES) throw truncatedError(segment.name);
}

function otherThingError(name: string): NoDaemonError {
  return new NoDaemonError(
    `Cannot attach to ${name}: no record is there but a symbolic link, a folder or something else. Remove ${
      pathOfSegment(name)
    } and start the daemon, or give its ${optionFor(name)}.`,
  );
}

function truncatedError(name: string): HostileRecordError {
  return new HostileRecordError(
    `Cannot read ${name}: it is shorter than the ${RECORD_BYTES} bytes of a record. Check which program writes this segment.`,
    "size",
  );
}

function accessOf(segment: AttachedSegment, options: AttachOptions): SegmentAccess {
  if (options.access === "mmap" || options.access === "pread") return options.access;
  const { userId } = segment.status;
  return userId === ROOT || userId === libc.geteuid() ? "mmap" : "pread";
}
