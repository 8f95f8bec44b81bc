/**
 * A stream of bytes as lines of bounded length.
 *
 * @module
 */

/** Stands for a line that was longer than permitted; its bytes are gone. */
export class TooLongLine {}

const LINE_FEED = 0x0a;
const TOO_LONG = new TooLongLine();

/** The lines of `stream` without their line feeds; what follows the last line feed is no line. */
export async function* readLines(
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
  maxBytes: number,
): AsyncGenerator<string | TooLongLine> {
  const decoder = new TextDecoder();
  let parts: Uint8Array[] = [];
  let length = 0;
  for await (let chunk of stream) {
    for (let end = chunk.indexOf(LINE_FEED); end >= 0; end = chunk.indexOf(LINE_FEED)) {
      keep(chunk.subarray(0, end));
      yield length > maxBytes ? TOO_LONG : decoder.decode(joined());
      parts = [];
      length = 0;
      chunk = chunk.subarray(end + 1);
    }
    keep(chunk);
  }

  /** Counts on, but holds no more than is permitted. */
  function keep(part: Uint8Array): void {
    length += part.length;
    if (length <= maxBytes) parts.push(part);
    else parts = [];
  }

  function joined(): Uint8Array {
    if (parts.length === 1) return parts[0]!;
    const line = new Uint8Array(length);
    let at = 0;
    for (const part of parts) {
      line.set(part, at);
      at += part.length;
    }
    return line;
  }
}
