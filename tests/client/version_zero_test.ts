import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertGreaterOrEqual,
  assertLess,
  assertLessOrEqual,
  assertThrows,
} from "@std/assert";
import { ChronoTickClient } from "../../client/client.ts";
import { Clock, nowNs } from "../../ffi/clocks.ts";
import { NotSynchronizedError, StaleRecordError } from "../../record/errors.ts";
import { toNs } from "../../record/unix_time.ts";
import { available } from "../support/available.ts";
import { randomShmName } from "../support/published_record.ts";
import { python } from "../support/python.ts";

/** A writer in Python, standard library only: `FORMAT NAME VALUE…`, where NOW stands for CLOCK_REALTIME. */
const WRITER = `
import os, struct, sys, time
layout, name, *values = sys.argv[1:]
now = time.clock_gettime(time.CLOCK_REALTIME)
anchor = time.clock_gettime_ns(time.CLOCK_REALTIME) - time.clock_gettime_ns(time.CLOCK_BOOTTIME)
packed = struct.pack(layout, *(eval(value, {"now": now, "anchor": anchor}) for value in values))
with open(os.open("/dev/shm/" + name, os.O_CREAT | os.O_WRONLY, 0o644), "wb") as file: file.write(packed)
print(repr(now), anchor, len(packed))
`;

const COMMON = "now+0.125 now now-1 0.125 2**-15 2**-13 2**-23 now+59 0.96875 8 7 1 42";

interface Written extends Disposable {
  readonly name: string;
  readonly now: number;
  readonly anchorNs: bigint;
}

async function writtenByPython(format: string, values: string): Promise<Written> {
  const name = randomShmName();
  const printed = await python(WRITER, format, name, ...values.split(" "));
  const [now, anchorNs, byteLength] = printed.split(" ") as [string, string, string];
  assertEquals(byteLength, "128");
  return {
    name,
    now: Number(now),
    anchorNs: BigInt(anchorNs),
    [Symbol.dispose]: () => Deno.removeSync(`/dev/shm/${name}`),
  };
}

Deno.test({
  name: "a client reads every field of a record that Python packed in the full format",
  ignore: !available("python3"),
  async fn() {
    using written = await writtenByPython(
      "<8df5I2d2I2fq",
      `${COMMON} 4711 now-3 321.5 1234 1 0.015625 0.0078125 anchor`,
    );
    using client = new ChronoTickClient({ shmName: written.name });
    const { ageSeconds, state, boottimeAnchor, ...fields } = client.read();
    assertEquals(fields, {
      correctedTimestamp: written.now + 0.125,
      systemTimestamp: written.now,
      predictionTime: written.now - 1,
      offsetCorrection: 0.125,
      driftRate: 2 ** -15,
      offsetUncertainty: 2 ** -13,
      driftUncertainty: 2 ** -23,
      validUntil: written.now + 59,
      confidence: 0.96875,
      sequenceNumber: 8,
      flags: 7,
      source: 1,
      measurementCount: 42,
      writerPid: 4711,
      lastNtpSync: written.now - 3,
      daemonUptime: 321.5,
      totalCorrections: 1234,
      layoutVersion: 1,
      averageLatencyMs: 0.015625,
      maxError: 0.0078125,
    });
    assertEquals([state, toNs(boottimeAnchor)], ["valid", written.anchorNs]);
    assert(ageSeconds > 0 && ageSeconds < 2.5);
    const { earliest, latest } = client.now();
    const halfWidth = Number(toNs(latest) - toNs(earliest)) / 2e9;
    // The interval was asked for between two looks at the record's age.
    assertGreaterOrEqual(halfWidth, 0.0078125 + 50e-6 * ageSeconds - 1e-9);
    assertLessOrEqual(halfWidth, 0.0078125 + 50e-6 * client.read().ageSeconds + 1e-9);
  },
});

for (const padding of ["bytes(12)", "b'never\\xffzeroed'"]) {
  Deno.test({
    name:
      `a client tells the time, but no bound, from the first description's format with ${padding} at its end`,
    ignore: !available("python3"),
    async fn() {
      using written = await writtenByPython(
        "@8df4I2d2If12s",
        `${COMMON} now-3 321.5 1234 0 0.015625 ${padding}`,
      );
      using client = new ChronoTickClient({ shmName: written.name });
      const time = client.getTime();
      // 2⁻¹⁵ of the second since the prediction, and of the moment since the publication.
      assertAlmostEquals(time.correctionSeconds, 0.125 + 2 ** -15, 2.5 * 2 ** -15);
      const realtimeNs = nowNs(Clock.REALTIME);
      assertLess(Math.abs(Number(toNs(time.time) - realtimeNs) / 1e9 - time.correctionSeconds), 0.01);
      assertEquals([time.interval, time.maxErrorSeconds], [null, Infinity]);
      assertThrows(
        () => client.now(),
        NotSynchronizedError,
        "within bounds: its writer gives no hard bound (max_error). Use getTime() and its sigma.",
      );
      const { layoutVersion, maxError, writerPid, measurementCount, averageLatencyMs } = client.read();
      assertEquals([layoutVersion, maxError, writerPid, measurementCount, averageLatencyMs], [
        0,
        Infinity,
        0,
        42,
        0.015625,
      ]);
    },
  });
}

Deno.test({
  name: "a client refuses a record of the first description that is old by CLOCK_REALTIME",
  ignore: !available("python3"),
  async fn() {
    const old = COMMON.replace(" now ", " now-2.6 ");
    using written = await writtenByPython("@8df4I2d2If12s", `${old} now-3 321.5 1234 0 0.015625 bytes(12)`);
    using client = new ChronoTickClient({ shmName: written.name });
    assertThrows(() => client.getTime(), StaleRecordError);
  },
});
