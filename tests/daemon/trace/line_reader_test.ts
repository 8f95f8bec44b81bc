import { assertEquals, assertThrows } from "@std/assert";
import { LineReader } from "../../../daemon/trace/line_reader.ts";
import { TraceLineError } from "../../../daemon/trace/trace_fields.ts";

/** A file that gives out `bytes` in pieces of at most `pieceBytes`. */
function fileOf(bytes: Uint8Array, pieceBytes: number) {
  let from = 0;
  return {
    readSync(into: Uint8Array): number | null {
      if (from >= bytes.length) return null;
      const piece = bytes.subarray(from, from + Math.min(pieceBytes, into.length));
      into.set(piece);
      from += piece.length;
      return piece.length;
    },
  };
}

function readerOf(text: string, pieceBytes = 65_536): LineReader {
  return new LineReader(fileOf(new TextEncoder().encode(text), pieceBytes));
}

Deno.test("LineReader gives out the same lines however the file arrives", () => {
  const text = "one\n\n  \ntwo µ\r\n" + "x".repeat(70) + "\nlast";
  for (const pieceBytes of [1, 2, 7, 65_536]) {
    const numbered: [number, string][] = [];
    const reader = readerOf(text, pieceBytes);
    for (const line of reader) numbered.push([reader.number, line]);
    assertEquals(numbered, [[1, "one"], [4, "two µ\r"], [5, "x".repeat(70)], [6, "last"]]);
    assertEquals(reader.bytesRead, 91);
  }
});

Deno.test("LineReader refuses a line that never ends before it has read all of it", () => {
  let given = 0;
  const endless = {
    readSync(into: Uint8Array): number {
      given += into.length;
      return into.length;
    },
  };
  const error = assertThrows(() => [...new LineReader(endless)], TraceLineError);
  assertEquals(error.message, "it is longer than 65536 bytes");
  assertEquals(given, 131_072);
});

Deno.test("LineReader refuses what is no UTF-8, by its number", () => {
  const reader = new LineReader(fileOf(Uint8Array.of(0x61, 0x0a, 0xc3, 0x28, 0x0a), 65_536));
  assertEquals(assertThrows(() => [...reader], TraceLineError).message, "it is no UTF-8 text");
  assertEquals(reader.number, 2);
});
