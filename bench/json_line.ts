/**
 * How the bench's processes talk: one value of JSON a line.
 *
 * @module
 */

/** Prints `value` for the process that started this one. */
export function printJsonLine(value: unknown): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${JSON.stringify(value)}\n`));
}

/** The values of a stream of such lines, until it ends. */
export async function* jsonLines<T>(stream: ReadableStream<Uint8Array<ArrayBuffer>>): AsyncGenerator<T> {
  let unread = "";
  for await (const text of stream.pipeThrough(new TextDecoderStream())) {
    const lines = (unread + text).split("\n");
    unread = lines.pop()!;
    for (const line of lines) yield JSON.parse(line) as T;
  }
}
