import { assertAlmostEquals, assertEquals } from "@std/assert";
import {
  composeRecord,
  type PublicationContext,
  withdrawValidity,
} from "../../../daemon/publish/publication.ts";
import type { ReceivedPrediction } from "../../../daemon/publish/prediction_channel.ts";
import type { ClockReadings } from "../../../daemon/publish/steering.ts";
import { CorrectionSource, Flag } from "../../../record/layout.ts";
import { type ChronoTickData, emptyRecord } from "../../../record/record.ts";
import { toNs } from "../../../record/unix_time.ts";
import { available } from "../../support/available.ts";
import { python } from "../../support/python.ts";
import { somePrediction } from "./some_prediction.ts";

const CLOCKS: ClockReadings = {
  rawNs: 5_103_750_000_321n,
  realtimeNs: 1_780_000_103_698_765_432n,
  boottimeNs: 9_876_543_210_987n,
  monotonicNs: 7_654_321_098_765n,
  spreadNs: 420,
};

const CONTEXT: PublicationContext = {
  steeringRate: -37.5e-6,
  periodSeconds: 0.01,
  disruptions: 2,
  namespaceOffsetNs: 0n,
  writerPid: 4321,
  uptimeSeconds: 17.25,
  averageLatencyMs: 0.0375,
};

function compose(
  prediction: Partial<ReceivedPrediction> = {},
  clocks: Partial<ClockReadings> = {},
  context: Partial<PublicationContext> = {},
): ChronoTickData {
  const record = emptyRecord();
  const received = { ...somePrediction(), totalPredictions: 77, ...prediction };
  composeRecord(record, received, { ...CLOCKS, ...clocks }, { ...CONTEXT, ...context });
  return record;
}

/** What PROTOCOL.md's formula gives, `afterSeconds` of the system clock after the publication. */
function correctedAfter(record: ChronoTickData, afterSeconds: number): number {
  const since = record.systemTimestamp - record.predictionTime + afterSeconds;
  return record.offsetCorrection + record.driftRate * since;
}

/**
 * The same by exact rational arithmetic: UTC runs along the prediction's line over raw time, CLOCK_REALTIME along its
 * own. Prints true − system at the publication and ten raw seconds later, the age on the system's scale, and the bound.
 */
const EXACT = `
import json, sys
from fractions import Fraction as F
a = json.loads(sys.argv[1])
integer = lambda key: int(a[key])
exact = lambda key: F(a[key])  # the double's own value
age = F(integer("rawNs") - integer("baseRawNs"), 10**9) - exact("atSeconds")
utc = F(integer("baseUtcNs") + integer("rawNs") - integer("baseRawNs"), 10**9) \\
    + exact("offsetSeconds") + exact("frequency") * age
system = F(integer("realtimeNs"), 10**9)
later = 10
gained = later * (exact("frequency") - exact("steeringRate"))
bound = exact("maxErrorSeconds") + F(50, 10**6) * age * (1 + exact("steeringRate")) \\
    + (abs(exact("steeringRate")) + F(500, 10**6)) * exact("periodSeconds") + F(5, 10**7) + F(a["spreadNs"], 10**9)
print(json.dumps({
    "offset": float(utc - system),
    "offsetLater": float(utc - system + gained),
    "afterSeconds": float(later * (1 + exact("steeringRate"))),
    "age": float(age * (1 + exact("steeringRate"))),
    "bound": float(bound),
}))
`;

Deno.test({
  name: "composeRecord() restates the prediction over CLOCK_REALTIME as exact arithmetic does",
  ignore: !available("python3"),
  async fn() {
    const prediction = somePrediction();
    const numbers = {
      rawNs: String(CLOCKS.rawNs),
      realtimeNs: String(CLOCKS.realtimeNs),
      spreadNs: CLOCKS.spreadNs,
      baseRawNs: String(prediction.base.rawNs),
      baseUtcNs: String(prediction.base.utcNs),
      atSeconds: prediction.atSeconds,
      offsetSeconds: prediction.offsetSeconds,
      frequency: prediction.frequency,
      maxErrorSeconds: prediction.maxErrorSeconds,
      steeringRate: CONTEXT.steeringRate,
      periodSeconds: CONTEXT.periodSeconds,
    };
    const exact = JSON.parse(await python(EXACT, JSON.stringify(numbers)));
    const record = compose();
    // The times are doubles of Unix seconds, whose steps are 238 ns; differences of them lose some.
    const step = 0.3e-6;
    assertAlmostEquals(record.correctedTimestamp - record.systemTimestamp, exact.offset, step);
    assertAlmostEquals(correctedAfter(record, 0), exact.offset, 1e-9);
    assertAlmostEquals(correctedAfter(record, exact.afterSeconds), exact.offsetLater, 1e-9);
    assertAlmostEquals(record.systemTimestamp - record.predictionTime, exact.age, step);
    assertAlmostEquals(record.maxError, exact.bound, 1e-12);
  },
});

Deno.test("composeRecord() puts every other field where it belongs", () => {
  const record = compose();
  assertAlmostEquals(record.systemTimestamp, 1_780_000_103.698765432, 0.3e-6);
  assertAlmostEquals(record.validUntil - record.predictionTime, 60, 0.3e-6);
  assertEquals(toNs(record.boottimeAnchor), 1_780_000_103_698_765_432n - 9_876_543_210_987n);
  assertEquals(
    {
      offsetUncertainty: record.offsetUncertainty,
      driftUncertainty: record.driftUncertainty,
      confidence: record.confidence,
      flags: record.flags,
      source: record.source,
      measurementCount: record.measurementCount,
      totalCorrections: record.totalCorrections,
      lastNtpSync: record.lastNtpSync,
      writerPid: record.writerPid,
      daemonUptime: record.daemonUptime,
      averageLatencyMs: record.averageLatencyMs,
      layoutVersion: record.layoutVersion,
    },
    {
      offsetUncertainty: 87e-6,
      driftUncertainty: 1.5e-6,
      confidence: 0.987,
      flags: 0b11,
      source: 4,
      measurementCount: 42,
      totalCorrections: 77,
      lastNtpSync: 1_780_000_099.5,
      writerPid: 4321,
      daemonUptime: 17.25,
      averageLatencyMs: 0.0375,
      layoutVersion: 1,
    },
  );
});

Deno.test("composeRecord() anchors to the host's BOOTTIME in a time namespace that is ahead of it", () => {
  const record = compose({}, {}, { namespaceOffsetNs: 5_000_000_000n });
  assertEquals(toNs(record.boottimeAnchor), 1_780_000_103_698_765_432n - 9_871_543_210_987n);
});

for (const step of [3.7, -3.7]) {
  Deno.test(`composeRecord() says the same time after a step of CLOCK_REALTIME by ${step} s`, () => {
    const before = compose();
    const after = compose({}, { realtimeNs: CLOCKS.realtimeNs + BigInt(step * 1e9) });
    assertAlmostEquals(after.correctedTimestamp, before.correctedTimestamp, 0.3e-6);
    assertAlmostEquals(after.offsetCorrection, before.offsetCorrection - step, 0.3e-6);
    assertAlmostEquals(after.predictionTime, before.predictionTime + step, 0.3e-6);
    assertAlmostEquals(after.validUntil, before.validUntil + step, 0.3e-6);
    assertEquals([after.driftRate, after.maxError], [before.driftRate, before.maxError]);
  });
}

Deno.test("composeRecord() follows a slew: the drift is that of the clock as it runs now", () => {
  // A true rate of +12.5 ppm over the bare oscillator, and a clock slewed by +500 ppm over it.
  const record = compose({}, {}, { steeringRate: 500e-6 });
  assertAlmostEquals(record.driftRate, 1.0000125 / 1.0005 - 1, 1e-15);
  assertAlmostEquals(record.driftRate, -487.256e-6, 1e-9);
});

Deno.test("composeRecord() widens the bound with age, steering and the readings' spread", () => {
  const base = compose({}, {}, { steeringRate: 0, periodSeconds: 1 }).maxError;
  // Of an age of 3.250 s: 50 ppm; of a period of 1 s: 500 ppm; half a microsecond of rounding, 420 ns of spread.
  assertAlmostEquals(base, 0.00123 + 162.5e-6 + 500e-6 + 0.5e-6 + 0.42e-6, 1e-9);
  const steered = compose({}, {}, { steeringRate: -100e-6, periodSeconds: 1 }).maxError;
  assertAlmostEquals(steered - base, 100e-6, 1e-7);
  const spread = compose({}, { spreadNs: 100_420 }, { steeringRate: 0, periodSeconds: 1 }).maxError;
  assertAlmostEquals(spread - base, 100e-6, 1e-12);
});

Deno.test("composeRecord() never narrows the bound for a prediction of the future", () => {
  const record = compose({ atSeconds: 200 }, {}, { steeringRate: 0 });
  assertAlmostEquals(record.maxError, 0.00123 + 5e-6 + 0.5e-6 + 0.42e-6, 1e-12);
});

Deno.test("composeRecord() serves the system clock as it is, steered or not", () => {
  const prediction = { scale: "realtime", offsetSeconds: 0, frequency: 0, maxErrorSeconds: 0.5 } as const;
  const record = compose(prediction);
  assertEquals([record.offsetCorrection, record.driftRate], [0, 0]);
  assertEquals(record.correctedTimestamp, record.systemTimestamp);
  assertAlmostEquals(record.systemTimestamp - record.predictionTime, 3.250000198, 0.3e-6);
});

Deno.test("composeRecord() leaves an unknown bound infinite", () => {
  const record = compose({ scale: "realtime", maxErrorSeconds: Infinity, flags: Flag.UNSYNCHRONIZED });
  assertEquals([record.maxError, record.flags], [Infinity, Flag.UNSYNCHRONIZED]);
});

Deno.test("composeRecord() distrusts a prediction that has not digested all disruptions", () => {
  const record = compose({}, {}, { disruptions: 3 });
  assertEquals(record.flags, Flag.NTP_READY | Flag.DISRUPTED);
  assertEquals([record.maxError, record.confidence], [Infinity, 0]);
  assertEquals(record.source, CorrectionSource.NO_DATA);
  assertEquals(record.validUntil, record.systemTimestamp);
  assertEquals(compose({ disruptionsSeen: 3 }, {}, { disruptions: 3 }).flags, Flag.VALID | Flag.NTP_READY);
});

Deno.test("withdrawValidity() leaves a record that nobody may use, and changes nothing else", () => {
  const record = compose();
  const before = structuredClone(record);
  withdrawValidity(record);
  assertEquals(record, {
    ...before,
    flags: Flag.NTP_READY,
    confidence: 0,
    validUntil: before.systemTimestamp,
  });
});
