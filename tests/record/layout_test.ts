import { assertEquals } from "@std/assert";
import {
  CorrectionSource,
  FIELDS,
  Flag,
  flagNames,
  RECORD_BYTES,
  SEQUENCE_WORD,
  sourceName,
  warmupPercent,
  withWarmupPercent,
} from "../../record/layout.ts";
import { available } from "../support/available.ts";
import { python } from "../support/python.ts";

const BYTES_OF_TYPE = { f64: 8, f32: 4, u32: 4, i64: 8 } as const;

Deno.test("FIELDS follow each other without gaps and fill two cache lines", () => {
  let end = 0;
  for (const { name, offset, type } of Object.values(FIELDS)) {
    assertEquals(offset, end, name);
    end = offset + BYTES_OF_TYPE[type];
  }
  assertEquals(end, 128);
  assertEquals(RECORD_BYTES, 128);
});

Deno.test({
  name: "FIELDS lie where Python's struct puts them, in the first description's format and in the full one",
  ignore: !available("python3"),
  async fn() {
    const sizes = await python(`
import struct
def offsets(codes): # of each field: what the fields before it fill, with the padding that it needs itself
    return [struct.calcsize("@" + codes[:i] + "0" + codes[i]) for i in range(len(codes))]
print(offsets("ddddddddfIIIIddIIf"), struct.calcsize("@8df4I2d2If12s"), end=" ")
print(offsets("ddddddddfIIIIIddIIffq"), struct.calcsize("<8df5I2d2I2fq"))
`);
    // The first description knows neither writer_pid nor what lies in its last twelve bytes.
    const unknown = ["writer_pid", "max_error", "boottime_anchor"];
    const fields = Object.values(FIELDS);
    const known = fields.filter(({ name }) => !unknown.includes(name));
    const list = (of: readonly { readonly offset: number }[]) =>
      `[${of.map(({ offset }) => offset).join(", ")}]`;
    assertEquals(sizes, `${list(known)} 128 ${list(fields)} 128`);
  },
});

Deno.test("the sequence number is the 18th word", () => {
  assertEquals(SEQUENCE_WORD, 17);
});

Deno.test("flagNames() names the bits of the contract, lowest first", () => {
  assertEquals(
    Array.from({ length: 11 }, (_, bit) => flagNames(1 << bit)),
    [
      ["VALID"],
      ["NTP_READY"],
      ["MODELS_READY"],
      ["WARMUP_COMPLETE"],
      ["HOLDOVER"],
      ["DISRUPTED"],
      ["UNSYNCHRONIZED"],
      ["SYSTEM_CLOCK"],
      ["PHC"],
      ["DEGRADED"],
      ["LEAP_PENDING"],
    ],
  );
  assertEquals(flagNames(0b1000_0000_1001), ["VALID", "WARMUP_COMPLETE"]);
  assertEquals(flagNames(0xffff_f800), []);
});

Deno.test("warmupPercent() reads bits 16 to 23, whatever the others are", () => {
  assertEquals(warmupPercent(0x0037_0000), 55);
  assertEquals(warmupPercent(0xff64_ffff), 100);
  assertEquals(warmupPercent(0xff00_ffff), 0);
});

Deno.test("withWarmupPercent() replaces bits 16 to 23 only, rounded down and held within 0 to 100", () => {
  assertEquals(withWarmupPercent(0xff64_ffff, 0x37), 0xff37_ffff);
  assertEquals(withWarmupPercent(Flag.VALID, 99.99), 0x0063_0001);
  assertEquals(withWarmupPercent(Flag.VALID, 250), 0x0064_0001);
  assertEquals(withWarmupPercent(Flag.VALID, -3), 0x0000_0001);
});

Deno.test("sourceName() knows the five sources and calls the rest unknown", () => {
  assertEquals([0, 1, 2, 3, 4, 5].map(sourceName), [
    "no_data",
    "ntp",
    "cpu_model",
    "gpu_model",
    "fusion",
    "unknown",
  ]);
  assertEquals(CorrectionSource, { NO_DATA: 0, NTP: 1, CPU_MODEL: 2, GPU_MODEL: 3, FUSION: 4 });
});
