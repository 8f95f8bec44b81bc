import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { HostileRecordError } from "../../record/errors.ts";
import { FIELDS } from "../../record/layout.ts";
import {
  checkRecord,
  type ChronoTickData,
  correctionSeconds,
  decodeRecord,
  emptyRecord,
  encodeRecord,
  roundUpToFloat32,
  sigmaSeconds,
} from "../../record/record.ts";
import { toNs } from "../../record/unix_time.ts";
import { available } from "../support/available.ts";
import { python } from "../support/python.ts";
import { Random } from "../support/random.ts";

/** Every field another value; doubles and floats that are exact in binary. */
const SAMPLE: ChronoTickData = {
  correctedTimestamp: 1772366400.25,
  systemTimestamp: 1772366400.125,
  predictionTime: 1772366399.5,
  offsetCorrection: -0.125,
  driftRate: 2 ** -15,
  offsetUncertainty: 2 ** -13,
  driftUncertainty: 2 ** -23,
  validUntil: 1772366459.5,
  confidence: 0.96875,
  sequenceNumber: 0xfffffffe,
  flags: 0x0037041f,
  source: 4,
  measurementCount: 4_000_000_001,
  writerPid: 4_194_303,
  lastNtpSync: 1772366397.75,
  daemonUptime: 86_400.5,
  totalCorrections: 3_000_000_002,
  layoutVersion: 1,
  averageLatencyMs: 0.015625,
  maxError: 0.0078125,
  boottimeAnchor: { seconds: 1_771_000_000, nanoseconds: 123_456_789 },
};

/** The same values, in the order of the table, as Python prints them. */
const SAMPLE_IN_PYTHON = [
  "1772366400.25 1772366400.125 1772366399.5 -0.125 3.0517578125e-05 0.0001220703125 1.1920928955078125e-07",
  "1772366459.5 0.96875 4294967294 3605535 4 4000000001 4194303 1772366397.75 86400.5 3000000002 1",
  "0.015625 0.0078125 1771000000123456789",
].join(" ");

function bytesOf(record: ChronoTickData): DataView<ArrayBuffer> {
  const view = new DataView(new ArrayBuffer(128));
  encodeRecord(record, view);
  return view;
}

function hexOf(view: DataView<ArrayBuffer>): string {
  return new Uint8Array(view.buffer).toHex();
}

function decoded(view: DataView): ChronoTickData {
  const record = emptyRecord();
  decodeRecord(view, record);
  return record;
}

Deno.test({
  name: "encodeRecord() writes what Python's struct reads in the full format",
  ignore: !available("python3"),
  async fn() {
    const code = "import struct, sys; print(*struct.unpack('<8df5I2d2I2fq', bytes.fromhex(sys.argv[1])))";
    assertEquals(await python(code, hexOf(bytesOf(SAMPLE))), SAMPLE_IN_PYTHON);
  },
});

Deno.test({
  name: "encodeRecord() writes what a reader of the first description's format still reads",
  ignore: !available("python3"),
  async fn() {
    const code =
      "import struct, sys; print(*struct.unpack('@8df4I2d2If12s', bytes.fromhex(sys.argv[1]))[:-1])";
    const withoutNewFields = SAMPLE_IN_PYTHON.replace(" 4194303", "").replace(/ \S+ \S+$/, "");
    assertEquals(await python(code, hexOf(bytesOf(SAMPLE))), withoutNewFields);
  },
});

Deno.test({
  name: "decodeRecord() reads what Python's struct packed",
  ignore: !available("python3"),
  async fn() {
    const values = SAMPLE_IN_PYTHON.replaceAll(" ", ",");
    const hex = await python(`import struct; print(struct.pack('<8df5I2d2I2fq', ${values}).hex())`);
    assertEquals(decoded(new DataView(Uint8Array.fromHex(hex).buffer)), SAMPLE);
  },
});

Deno.test("decodeRecord() splits every anchor as bigint arithmetic does", () => {
  const random = new Random(7);
  const anchors = [
    0n,
    1n,
    -1n,
    999_999_999n,
    1_000_000_000n,
    -1_000_000_000n,
    2n ** 32n - 1n,
    -(2n ** 32n),
    2n ** 48n,
    -(2n ** 48n) - 1n,
    2n ** 63n - 1n,
    -(2n ** 63n),
    ...Array.from({ length: 2000 }, () => {
      const bits = BigInt(Math.floor(random.uniform() * 64));
      const word = BigInt(Math.floor(random.uniform() * 2 ** 32)) << 32n;
      return BigInt.asIntN(64, word | BigInt(Math.floor(random.uniform() * 2 ** 32))) >> bits;
    }),
  ];
  const view = bytesOf(SAMPLE);
  for (const anchor of anchors) {
    view.setBigInt64(120, anchor, true);
    const { boottimeAnchor } = decoded(view);
    assertEquals(toNs(boottimeAnchor), anchor);
    assertEquals(boottimeAnchor.nanoseconds >= 0 && boottimeAnchor.nanoseconds < 1e9, true);
  }
});

Deno.test("encodeRecord() rounds max_error up, so that the bound stays one", () => {
  // Python: the floats around 0.0021 are 0.002099999925121665, which is nearer, and 0.0021000001579523087.
  assertEquals(decoded(bytesOf({ ...SAMPLE, maxError: 0.0021 })).maxError, 0.0021000001579523087);
  assertEquals(decoded(bytesOf({ ...SAMPLE, maxError: Infinity })).maxError, Infinity);
});

Deno.test({
  name: "roundUpToFloat32() gives the least float that is not below, as Python's struct finds it",
  ignore: !available("python3"),
  async fn() {
    const random = new Random(11);
    const values = [
      0,
      5e-324,
      2 ** -149,
      2 ** -126 * (1 - 2 ** -30),
      1,
      1 + 2 ** -52,
      2 - 2 ** -52,
      16_777_217,
      3.4028234663852886e38,
      3.4028234663852889e38,
      1e39,
      Infinity,
      ...Array.from({ length: 3000 }, () => random.uniform() * 10 ** (random.uniform() * 60 - 40)),
    ];
    const expected = await python(
      `
import struct, sys
def up(value):
    try: bits = struct.unpack("<I", struct.pack("<f", value))[0]
    except OverflowError: return 0x7f800000
    return bits if struct.unpack("<f", struct.pack("<I", bits))[0] >= value else bits + 1
doubles = bytes.fromhex(sys.argv[1])
print(struct.pack(f"<{len(doubles) // 8}I", *(up(v) for v, in struct.iter_unpack("<d", doubles))).hex())
`,
      new Uint8Array(new Float64Array(values).buffer).toHex(),
    );
    const rounded = new Float32Array(values.map(roundUpToFloat32));
    assertEquals(new Uint8Array(rounded.buffer).toHex(), expected);
  },
});

const INFINITIES = [Infinity, -Infinity];
const YEAR_3000 = 32_503_680_000;
const ERA = 4_294_967_296;
const UNIX_SECONDS = { accepted: [0, 1.5, YEAR_3000], refused: [NaN, ...INFINITIES, -5e-324, YEAR_3000 + 1] };
const NOT_NEGATIVE = { accepted: [0, 5e-324, 1e300], refused: [NaN, ...INFINITIES, -5e-324] };

/** For each field on which PROTOCOL.md sets a range: values at its edges and beyond. */
const RANGES: Partial<Record<keyof ChronoTickData, { accepted: number[]; refused: number[] }>> = {
  correctedTimestamp: UNIX_SECONDS,
  systemTimestamp: UNIX_SECONDS,
  predictionTime: UNIX_SECONDS,
  offsetCorrection: { accepted: [0, ERA, -ERA], refused: [NaN, ...INFINITIES, ERA + 1, -ERA - 1] },
  driftRate: { accepted: [0, 0.125, -0.125], refused: [NaN, ...INFINITIES, 0.1251, -0.1251] },
  offsetUncertainty: NOT_NEGATIVE,
  driftUncertainty: NOT_NEGATIVE,
  validUntil: UNIX_SECONDS,
  confidence: { accepted: [0, 1], refused: [NaN, ...INFINITIES, -5e-324, 1.0001] },
  source: { accepted: [0, 4], refused: [5, 0xffffffff] },
  lastNtpSync: UNIX_SECONDS,
  daemonUptime: NOT_NEGATIVE,
  layoutVersion: { accepted: [0, 1], refused: [2, 0xffffffff] },
  averageLatencyMs: NOT_NEGATIVE,
  maxError: { accepted: [0, ERA, Infinity], refused: [NaN, -Infinity, -5e-324, ERA + 1, 1e30] },
};

Deno.test("checkRecord() accepts every field at the edges of its range", () => {
  checkRecord(SAMPLE);
  checkRecord({ ...SAMPLE, flags: 0xffffffff, measurementCount: 0xffffffff, writerPid: 0 });
  for (const [key, { accepted }] of Object.entries(RANGES)) {
    for (const value of accepted) checkRecord({ ...SAMPLE, [key]: value });
  }
});

Deno.test("checkRecord() refuses every field beyond its range, and names it and its value", () => {
  for (const [key, { refused }] of Object.entries(RANGES)) {
    for (const value of refused) {
      const error = assertThrows(() => checkRecord({ ...SAMPLE, [key]: value }), HostileRecordError);
      assertEquals(error.field, FIELDS[key as keyof typeof FIELDS].name);
      assertStringIncludes(error.message, `${error.field} is ${value}, but must be `);
    }
  }
});

Deno.test("checkRecord() says of a newer layout that the reader needs an update", () => {
  const error = assertThrows(() => checkRecord({ ...SAMPLE, layoutVersion: 2, driftRate: NaN }));
  assertEquals(
    (error as Error).message,
    "Cannot use the record: layout_version is 2, but must be at most 1, the newest this reader knows; update it. Check which program writes this segment.",
  );
});

Deno.test("correctionSeconds() grows with the drift, on both sides of the prediction", () => {
  const record = { ...SAMPLE, offsetCorrection: 0.25, driftRate: 2 ** -10 };
  assertEquals([-128, 0, 64].map((seconds) => correctionSeconds(record, seconds)), [0.125, 0.25, 0.3125]);
});

Deno.test("sigmaSeconds() adds the two uncertainties in squares", () => {
  const record = { ...SAMPLE, offsetUncertainty: 3e-6, driftUncertainty: 1e-6 };
  assertEquals(sigmaSeconds(record, 0), 3e-6);
  assertEquals(Math.round(sigmaSeconds(record, 4) * 1e12), 5_000_000);
  assertEquals(Math.round(sigmaSeconds(record, -4) * 1e12), 5_000_000);
});
