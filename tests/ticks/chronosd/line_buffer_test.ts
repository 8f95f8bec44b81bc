import { assertEquals } from "@std/assert";
import { LineBuffer, MAX_LINE_BYTES } from "../../../ticks/chronosd/line_buffer.ts";
import { Random } from "../../support/random.ts";

/** What `buffer` makes of `bytes` that come in portions; `portion` says how many of the free bytes come next. */
function feed(buffer: LineBuffer, bytes: Uint8Array, portion: (space: number) => number): (string | null)[] {
  const lines: (string | null)[] = [];
  for (let start = 0; start < bytes.length;) {
    const part = bytes.subarray(start, start + portion(buffer.space.length));
    buffer.space.set(part);
    start += part.length;
    for (const line of buffer.take(part.length)) lines.push(line && new TextDecoder().decode(line));
  }
  return lines;
}

const encode = (text: string) => new TextEncoder().encode(text);
const whole = (space: number) => space;

Deno.test("lines that come byte by byte and lines that come together are the same", () => {
  const text = "PING\n\nSTAMP:agént\r\nNEXT";
  const expected = ["PING", "", "STAMP:agént\r"];
  assertEquals(feed(new LineBuffer(), encode(text), () => 1), expected);
  assertEquals(feed(new LineBuffer(), encode(text), whole), expected);
});

Deno.test("a line of 4096 bytes is whole, and of a longer one nothing comes but null, once", () => {
  assertEquals(MAX_LINE_BYTES, 4096);
  for (const portion of [() => 1, () => 100, () => 4096, whole]) {
    for (const length of [4095, 4096]) {
      const line = "x".repeat(length);
      assertEquals(feed(new LineBuffer(), encode(`${line}\nPING\n`), portion), [line, "PING"]);
    }
    for (const length of [4097, 8191, 8192, 8193, 100_000]) {
      assertEquals(feed(new LineBuffer(), encode(`${"x".repeat(length)}\nPING\n`), portion), [null, "PING"]);
    }
  }
});

Deno.test("there is always space for more, however the bytes fall", () => {
  const random = new Random(20261121);
  const lines = Array.from({ length: 2000 }, () => "y".repeat(Math.floor(random.uniform() * 5000)));
  const seen = feed(
    new LineBuffer(),
    encode(lines.map((line) => `${line}\n`).join("")),
    (space) => 1 + Math.floor(random.uniform() * (space - 1)),
  );
  assertEquals(seen, lines.map((line) => line.length > 4096 ? null : line));
});
