/**
 * Where log lines go: standard error or a file.
 *
 * @module
 */

/** Takes log lines. */
export interface LogSink {
  /** What to call it in a message. */
  readonly name: string;
  /** Adds a line; `line` has no line feed. May throw. */
  write(line: string): void;
  /** Starts anew under the same name. May throw. */
  reopen(): void;
  /** Nothing more will come. */
  close(): void;
}

/** The process's standard error. */
export const STANDARD_ERROR: LogSink = {
  name: "standard error",
  write: (line) => writeLine(Deno.stderr, line),
  reopen: () => {},
  close: () => {},
};

/** The log file cannot be opened. */
export class LogFileError extends Error {
  override readonly name = "LogFileError";
  readonly path: string;

  /** `reason` completes the sentence. */
  constructor(path: string, reason: string) {
    super(`Cannot open the log file ${path}: ${reason}. Choose another one with --log-file.`);
    this.path = path;
  }
}

/** Only the daemon's user may read its log. */
const OWNER_MODE = 0o600;

/** A file that lines are appended to; created for its owner alone. */
export class LogFile implements LogSink {
  readonly name: string;
  #file: Deno.FsFile;

  /** @throws {LogFileError} it cannot be opened */
  constructor(path: string) {
    this.name = path;
    try {
      this.#file = open(path);
    } catch (error) {
      throw new LogFileError(path, reasonOf(error));
    }
  }

  /** Throws what the system says, such as that the disk is full. */
  write(line: string): void {
    writeLine(this.#file, line);
  }

  /** Opens the path again: a rotation has moved the old file away. On failure the old one stays open. */
  reopen(): void {
    const fresh = open(this.name);
    this.#file.close();
    this.#file = fresh;
  }

  /** Closes the file; to be done once. */
  close(): void {
    this.#file.close();
  }
}

function open(path: string): Deno.FsFile {
  return Deno.openSync(path, { append: true, create: true, mode: OWNER_MODE });
}

function reasonOf(error: unknown): string {
  if (error instanceof Deno.errors.NotFound) return "its folder does not exist";
  if (error instanceof Deno.errors.IsADirectory) return "it is a folder";
  if (error instanceof Deno.errors.PermissionDenied) return "this user may not write there";
  return error instanceof Error ? error.message : String(error);
}

function writeLine(stream: { writeSync(bytes: Uint8Array): number }, line: string): void {
  const bytes = new TextEncoder().encode(`${line}\n`);
  for (let written = 0; written < bytes.length;) written += stream.writeSync(bytes.subarray(written));
}
