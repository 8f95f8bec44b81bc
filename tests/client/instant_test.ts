import { assertEquals, assertThrows } from "@std/assert";
import { parseInstant } from "../../client/instant.ts";
import { UsageError } from "../../cli/options.ts";

const NOW = { seconds: 1000, nanoseconds: 600_000_000 };

Deno.test("parseInstant() takes Unix seconds, instants by RFC 3339, and seconds from now, exact to the nanosecond", () => {
  const cases = [
    ["0", 0, 0],
    ["1772366400", 1_772_366_400, 0],
    ["1772366400.000000001", 1_772_366_400, 1],
    ["1772366400.5", 1_772_366_400, 500_000_000],
    ["2026-03-01T12:00:00Z", 1_772_366_400, 0], // date -ud @1772366400
    ["2026-03-01T13:00:00.123456789+01:00", 1_772_366_400, 123_456_789],
    ["+0", 1000, 600_000_000],
    ["+2.5", 1003, 100_000_000],
  ] as const;
  for (const [text, seconds, nanoseconds] of cases) {
    assertEquals(parseInstant(text, () => NOW), { seconds, nanoseconds }, text);
  }
});

Deno.test("parseInstant() refuses everything else", () => {
  for (const text of ["", "tomorrow", "-5", "1e9", "1.0000000001", "2026-02-30T00:00:00Z", "+1h", "12:00"]) {
    assertThrows(() => parseInstant(text, () => NOW), UsageError, "it must be Unix seconds");
  }
});
