/**
 * A trace's file: lines go out in the order of their time, nobody waits for the disk, and a full one ends the recording
 * and nothing else.
 *
 * @module
 */
import { tryWriteLock } from "../../ffi/file_lock.ts";
import { FileDescriptor, OpenFlag } from "../../ffi/files.ts";
import { fileFault } from "../file_fault.ts";
import { formatTraceLine, type TraceLine } from "./trace_line.ts";

/** The trace cannot be recorded. */
export class TraceFileError extends Error {
  override readonly name = "TraceFileError";
  readonly path: string;

  constructor(path: string, reason: string) {
    super(`Cannot record to ${path}: ${reason}. Choose another file with --record.`);
    this.path = path;
  }
}

/** Lines kept back until nothing earlier can come any more: some minutes' worth. */
export const MAX_HELD_LINES = 10_000;
/** Text that waits for the disk: some hours' worth. */
const MAX_QUEUED_CHARACTERS = 8 * 1024 * 1024;

/** Only the daemon's user may read which servers it asks. */
const OWNER_MODE = 0o600;
const LINE_FEED = 0x0a;

/** Appends to one file until it is disposed or fails. */
export class TraceWriter implements AsyncDisposable {
  readonly #file: Deno.FsFile;
  readonly #lock: FileDescriptor;
  readonly #onFailure: (reason: string) => void;
  #held: TraceLine[] = [];
  #queued: string;
  #wholeBytes: number;
  #writing: Promise<void> | null = null;
  #isStopped = false;

  private constructor(
    file: Deno.FsFile,
    lock: FileDescriptor,
    wholeBytes: number,
    start: string,
    onFailure: (reason: string) => void,
  ) {
    this.#file = file;
    this.#lock = lock;
    this.#wholeBytes = wholeBytes;
    this.#queued = start;
    this.#onFailure = onFailure;
  }

  /**
   * Opens `path`, creating it for its owner alone; what it holds already stays.
   *
   * @param onFailure told once when the recording had to end, with the reason to complete a sentence
   * @throws {TraceFileError} it cannot be opened, or another daemon records to it
   */
  static open(path: string, onFailure: (reason: string) => void): TraceWriter {
    using stack = new DisposableStack();
    try {
      const file = stack.use(
        Deno.openSync(path, { read: true, append: true, create: true, mode: OWNER_MODE }),
      );
      const lock = stack.use(FileDescriptor.open(path, OpenFlag.RDWR));
      // The lines of two daemons, mixed, would be replayed as one's.
      if (!tryWriteLock(lock)) throw new TraceFileError(path, "another daemon records to it");
      const { size } = file.statSync();
      const start = endsInLine(file, size) ? "\n" : "";
      stack.move();
      return new TraceWriter(file, lock, size, start, onFailure);
    } catch (error) {
      throw error instanceof TraceFileError ? error : new TraceFileError(path, fileFault(error));
    }
  }

  /** Takes a line, to be written once `release` says that it is its turn. */
  hold(line: TraceLine): void {
    if (this.#isStopped) return;
    this.#held.push(line);
    if (this.#held.length > MAX_HELD_LINES) this.#stop(`more than ${MAX_HELD_LINES} lines came out of order`);
  }

  /** Nothing earlier than `untilRawNs` will come any more: writes the lines up to there, in their order. */
  release(untilRawNs: bigint): void {
    const isDue = ({ localRawNs }: TraceLine) => localRawNs <= untilRawNs;
    this.#enqueue(this.#held.filter(isDue));
    this.#held = this.#held.filter((line) => !isDue(line));
  }

  /** Writes what is left, and closes the file. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#enqueue(this.#held.splice(0));
    await this.#writing;
    this.#isStopped = true;
    this.#file.close();
    this.#lock[Symbol.dispose]();
  }

  #enqueue(lines: TraceLine[]): void {
    if (this.#isStopped || lines.length === 0) return;
    lines.sort((a, b) => a.localRawNs < b.localRawNs ? -1 : a.localRawNs > b.localRawNs ? 1 : 0);
    this.#queued += lines.map((line) => `${formatTraceLine(line)}\n`).join("");
    if (this.#queued.length > MAX_QUEUED_CHARACTERS) {
      this.#stop("its disk does not take it in as fast as it comes");
    }
    this.#writing ??= this.#write();
  }

  async #write(): Promise<void> {
    try {
      while (this.#queued !== "") {
        const bytes = new TextEncoder().encode(this.#queued);
        this.#queued = "";
        for (let written = 0; written < bytes.length;) {
          written += await this.#file.write(bytes.subarray(written));
        }
        this.#wholeBytes += bytes.length;
      }
    } catch (error) {
      this.#stop(fileFault(error));
      await this.#dropHalfLine();
    }
    this.#writing = null;
  }

  #stop(reason: string): void {
    if (this.#isStopped) return;
    this.#isStopped = true;
    this.#held = [];
    this.#queued = "";
    this.#onFailure(reason);
  }

  /** What a full disk took of the last lines would make the whole trace unreadable. */
  async #dropHalfLine(): Promise<void> {
    try {
      await this.#file.truncate(this.#wholeBytes);
    } catch {
      // A device or a pipe keeps what it took; the reader of the trace will name the line.
    }
  }
}

/** Whether the file ends in the middle of a line, as a crash leaves it. */
function endsInLine(file: Deno.FsFile, size: number): boolean {
  if (size === 0) return false;
  file.seekSync(size - 1, Deno.SeekMode.Start);
  const last = new Uint8Array(1);
  return file.readSync(last) === 1 && last[0] !== LINE_FEED;
}
