/**
 * Cuts a stream of bytes into lines within a fixed piece of memory.
 *
 * @module
 */

/** Bytes of the longest line, its line feed not counted. */
export const MAX_LINE_BYTES = 4096;

/** Whatever is left of a line that may still be completed, and at least as much to read into. */
const BUFFER_BYTES = 2 * MAX_LINE_BYTES;
const LINE_FEED = 0x0a;

/** Holds what a peer has sent and nobody has taken yet; never more than 8 KiB. */
export class LineBuffer {
  readonly #bytes = new Uint8Array(BUFFER_BYTES);
  #length = 0;
  #isSkipping = false;

  /** Where the next bytes are to be read to; never empty. */
  get space(): Uint8Array<ArrayBuffer> {
    return this.#bytes.subarray(this.#length);
  }

  /**
   * The lines that `count` further bytes in `space` complete, without their line feeds, valid until the next read; null
   * for one that is too long, as soon as that is known. What is left of it is skipped.
   */
  *take(count: number): Generator<Uint8Array<ArrayBuffer> | null> {
    const received = this.#bytes.subarray(0, this.#length + count);
    let start = 0;
    for (let end = received.indexOf(LINE_FEED); end >= 0; end = received.indexOf(LINE_FEED, start)) {
      const line = received.subarray(start, end);
      start = end + 1;
      if (!this.#isSkipping) yield line.length > MAX_LINE_BYTES ? null : line;
      this.#isSkipping = false;
    }
    this.#length = received.length - start;
    this.#bytes.copyWithin(0, start, received.length);
    if (this.#length <= MAX_LINE_BYTES) return;
    this.#length = 0;
    if (!this.#isSkipping) yield null;
    this.#isSkipping = true;
  }
}
