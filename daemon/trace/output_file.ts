/**
 * A text file written in large pieces.
 *
 * @module
 */
import { fileFault } from "../file_fault.ts";

/** A file cannot be written. */
export class OutputFileError extends Error {
  override readonly name = "OutputFileError";
  readonly path: string;

  constructor(path: string, reason: string) {
    super(`Cannot write ${path}: ${reason}. Choose another file.`);
    this.path = path;
  }
}

const PIECE_CHARACTERS = 65_536;

/** Open until it is disposed; what was not flushed then is lost. */
export class OutputFile implements Disposable {
  readonly #path: string;
  readonly #file: Deno.FsFile;
  #text = "";

  private constructor(path: string, options: Deno.OpenOptions) {
    this.#path = path;
    try {
      this.#file = Deno.openSync(path, { write: true, ...options });
    } catch (error) {
      const reason = error instanceof Deno.errors.AlreadyExists ? "it exists already" : fileFault(error);
      throw new OutputFileError(path, reason);
    }
  }

  /** A new file. @throws {OutputFileError} it cannot be created, or is there already */
  static create(path: string): OutputFile {
    return new OutputFile(path, { createNew: true });
  }

  /** A new file, or one whose content is given up. @throws {OutputFileError} it cannot be written */
  static replace(path: string): OutputFile {
    return new OutputFile(path, { create: true, truncate: true });
  }

  /** Adds `text`, sooner or later. @throws {OutputFileError} the disk is full, for instance */
  write(text: string): void {
    this.#text += text;
    if (this.#text.length >= PIECE_CHARACTERS) this.flush();
  }

  /** Writes everything that was added. @throws {OutputFileError} the disk is full, for instance */
  flush(): void {
    const bytes = new TextEncoder().encode(this.#text);
    this.#text = "";
    try {
      for (let written = 0; written < bytes.length;) written += this.#file.writeSync(bytes.subarray(written));
    } catch (error) {
      throw new OutputFileError(this.#path, fileFault(error));
    }
  }

  /** Closes the file. */
  [Symbol.dispose](): void {
    this.#file.close();
  }
}
