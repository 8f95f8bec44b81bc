import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertGreater,
  assertGreaterOrEqual,
  assertLess,
  assertRejects,
} from "@std/assert";
import { ChronoTickClient, type WaitUntilOptions } from "../../client/client.ts";
import { pause } from "../../client/wait.ts";
import { NoDaemonError, NotSynchronizedError } from "../../record/errors.ts";
import { addNs, compareUnixTime, differenceSeconds, type UnixTime } from "../../record/unix_time.ts";
import { PublishedRecord, randomShmName } from "../support/published_record.ts";

const MS = 1_000_000;
/** No machine is so busy that a wait ends this late. */
const GENEROUS_SECONDS = 1;

function inMs(client: ChronoTickClient, ms: number): UnixTime {
  return addNs(client.getTime().time, ms * MS);
}

/** Publishes every 100 ms, as a daemon would, until disposed. */
function keepPublishing(record: PublishedRecord): Disposable {
  const timer = setInterval(() => record.publish(), 100);
  return { [Symbol.dispose]: () => clearInterval(timer) };
}

async function elapsedMs(wait: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await wait();
  return performance.now() - began;
}

Deno.test("waitUntil() never ends early by its own time, with fine and with coarse tolerance", async () => {
  using record = new PublishedRecord();
  using client = new ChronoTickClient({ shmName: record.name });
  using _daemon = keepPublishing(record);
  const latenessMs: number[] = [];
  for (const toleranceMs of [0.1, 0.5, 5]) {
    for (const ms of [0.05, 0.3, 1.4, 2.9, 3.1, 8, 25]) {
      const target = inMs(client, ms);
      const { time } = await client.waitUntil(target, { toleranceMs });
      assert(compareUnixTime(time, target) >= 0);
      assert(compareUnixTime(client.getTime().time, target) >= 0);
      assertLess(differenceSeconds(time, target), GENEROUS_SECONDS);
      if (toleranceMs < 1) latenessMs.push(differenceSeconds(time, target) * 1000);
    }
  }
  latenessMs.sort((a, b) => a - b);
  assertLess(latenessMs[latenessMs.length >> 1]!, 25, "half of the fine waits end in good time");
});

Deno.test("waitUntil() of the past returns at once", async () => {
  using record = new PublishedRecord();
  using client = new ChronoTickClient({ shmName: record.name });
  for (const target of [0, -1n, inMs(client, -1)]) {
    assertLess(await elapsedMs(() => client.waitUntil(target)), 1000);
  }
});

Deno.test("waitUntil() waits longer when the correction falls meanwhile", async () => {
  using record = new PublishedRecord({ offsetCorrection: 0 });
  using client = new ChronoTickClient({ shmName: record.name });
  const target = inMs(client, 60);
  setTimeout(() => record.publish({ offsetCorrection: -0.05 }), 20);
  const began = performance.now();
  const { time, correctionSeconds } = await client.waitUntil(target);
  assert(compareUnixTime(time, target) >= 0);
  assertAlmostEquals(correctionSeconds, -0.05, 1e-4);
  assertGreater(performance.now() - began, 109);
});

Deno.test("waitUntil() leaves the event loop free while the target is far", async () => {
  using record = new PublishedRecord();
  using client = new ChronoTickClient({ shmName: record.name });
  let ticks = 0;
  const timer = setInterval(() => ticks++, 5);
  await client.waitUntil(inMs(client, 80));
  clearInterval(timer);
  assertGreater(ticks, 2);
});

Deno.test("waitUntilAfter() returns only when the time has certainly passed", async () => {
  using record = new PublishedRecord({ maxError: 0.02 });
  using client = new ChronoTickClient({ shmName: record.name });
  for (let i = 0; i < 3; i++) {
    const began = performance.now();
    const { time } = client.getTime();
    const answer = await client.waitUntilAfter(time);
    assert(client.after(time));
    assert(compareUnixTime(answer.interval!.earliest, time) > 0);
    assertGreaterOrEqual(performance.now() - began, 19.9);
    assertLess(differenceSeconds(answer.interval!.earliest, time), GENEROUS_SECONDS);
  }
});

Deno.test("waitUntilAfter() of an instant that is all but past still waits for it", async () => {
  using record = new PublishedRecord();
  using client = new ChronoTickClient({ shmName: record.name });
  for (let i = 0; i < 50; i++) {
    const instant = addNs(client.now().earliest, 40_000);
    const { interval } = await client.waitUntilAfter(instant);
    assert(compareUnixTime(interval!.earliest, instant) > 0);
  }
});

Deno.test("waitUntilAfter() waits longer when the bound grows meanwhile", async () => {
  using record = new PublishedRecord({ maxError: 0.02 });
  using client = new ChronoTickClient({ shmName: record.name });
  const { time } = client.getTime();
  setTimeout(() => record.publish({ maxError: 0.07 }), 10);
  assertGreater(await elapsedMs(() => client.waitUntilAfter(time)), 69);
  assert(client.after(time));
});

Deno.test("waitUntil() and waitUntilAfter() end with the reason of their signal", async () => {
  using record = new PublishedRecord();
  using client = new ChronoTickClient({ shmName: record.name });
  const waits = [
    (options: WaitUntilOptions) => client.waitUntil(inMs(client, 60_000), options),
    (options: WaitUntilOptions) => client.waitUntilAfter(inMs(client, 60_000), options),
  ];
  for (const wait of waits) {
    await assertRejects(() => wait({ signal: AbortSignal.abort(new Error("before")) }), Error, "before");
    const abort = new AbortController();
    setTimeout(() => abort.abort(new Error("meanwhile")), 10);
    const ms = await elapsedMs(() => assertRejects(() => wait({ signal: abort.signal }), Error, "meanwhile"));
    assertLess(ms, 1000);
  }
});

Deno.test("waitUntil() refuses to begin without a daemon", async () => {
  using client = new ChronoTickClient({ shmName: randomShmName() });
  await assertRejects(() => client.waitUntil(0), NoDaemonError);
  await assertRejects(() => client.waitUntilAfter(0), NoDaemonError);
});

Deno.test("waitUntil() forgives a daemon that is away while the target is far, and no other", async () => {
  const record = new PublishedRecord();
  using client = new ChronoTickClient({ shmName: record.name });
  const abort = new AbortController();
  const far = client.waitUntil(inMs(client, 60_000), { signal: abort.signal }).catch((error) => error);
  const near = client.waitUntil(inMs(client, 2500)).catch((error) => error);
  record.publish({ flags: 0 });
  record[Symbol.dispose]();
  const ms = await elapsedMs(async () => assert(await near instanceof NoDaemonError));
  assertLess(ms, 1900, "told as soon as it was noticed");
  abort.abort(new Error("still waiting"));
  assertEquals((await far).message, "still waiting");
});

Deno.test("waitUntilReady() resolves at once when there is a valid time", async () => {
  using record = new PublishedRecord();
  using client = new ChronoTickClient({ shmName: record.name });
  assertLess(await elapsedMs(() => client.waitUntilReady({ timeoutMs: 0 })), 1000);
});

Deno.test("waitUntilReady() resolves when a daemon appears and becomes valid", async () => {
  const shmName = randomShmName();
  using client = new ChronoTickClient({ shmName });
  const ready = client.waitUntilReady({ timeoutMs: 10_000 });
  await pause(30);
  using record = new PublishedRecord(null, shmName);
  await pause(30);
  record.publish({ flags: 0 });
  await pause(30);
  assertEquals(client.isDaemonReady(), false);
  record.publish();
  await ready;
  assertEquals(client.isDaemonReady(), true);
});

Deno.test("waitUntilReady() gives up with the error that the last attempt met", async () => {
  const shmName = randomShmName();
  using client = new ChronoTickClient({ shmName });
  setTimeout(() => record = new PublishedRecord({ flags: 0 }, shmName), 40);
  let record: PublishedRecord | undefined;
  const ms = await elapsedMs(() =>
    assertRejects(() => client.waitUntilReady({ timeoutMs: 120 }), NotSynchronizedError)
  );
  record![Symbol.dispose]();
  assertGreaterOrEqual(ms, 119);
  assertLess(ms, 1000);
});

Deno.test("waitUntilReady() tries once when it is given no time, or what is not a time", async () => {
  using client = new ChronoTickClient({ shmName: randomShmName() });
  for (const timeoutMs of [0, -1, NaN]) {
    const ms = await elapsedMs(() =>
      assertRejects(() => client.waitUntilReady({ timeoutMs }), NoDaemonError)
    );
    assertLess(ms, 1000);
  }
});

Deno.test("waitUntilReady() ends with the reason of its signal", async () => {
  using client = new ChronoTickClient({ shmName: randomShmName() });
  await assertRejects(
    () => client.waitUntilReady({ signal: AbortSignal.abort(new Error("before")) }),
    Error,
    "before",
  );
  const signal = AbortSignal.timeout(10);
  const error = await assertRejects(() => client.waitUntilReady({ signal }));
  assertEquals(error.name, "TimeoutError");
});

Deno.test("pause() takes its listener off the signal", async () => {
  const { signal } = new AbortController();
  let listeners = 0;
  const counted = {
    aborted: false,
    addEventListener: (...args: Parameters<AbortSignal["addEventListener"]>) => {
      listeners++;
      signal.addEventListener(...args);
    },
    removeEventListener: (...args: Parameters<AbortSignal["removeEventListener"]>) => {
      listeners--;
      signal.removeEventListener(...args);
    },
  } as unknown as AbortSignal;
  await pause(1, counted);
  assertEquals(listeners, 0);
});
