/**
 * A file line by line, in constant memory whatever is in it.
 *
 * @module
 */
import { MAX_LINE_BYTES, TraceLineError } from "./trace_fields.ts";

const CHUNK_BYTES = 65_536;
const LINE_FEED = 0x0a;

/** The part of a file that is read. */
export type ByteSource = Pick<Deno.FsFile, "readSync">;

/** Iterates over the lines of a file; blank ones are left out. */
export class LineReader implements Iterable<string> {
  readonly #source: ByteSource;
  readonly #decoder = new TextDecoder("utf-8", { fatal: true });
  #number = 0;
  #bytesRead = 0;

  constructor(source: ByteSource) {
    this.#source = source;
  }

  /** Number of the line given out last, or of the one that cannot be read; the first is 1. */
  get number(): number {
    return this.#number;
  }

  /** How much of the file has been read. */
  get bytesRead(): number {
    return this.#bytesRead;
  }

  /** @throws {TraceLineError} a line is too long or no UTF-8 */
  *[Symbol.iterator](): Generator<string> {
    let rest: Uint8Array<ArrayBufferLike> = new Uint8Array(0);
    for (let chunk = this.#read(); chunk !== null; chunk = this.#read()) {
      let from = 0;
      for (let to = chunk.indexOf(LINE_FEED); to >= 0; to = chunk.indexOf(LINE_FEED, from)) {
        yield* this.#line(joined(rest, chunk.subarray(from, to)));
        rest = rest.subarray(0, 0);
        from = to + 1;
      }
      rest = joined(rest, chunk.subarray(from));
      if (rest.length > MAX_LINE_BYTES) yield* this.#line(rest);
    }
    yield* this.#line(rest);
  }

  #read(): Uint8Array | null {
    const chunk = new Uint8Array(CHUNK_BYTES);
    const length = this.#source.readSync(chunk);
    this.#bytesRead += length ?? 0;
    return length === null ? null : chunk.subarray(0, length);
  }

  *#line(bytes: Uint8Array): Generator<string> {
    this.#number++;
    if (bytes.length > MAX_LINE_BYTES) throw new TraceLineError(`it is longer than ${MAX_LINE_BYTES} bytes`);
    const text = this.#decode(bytes);
    if (text.trim() !== "") yield text;
  }

  #decode(bytes: Uint8Array): string {
    try {
      return this.#decoder.decode(bytes);
    } catch {
      throw new TraceLineError("it is no UTF-8 text");
    }
  }
}

function joined(head: Uint8Array, tail: Uint8Array): Uint8Array {
  if (head.length === 0) return tail;
  const whole = new Uint8Array(head.length + tail.length);
  whole.set(head);
  whole.set(tail, head.length);
  return whole;
}
