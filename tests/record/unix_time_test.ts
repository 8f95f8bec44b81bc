import { assertEquals, assertLess, assertThrows } from "@std/assert";
import {
  addNs,
  compareUnixTime,
  differenceSeconds,
  fromIsoString,
  fromNs,
  fromSeconds,
  toIsoString,
  toNs,
  toSeconds,
  toUnixTime,
  type UnixTime,
} from "../../record/unix_time.ts";
import { available } from "../support/available.ts";
import { python } from "../support/python.ts";
import { Random } from "../support/random.ts";

/** As ns: the epoch and its neighbours, the ends of the eras, a leap day, year 1 and year 9999. */
const INSTANTS_NS = [
  0n,
  1n,
  -1n,
  999_999_999n,
  -999_999_999n,
  -1_000_000_000n,
  -1_000_000_001n,
  2_085_978_496_000_000_000n,
  951_825_599_999_999_999n,
  1_772_366_400_123_456_789n,
  2_147_483_648_000_000_001n,
  -62_135_596_800_000_000_000n,
  253_402_300_799_999_999_999n,
];

Deno.test({
  name: "toIsoString() and fromNs() agree with Python's datetime, nine digits always",
  ignore: !available("python3"),
  async fn() {
    const expected = await python(
      `
import sys
from datetime import datetime, timedelta, timezone
for argument in sys.argv[1:]:
    seconds, nanoseconds = divmod(int(argument), 10**9)
    whole = datetime(1970, 1, 1, tzinfo=timezone.utc) + timedelta(seconds=seconds)
    print(f"{seconds} {nanoseconds} {whole:%m-%dT%H:%M:%S}.{nanoseconds:09d}Z {whole.year:04d}")
`,
      ...INSTANTS_NS.map(String),
    );
    const lines = INSTANTS_NS.map((ns) => {
      const time = fromNs(ns);
      const iso = toIsoString(time);
      return `${time.seconds} ${time.nanoseconds} ${iso.slice(5)} ${iso.slice(0, 4)}`;
    });
    assertEquals(lines, expected.split("\n"));
  },
});

Deno.test("toIsoString() writes UTC, and counts on from the floor before 1970", () => {
  const time = { seconds: 1_772_366_400, nanoseconds: 123_456_789 };
  assertEquals(toIsoString(time), "2026-03-01T12:00:00.123456789Z");
  assertEquals(toIsoString({ seconds: -1, nanoseconds: 1 }), "1969-12-31T23:59:59.000000001Z");
});

Deno.test({
  name: "fromIsoString() agrees with Python's datetime, whatever the zone and the digits",
  ignore: !available("python3"),
  async fn() {
    const texts = [
      "2026-03-01T12:00:00.123456Z",
      "2026-03-01T12:00:00Z",
      "2026-03-01T12:00:00.5+05:30",
      "2024-02-29T23:59:59.999999-11:45",
      "1969-12-31T23:59:59.25Z",
      "0001-01-01T00:00:00Z",
      "9999-12-31T23:59:59.999999Z",
    ];
    const expected = await python(
      `
import sys
from datetime import datetime, timedelta, timezone
epoch = datetime(1970, 1, 1, tzinfo=timezone.utc)
for text in sys.argv[1:]:
    digits = (text[20:].rstrip("Z").split("+")[0].split("-")[0]) if text[19] == "." else ""
    zone = text[19 + (len(digits) + 1 if digits else 0):]
    whole = datetime.fromisoformat(text[:19] + "." + digits.ljust(6, "0") + zone.replace("Z", "+00:00"))
    print((whole - epoch) // timedelta(microseconds=1) * 1000)
`,
      ...texts,
    );
    assertEquals(texts.map((text) => String(toNs(fromIsoString(text)))), expected.split("\n"));
  },
});

Deno.test("fromIsoString() takes back what toIsoString() wrote, to the nanosecond", () => {
  for (const ns of INSTANTS_NS.filter((ns) => ns > -62_000_000_000_000_000_000n)) {
    assertEquals(toNs(fromIsoString(toIsoString(fromNs(ns)))), ns);
  }
});

Deno.test("fromIsoString() refuses what is no instant", () => {
  const texts = [
    "",
    "noon",
    "2026-03-01",
    "2026-03-01T12:00:00",
    "2026-03-01 12:00:00Z",
    "2026-02-30T00:00:00Z",
    "2025-02-29T00:00:00Z",
    "2026-13-01T00:00:00Z",
    "2026-03-01T25:00:00Z",
    "2026-03-01T12:60:00Z",
    "2026-03-01T12:00:00.1234567890Z",
    "2026-03-01T12:00:00.Z",
    "2026-03-01T12:00:00+0100",
    "2026-03-01T12:00:00+25:00",
  ];
  for (const text of texts) {
    assertThrows(() => fromIsoString(text), RangeError, `Cannot use "${text}" as a time`);
  }
});

Deno.test("toNs() takes back what fromNs() made", () => {
  for (const ns of INSTANTS_NS) assertEquals(toNs(fromNs(ns)), ns);
});

Deno.test({
  name: "fromSeconds() is the nearest nanosecond to what the double holds, as Python's Fraction has it",
  ignore: !available("python3"),
  async fn() {
    const random = new Random(3);
    const doubles = [
      0,
      -0,
      0.1,
      -0.1,
      1e-9,
      -1e-9,
      -1e-20,
      0.999_999_999_9,
      1_772_366_400.123_456_7,
      -1_772_366_400.123_456_7,
      4_102_444_800.999_999_9,
      ...Array.from({ length: 500 }, () => (random.uniform() - 0.5) * 10 ** (random.uniform() * 20 - 9)),
    ];
    const expected = await python(
      `
import struct, sys
from fractions import Fraction
doubles = bytes.fromhex(sys.argv[1])
for value, in struct.iter_unpack("<d", doubles): print(round(Fraction(value) * 10**9))
`,
      new Uint8Array(new Float64Array(doubles).buffer).toHex(),
    );
    const exact = expected.split("\n").map(BigInt);
    doubles.forEach((value, i) => {
      const time = fromSeconds(value);
      assertEquals(time.nanoseconds >= 0 && time.nanoseconds < 1e9, true, String(value));
      // At exact halves Python rounds to even and JavaScript up.
      const off = toNs(time) - exact[i]!;
      assertEquals(off * off <= 1n, true, `${value} is ${off} ns off`);
    });
  },
});

Deno.test("toUnixTime() takes the three forms of an instant", () => {
  const time = { seconds: -2, nanoseconds: 500_000_000 };
  assertEquals(toUnixTime(time), time);
  assertEquals(toUnixTime(-1.5), time);
  assertEquals(toUnixTime(-1_500_000_000n), time);
});

Deno.test("toUnixTime() refuses what is not an instant, and says what would be", () => {
  for (const value of [NaN, Infinity, -Infinity]) {
    assertThrows(
      () => toUnixTime(value),
      RangeError,
      `Cannot use ${value} as a time: give finite Unix seconds.`,
    );
  }
  const parts: [number, number][] = [[1.5, 0], [0, -1], [0, 1e9], [0, 0.5], [NaN, 0], [0, NaN], [2 ** 53, 0]];
  for (const [seconds, nanoseconds] of parts) {
    assertThrows(
      () => toUnixTime({ seconds, nanoseconds }),
      RangeError,
      `Cannot use { seconds: ${seconds}, nanoseconds: ${nanoseconds} } as a time: seconds must be an integer and`,
    );
  }
});

Deno.test("toSeconds() is the double nearest to the instant", () => {
  assertEquals(toSeconds({ seconds: 1_772_366_400, nanoseconds: 250_000_000 }), 1_772_366_400.25);
  assertEquals(toSeconds({ seconds: -2, nanoseconds: 500_000_000 }), -1.5);
});

Deno.test("addNs() carries as bigint arithmetic does, across an era and back", () => {
  const random = new Random(5);
  const steps = [0, 1, -1, 999_999_999, -1_000_000_000, 2 ** 53 - 1, -(2 ** 53 - 1)];
  for (let i = 0; i < 1000; i++) {
    steps.push(Math.round((random.uniform() - 0.5) * 2 ** (random.uniform() * 54)));
  }
  const start: UnixTime = { seconds: 1_772_366_400, nanoseconds: 999_999_999 };
  for (const step of steps) {
    const moved = addNs(start, step);
    assertEquals(moved.nanoseconds >= 0 && moved.nanoseconds < 1e9, true);
    // The sum itself may leave the integers that a double holds by one bit.
    const off = toNs(moved) - toNs(start) - BigInt(step);
    assertEquals(Math.abs(step) > 2 ** 53 - 1e9 ? off * off <= 1n : off === 0n, true, String(step));
  }
});

Deno.test("addNs() keeps its nanoseconds in range for every correction that a record may hold", () => {
  for (let seconds = 2 ** 32 - 64; seconds <= 2 ** 32; seconds++) {
    for (const sign of [1, -1]) {
      const ns = sign * seconds * 1e9;
      for (const near of [-512, 0, 512]) {
        const { nanoseconds } = addNs({ seconds: 0, nanoseconds: 0 }, ns + near);
        assertEquals(nanoseconds >= 0 && nanoseconds < 1e9, true, `${ns} + ${near}`);
      }
    }
  }
});

Deno.test("differenceSeconds() keeps the nanoseconds that doubles of Unix seconds lose", () => {
  const a = { seconds: 1_772_366_401, nanoseconds: 1 };
  const b = { seconds: 1_772_366_400, nanoseconds: 999_999_999 };
  assertLess(Math.abs(differenceSeconds(a, b) - 2e-9), 1e-15);
  assertLess(Math.abs(differenceSeconds(b, a) + 2e-9), 1e-15);
});

Deno.test("compareUnixTime() orders by the seconds first", () => {
  const early = { seconds: -1, nanoseconds: 999_999_999 };
  const late = { seconds: 0, nanoseconds: 0 };
  assertEquals([
    Math.sign(compareUnixTime(early, late)),
    Math.sign(compareUnixTime(late, early)),
    compareUnixTime(late, { ...late }),
    Math.sign(compareUnixTime(late, { seconds: 0, nanoseconds: 1 })),
  ], [-1, 1, 0, -1]);
});
