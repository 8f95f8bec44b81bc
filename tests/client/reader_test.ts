import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertGreater,
  assertLess,
  assertMatch,
  assertThrows,
} from "@std/assert";
import { ChronoTickClient } from "../../client/client.ts";
import { Clock, nowNs, sleepUntil } from "../../ffi/clocks.ts";
import {
  DisruptedError,
  HostileRecordError,
  NotSynchronizedError,
  StaleRecordError,
} from "../../record/errors.ts";
import { FIELDS, Flag, withWarmupPercent } from "../../record/layout.ts";
import { fromNs, toNs } from "../../record/unix_time.ts";
import {
  bytesOf,
  HEALTHY_FLAGS,
  PublishedRecord,
  readAnchorNs,
  recordPublishedAgo,
} from "../support/published_record.ts";

/** A longer wait for a writer would be felt. */
const PATIENCE_MS = 500;

/** What a client answers: its time in ns, bounds included. */
function answers(client: ChronoTickClient): bigint[] {
  const { earliest, latest } = client.now();
  const { time } = client.getTime();
  return [earliest, time, latest].map(toNs);
}

/** The error that each question meets. */
function refusals(client: ChronoTickClient): Error[] {
  const questions = [
    () => client.now(),
    () => client.getTime(),
    () => client.after(0),
    () => client.correctedTimeAt(0),
    () => client.uncertaintyAt(0),
    () => client.futureUncertainty(1),
  ];
  return questions.map((ask) => assertThrows(ask, Error));
}

/** The one message with which every question is refused. */
function refusal(client: ChronoTickClient, type: typeof StaleRecordError | typeof NotSynchronizedError) {
  const errors = refusals(client);
  for (const error of errors) assert(error instanceof type, error.stack ?? error.message);
  return errors[0]!.message;
}

Deno.test("a reader names the field that is not a number, and recovers with the next sound record", () => {
  using record = new PublishedRecord();
  const hostile = Object.values(FIELDS).filter(({ type }) => type === "f64" || type === "f32")
    .flatMap((field) => [NaN, -Infinity, Infinity].map((value) => ({ field, value })))
    .filter(({ field, value }) => field.name !== "max_error" || value !== Infinity);
  assertEquals(hostile.length, 13 * 3 - 1);
  for (const access of ["mmap", "pread"] as const) {
    using client = new ChronoTickClient({ shmName: record.name, access });
    for (const { field: { name, offset, type }, value } of hostile) {
      const bytes = bytesOf(recordPublishedAgo(0));
      const view = new DataView(bytes.buffer);
      if (type === "f64") view.setFloat64(offset, value, true);
      else view.setFloat32(offset, value, true);
      record.publishBytes(bytes);
      for (const ask of [() => client.now(), () => client.getTime(), () => client.read()]) {
        assertEquals(assertThrows(ask, HostileRecordError).field, name);
      }
      assertEquals(client.isDaemonReady(), false);
      record.publish();
      client.now();
    }
  }
});

Deno.test("a reader refuses a layout from the future and a source that nobody knows", () => {
  using record = new PublishedRecord({ layoutVersion: 2 });
  using client = new ChronoTickClient({ shmName: record.name });
  assertEquals(assertThrows(() => client.now(), HostileRecordError).field, "layout_version");
  record.publish({ source: 5 });
  assertEquals(assertThrows(() => client.now(), HostileRecordError).field, "source");
});

Deno.test("a reader serves no garbage from the largest bound and the largest correction that are permitted", () => {
  using record = new PublishedRecord({ maxError: 2 ** 31, offsetCorrection: -(2 ** 30) });
  using client = new ChronoTickClient({ shmName: record.name });
  for (let i = 0; i < 1000; i++) {
    const { earliest, latest } = client.now();
    for (const { nanoseconds } of [earliest, latest]) assert(nanoseconds >= 0 && nanoseconds < 1e9);
    assertEquals(latest.seconds - earliest.seconds - 2 ** 32 <= 2, true);
  }
});

Deno.test("a reader refuses a record that was published in the future", () => {
  using record = new PublishedRecord(null);
  record.publish({}, -10);
  using client = new ChronoTickClient({ shmName: record.name });
  for (const error of refusals(client)) {
    assert(error instanceof HostileRecordError);
    assertEquals(error.field, "system_timestamp");
    assertMatch(
      error.message,
      /^Cannot tell the time from \w+: its record was published (9\.9\d*|10) s in the future\. Check which program/,
    );
  }
});

Deno.test("a reader that meets a write under way for ever gives up soon and says that the writer died", () => {
  using record = new PublishedRecord();
  record.leaveWriteUnderWay();
  using client = new ChronoTickClient({ shmName: record.name });
  const began = performance.now();
  const error = assertThrows(() => client.now(), StaleRecordError);
  assertLess(performance.now() - began, PATIENCE_MS);
  assertEquals(
    error.message,
    `Cannot read ${record.name}: a write has been under way for ever, its writer died half-way. Start the daemon again.`,
  );
  assertEquals([error.ageSeconds, error.code], [Infinity, "STALE"]);

  record.publish(); // the next daemon heals the sequence
  assertEquals(record.sequence % 2, 0);
  client.now();
});

Deno.test("a reader whose writer died half-way serves the last whole record, but no longer than 2.5 s", () => {
  for (const access of ["mmap", "pread"] as const) {
    using record = new PublishedRecord(null);
    record.publish({ measurementCount: 3 }, 2.2);
    using client = new ChronoTickClient({ shmName: record.name, access });
    client.now();
    record.words[FIELDS.measurementCount.offset / 4] = 99;
    record.leaveWriteUnderWay();
    client.now();
    assertEquals(client.read().measurementCount, 3);
    sleepUntil(nowNs(Clock.MONOTONIC) + 301_000_000n);
    const error = assertThrows(() => client.now(), StaleRecordError);
    assertAlmostEquals(error.ageSeconds, 2.75, 0.25);
  }
});

Deno.test("a reader refuses a record whose writer has died", () => {
  using record = new PublishedRecord(null);
  record.publish({}, 2.2);
  using client = new ChronoTickClient({ shmName: record.name });
  client.now();
  record.publish({}, 2.501);
  assertMatch(
    refusal(client, StaleRecordError),
    /^Cannot tell the time from \w+: nobody has published for 2\.\d s, the daemon died, hangs or slept\. Start it with `deno task daemon`\.$/,
  );
  record.publish({}, 86_400);
  assertMatch(refusal(client, StaleRecordError), /nobody has published for 86400\.\d s/);
  const { state, ageSeconds } = client.read();
  assertEquals(state, "stale");
  assertAlmostEquals(ageSeconds, 86_400, 0.5);
});

Deno.test("a reader refuses a prediction that has expired though the daemon still publishes", () => {
  using record = new PublishedRecord();
  using client = new ChronoTickClient({ shmName: record.name });
  const system = recordPublishedAgo(0).systemTimestamp;
  record.publish({ validUntil: system - 0.001 });
  assertEquals(
    refusal(client, StaleRecordError),
    `Cannot tell the time from ${record.name}: its prediction expired, the daemon publishes but no longer estimates. Look at the daemon's log.`,
  );
  assertEquals(client.read().state, "expired");
  record.publish({ validUntil: system + 60 });
  client.now();
});

Deno.test("a reader stops serving at valid_until, even when it has read the record before", () => {
  using record = new PublishedRecord({ validUntil: recordPublishedAgo(0).systemTimestamp + 0.25 });
  using client = new ChronoTickClient({ shmName: record.name });
  client.now();
  sleepUntil(nowNs(Clock.MONOTONIC) + 251_000_000n);
  assertThrows(() => client.now(), StaleRecordError, "its prediction expired");
});

Deno.test("a reader refuses a disrupted record even when it is marked valid", () => {
  using record = new PublishedRecord({ flags: HEALTHY_FLAGS | Flag.DISRUPTED });
  using client = new ChronoTickClient({ shmName: record.name });
  for (const error of refusals(client)) {
    assert(error instanceof DisruptedError);
    assertEquals([error.name, error.code], ["DisruptedError", "DISRUPTED"]);
    assertEquals(
      error.message,
      `Cannot tell the time from ${record.name}: the clock was disrupted (suspend, step or move) and is being measured anew. Wait some seconds.`,
    );
  }
  assertEquals(client.read().state, "disrupted");
});

Deno.test("a reader says how far the warm-up is while there is no time, and afterwards what to check", () => {
  using record = new PublishedRecord({ flags: withWarmupPercent(0, 37) });
  using client = new ChronoTickClient({ shmName: record.name });
  assertEquals(
    refusal(client, NotSynchronizedError),
    `Cannot tell the time from ${record.name} yet: the daemon warms up (37 %) and no source has answered. Wait with waitUntilReady().`,
  );
  record.publish({ flags: withWarmupPercent(Flag.WARMUP_COMPLETE | Flag.UNSYNCHRONIZED, 100) });
  assertEquals(
    refusal(client, NotSynchronizedError),
    `Cannot tell the time from ${record.name}: no source answers and the kernel's clock is not synchronized. Check the daemon's servers and its network.`,
  );
  assertEquals([client.read().state, client.isDaemonReady()], ["not_synchronized", false]);
});

Deno.test("a reader without a hard bound tells the time, but no interval", async () => {
  using record = new PublishedRecord({ maxError: Infinity });
  using client = new ChronoTickClient({ shmName: record.name });
  const { interval, maxErrorSeconds, uncertaintySeconds } = client.getTime();
  assertEquals([interval, maxErrorSeconds], [null, Infinity]);
  assertGreater(uncertaintySeconds, 0);
  assertEquals(client.isDaemonReady(), true);
  const message =
    `Cannot tell the time from ${record.name} within bounds: its writer gives no hard bound (max_error). Use getTime() and its sigma.`;
  assertEquals(assertThrows(() => client.now(), NotSynchronizedError).message, message);
  assertEquals(assertThrows(() => client.before(0), NotSynchronizedError).message, message);
  assertEquals(await client.waitUntilAfter(0).then(() => "", (error) => error.message), message);
  assertEquals((await client.waitUntil(0)).isValid, true);
});

Deno.test("a reader sees every publication at once, through the mapping and with pread", () => {
  using record = new PublishedRecord();
  for (const access of ["mmap", "pread"] as const) {
    using client = new ChronoTickClient({ shmName: record.name, access });
    for (const offsetCorrection of [0, 3600, -3600]) {
      record.publish({ offsetCorrection, driftRate: 0 });
      const [earliest, time, latest] = answers(client) as [bigint, bigint, bigint];
      const expected = nowNs(Clock.REALTIME) + BigInt(offsetCorrection) * 1_000_000_000n;
      for (const ns of [earliest, time, latest]) assertLess(Math.abs(Number(ns - expected)), 50e6);
    }
  }
});

Deno.test("a reader's clock is CLOCK_BOOTTIME + boottime_anchor: a step of CLOCK_REALTIME does not move it", () => {
  // As if CLOCK_REALTIME had been set back by an hour since the publication.
  const hourNs = 3_600_000_000_000n;
  using record = new PublishedRecord(null);
  record.publish({ boottimeAnchor: fromNs(readAnchorNs() + hourNs), offsetCorrection: 0 }, -3600);
  using client = new ChronoTickClient({ shmName: record.name });
  for (const ns of answers(client)) {
    assertLess(Math.abs(Number(ns - nowNs(Clock.REALTIME) - hourNs)), 50e6);
  }
  assertLess(client.read().ageSeconds, 1);
});

Deno.test("nowInto() fills the object that it is given, and now() a fresh one", () => {
  using record = new PublishedRecord();
  using client = new ChronoTickClient({ shmName: record.name });
  const interval = { earliest: { seconds: 0, nanoseconds: 0 }, latest: { seconds: 0, nanoseconds: 0 } };
  const { earliest, latest } = interval;
  client.nowInto(interval);
  assert(interval.earliest === earliest && interval.latest === latest);
  assert(toNs(earliest) > 0n && toNs(earliest) < toNs(latest));
  assert(client.now() !== client.now());
});

Deno.test("read() gives a copy with every field, which later publications leave alone", () => {
  using record = new PublishedRecord(null);
  const published = record.publish({ maxError: 0.25, confidence: 0.5, averageLatencyMs: 0.125 });
  using client = new ChronoTickClient({ shmName: record.name });
  const { ageSeconds, state, ...fields } = client.read();
  assertEquals(fields, { ...published, sequenceNumber: 2 });
  assertEquals(state, "valid");
  assert(ageSeconds >= 0 && ageSeconds < 1);
  record.publish({ measurementCount: 43, boottimeAnchor: { seconds: 1, nanoseconds: 2 } });
  client.isDaemonReady();
  assertEquals(fields, { ...published, sequenceNumber: 2 });
});
