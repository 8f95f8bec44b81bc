import { assert, assertAlmostEquals, assertEquals, assertLess, assertMatch } from "@std/assert";
import { Flag, fromIsoString, fromSeconds, toIsoString, toNs, toSeconds } from "../../mod.ts";
import { PublishedRecord, randomShmName } from "../support/published_record.ts";
import { SdkClient } from "./support/sdk_client.ts";

const PPM50 = 50e-6;
/** A record is not served when it is older: what a slow machine may add to its age. */
const STALE_SECONDS = 2.5;

/** ns of an ISO 8601 text. */
function ns(iso: string): bigint {
  return toNs(fromIsoString(iso));
}

/** The system clock, Unix seconds. */
function systemSeconds(): number {
  return Date.now() / 1000;
}

Deno.test("the list has the eight tools of time and the two of ticks, each with both schemas and a word on when to use it", async () => {
  await using client = await SdkClient.inProcess({});
  const { tools } = await client.client.listTools();
  assertEquals(tools.map(({ name }) => name), [
    "get_time",
    "get_daemon_status",
    "get_time_with_future_uncertainty",
    "schedule_action",
    "synchronize_with_peers",
    "get_time_bounds",
    "wait_until_time",
    "compare_times",
    "next_tick",
    "stamp_event",
  ]);
  for (const { description, outputSchema, annotations } of tools) {
    assertMatch(description ?? "", /\bUse (it|the guaranteed ones) /);
    assert(Object.hasOwn(outputSchema?.properties ?? {}, "call_latency_ms"));
    assertEquals(annotations?.destructiveHint, false);
  }
});

Deno.test("get_time says what the record says, and its text is the same as its data", async () => {
  using daemon = new PublishedRecord();
  await using client = await SdkClient.inProcess({ shmName: daemon.name, nodeId: "alpha" });
  const before = systemSeconds();
  const { data, json, sentence, isError } = await client.call("get_time");
  const after = systemSeconds();

  assertEquals(isError, false);
  assertEquals(json, data);
  assertMatch(sentence, /^It is 20\d\d-.*Z, certainly within ± .* one sigma ± .*\(source: ntp\)\.$/);
  assert(data.system_time >= before - 0.002 && data.system_time <= after + 0.002);
  // The formulas of PROTOCOL.md, from the record of the test's own world.
  const sincePrediction = data.system_time - data.prediction_time;
  assertAlmostEquals(data.corrected_time - data.system_time, 0.025003 + 20e-6 * sincePrediction, 1e-6);
  assertAlmostEquals(data.time_uncertainty, Math.hypot(120e-6, 0.1e-6 * sincePrediction), 1e-9);
  assertAlmostEquals(data.max_error, 0.0021, STALE_SECONDS * PPM50);
  assertEquals(data.iso, toIsoString(fromIsoString(data.iso)));
  const halfWidth = Number(ns(data.latest) - ns(data.earliest)) / 2e9;
  assertAlmostEquals(halfWidth, data.max_error, 2e-9);
  assertEquals(
    [data.source, data.confidence, data.is_valid, data.is_ntp_ready, data.is_models_ready, data.node_id],
    ["ntp", 0.96875, true, true, false, "alpha"],
  );
});

Deno.test("get_daemon_status says what the record says", async () => {
  using daemon = new PublishedRecord();
  await using client = await SdkClient.inProcess({ shmName: daemon.name });
  const { data } = await client.call("get_daemon_status");
  assertEquals(
    [data.status, data.warmup_complete, data.warmup_percent, data.ntp_ready, data.models_ready],
    ["ready", true, 100, true, false],
  );
  assertEquals([data.measurement_count, data.total_corrections, data.daemon_uptime], [42, 1234, 321.5]);
  assertAlmostEquals(data.seconds_since_ntp, 3.025, STALE_SECONDS);
  assertEquals(data.data_source, "ntp");

  for (const [status, flags] of Object.entries(STATUS_OF_FLAGS)) {
    daemon.publish({ flags });
    assertEquals((await client.call("get_daemon_status")).data.status, status);
  }
});

const WARM = Flag.VALID | Flag.WARMUP_COMPLETE;
const STATUS_OF_FLAGS = {
  warming_up: Flag.VALID | Flag.NTP_READY,
  degraded: WARM | Flag.DEGRADED,
  holdover: WARM | Flag.HOLDOVER,
  system_clock: WARM | Flag.SYSTEM_CLOCK,
  disrupted: WARM | Flag.DISRUPTED,
  not_synchronized: Flag.WARMUP_COMPLETE | Flag.UNSYNCHRONIZED,
};

Deno.test("get_time_with_future_uncertainty grows sigma by the record's formula", async () => {
  using daemon = new PublishedRecord({ driftUncertainty: 1e-6 });
  await using client = await SdkClient.inProcess({ shmName: daemon.name });
  const { data } = await client.call("get_time_with_future_uncertainty", { future_seconds: 50 });
  assertAlmostEquals(data.future_system_time - data.current_system_time, 50, 0.5);
  assertAlmostEquals(data.future_corrected_time - data.current_corrected_time, 50 * (1 + 20e-6), 0.5);
  assertAlmostEquals(data.future_uncertainty, Math.hypot(120e-6, 1e-6 * 50.5), STALE_SECONDS * 1e-6);
  assertAlmostEquals(data.uncertainty_increase, data.future_uncertainty - data.current_uncertainty, 1e-12);
  assertAlmostEquals(data.future_max_error, 0.0021 + 50 * PPM50, STALE_SECONDS * PPM50);
});

Deno.test("get_time_bounds grows the hard bound by 50 ppm, and the calibrated ones lie inside", async () => {
  using daemon = new PublishedRecord({ driftUncertainty: 1e-6 });
  await using client = await SdkClient.inProcess({ shmName: daemon.name });
  const { data } = await client.call("get_time_bounds", { duration_seconds: 50 });
  const width = (earliest: string, latest: string) => Number(ns(latest) - ns(earliest)) / 1e9;
  assertAlmostEquals(
    width(data.earliest_time, data.latest_time),
    2 * (0.0021 + 50 * PPM50),
    2 * STALE_SECONDS * PPM50,
  );
  const sigma = data.time_uncertainty;
  assertAlmostEquals(sigma, Math.hypot(120e-6, 1e-6 * 50.5), STALE_SECONDS * 1e-6);
  // Quantiles of the normal distribution: scipy.stats.norm.ppf(0.975), ppf(0.9995).
  assertAlmostEquals(width(data.earliest_95, data.latest_95), 2 * 1.959963984540054 * sigma, 1e-8);
  assertAlmostEquals(width(data.earliest_99_9, data.latest_99_9), 2 * 3.2905267314919255 * sigma, 1e-8);

  daemon.publish({ offsetUncertainty: 0.01 });
  const clipped = (await client.call("get_time_bounds", { duration_seconds: 0 })).data;
  assertEquals([clipped.earliest_95, clipped.latest_95], [clipped.earliest_time, clipped.latest_time]);
});

Deno.test("without a hard bound the time is told with null in its place, and what rests on the bound says so", async () => {
  using daemon = new PublishedRecord({ maxError: Infinity });
  await using client = await SdkClient.inProcess({ shmName: daemon.name });
  const { data, sentence } = await client.call("get_time");
  assertEquals([data.earliest, data.latest, data.max_error, data.time_id], [null, null, null, null]);
  assertMatch(sentence, /, without a hard bound, one sigma ± /);
  const refused = await client.call("get_time_bounds", { duration_seconds: 1 });
  assertMatch(refused.sentence, /its writer gives no hard bound \(max_error\)/);
});

Deno.test("schedule_action tells the moment on this machine's clock, and actions lists it until it is past", async () => {
  using daemon = new PublishedRecord({ driftRate: 1e-3 });
  await using client = await SdkClient.inProcess({ shmName: daemon.name });
  const now = (await client.call("get_time")).data;
  const target = toIsoString(fromSeconds(now.corrected_time + 30));
  const { data } = await client.call("schedule_action", { target_corrected_time: target, action_id: "fire" });
  // corrected(system_time) = target, by the record's formula.
  const corrected = data.system_time + now.offset_correction +
    now.drift_rate * (data.system_time - now.prediction_time);
  assertAlmostEquals(corrected, toSeconds(fromIsoString(target)), 1e-6);
  assertAlmostEquals(data.seconds_until, 30, STALE_SECONDS);
  assertAlmostEquals(Number(ns(data.system_latest) - ns(data.system_earliest)) / 2e9, data.max_error, 1e-8);
  assertEquals([data.state, data.is_rescheduled], ["due", false]);

  const nowish = (await client.call("get_time")).data.corrected_time;
  const soon = await client.call("schedule_action", { target_corrected_time: nowish, action_id: "soon" });
  assertEquals(soon.data.state, "due_now");
  assertEquals(JSON.parse(await client.read("chronotick://actions")).due[0].action_id, "fire");
  daemon.publish({ offsetCorrection: 10 });
  const later = JSON.parse(await client.read("chronotick://actions"));
  assertEquals([later.due.length, later.due_now.length, later.past[0].action_id], [1, 0, "soon"]);

  const again = await client.call("schedule_action", { target_corrected_time: target, action_id: "fire" });
  assertEquals(again.data.is_rescheduled, true);
});

Deno.test("schedule_action refuses what is certainly past, and says by how much", async () => {
  using daemon = new PublishedRecord();
  await using client = await SdkClient.inProcess({ shmName: daemon.name });
  const { corrected_time } = (await client.call("get_time")).data;
  const { isError, sentence } = await client.call("schedule_action", {
    target_corrected_time: corrected_time - 5,
    action_id: "late",
  });
  assert(isError);
  assertMatch(
    sentence,
    /^Cannot schedule "late": .* is certainly past, by at least (4\.99|5\.\d)\d+ s\. Choose/,
  );
});

Deno.test("wait_until_time wakes at the target, tells the progress of a long wait, and can be cancelled", async () => {
  using daemon = new PublishedRecord({ driftRate: 0 });
  const beat = setInterval(() => daemon.publish({ driftRate: 0 }), 200);
  try {
    await using client = await SdkClient.inProcess({ shmName: daemon.name });
    const { corrected_time } = (await client.call("get_time")).data;
    const progress: number[] = [];
    const options = { onprogress: ({ progress: done }: { progress: number }) => void progress.push(done) };
    const target = corrected_time + 1.3;
    const { data } = await client.call("wait_until_time", { target_corrected_time: target }, options);
    assertAlmostEquals(data.actual_wake_time - target, data.accuracy_achieved, 1e-6);
    assert(data.accuracy_achieved >= 0);
    assertAlmostEquals(data.waited_seconds, 1.3, 0.3);
    assertEquals(data.was_past, false);
    assert(progress.length >= 1);

    const stop = new AbortController();
    const far = client.call("wait_until_time", { target_corrected_time: target + 600 }, {
      signal: stop.signal,
    });
    const cancelled = far.then(() => "answered", () => "cancelled");
    stop.abort();
    assertEquals(await cancelled, "cancelled");

    const past = await client.call("wait_until_time", { target_corrected_time: target });
    assertEquals([past.isError, past.data.was_past], [false, true]);
    const tooFar = await client.call("wait_until_time", { target_corrected_time: target + 4000 });
    assertMatch(tooFar.sentence, /^Cannot wait \d+ s: the longest wait is 3600 s\. Use schedule_action/);
  } finally {
    clearInterval(beat);
  }
});

Deno.test("compare_times orders what does not overlap, and only that", async () => {
  using daemon = new PublishedRecord({ maxError: 1 });
  await using client = await SdkClient.inProcess({ shmName: daemon.name });
  const a = { earliest: "2026-03-01T12:00:00.000000001Z", latest: "2026-03-01T12:00:00.000000005Z" };
  const b = { earliest: "2026-03-01T12:00:00.000000006Z", latest: "2026-03-01T12:00:01Z" };
  const touching = { ...b, earliest: a.latest };
  assertEquals((await client.call("compare_times", { a, b })).data.order, "before");
  assertAlmostEquals((await client.call("compare_times", { a, b })).data.margin_seconds, 1e-9, 1e-15);
  assertEquals((await client.call("compare_times", { a: b, b: a })).data.order, "after");
  const touch = (await client.call("compare_times", { a, b: touching })).data;
  assertEquals([touch.order, Math.abs(touch.margin_seconds)], ["concurrent", 0]);

  const first = (await client.call("get_time")).data;
  const second = (await client.call("get_time")).data;
  const whole = (await client.call("compare_times", { a: first, b: second })).data;
  const byId =
    (await client.call("compare_times", { a: { time_id: first.time_id }, b: { time_id: second.time_id } }))
      .data;
  assertEquals(whole.margin_seconds, byId.margin_seconds);
  assertEquals(byId.order, "concurrent");
  const soon = (await client.call("get_time_bounds", { duration_seconds: 10 })).data;
  assertEquals((await client.call("compare_times", { a: first, b: soon })).data.order, "before");
  const unknown = await client.call("compare_times", { a: { time_id: "t99" }, b });
  assertMatch(unknown.sentence, /^Cannot compare: a names a time that this conversation does not remember/);
  const backwards = await client.call("compare_times", { a: { earliest: 2, latest: 1 }, b });
  assertMatch(backwards.sentence, /^Cannot compare: earliest of a is later than its latest/);
});

Deno.test("every tool says in one sentence why there is no time, and answers again when the daemon is back", async () => {
  const shmName = randomShmName();
  await using client = await SdkClient.inProcess({ shmName });
  const asks: [string, Record<string, unknown>][] = [
    ["get_time", {}],
    ["get_time_with_future_uncertainty", { future_seconds: 1 }],
    ["get_time_bounds", { duration_seconds: 1 }],
    ["schedule_action", { target_corrected_time: 4e9, action_id: "x" }],
    ["wait_until_time", { target_corrected_time: 4e9 }],
    ["synchronize_with_peers", { peer_times: [{ id: "x", time: 4e9, uncertainty: 1 }] }],
  ];
  const sentences = async () => {
    const results = await Promise.all(asks.map(([tool, args]) => client.call(tool, args)));
    assert(results.every(({ isError, data }) => isError && data === undefined));
    return [...new Set(results.map(({ sentence }) => sentence))];
  };
  const expectEverywhere = async (expected: RegExp) => {
    for (const sentence of await sentences()) assertMatch(sentence, expected);
    const page = JSON.parse(await client.read("chronotick://time"));
    assertEquals(page.is_valid, false);
    assertMatch(page.message, expected);
  };
  await expectEverywhere(/no such shared memory\. Start the daemon with `deno task daemon`/);
  using daemon = new PublishedRecord(null, shmName);
  daemon.publish({}, 9);
  await expectEverywhere(/nobody has published for 9\.\d s/);
  daemon.publish({ flags: Flag.VALID | Flag.DISRUPTED });
  await expectEverywhere(/was disrupted .* Wait some seconds\./);
  daemon.publish({ flags: 0 });
  await expectEverywhere(/warms up \(0 %\) and no source has answered/);
  daemon.publish();
  assertEquals((await client.call("get_time")).isError, false);
});

Deno.test("get_daemon_status fails without a living daemon only", async () => {
  using daemon = new PublishedRecord();
  await using client = await SdkClient.inProcess({ shmName: daemon.name });
  daemon.publish({}, 9);
  const stale = await client.call("get_daemon_status");
  assertMatch(stale.sentence, /^Cannot tell how the daemon does: it has not published for 9\.\d+ s/);
  assert(stale.isError);
  daemon.publish({ flags: 0 });
  const waiting = await client.call("get_daemon_status");
  assertEquals([waiting.isError, waiting.data.status, waiting.data.is_valid], [false, "warming_up", false]);
});

Deno.test("wrong arguments get a sentence that names the argument, and what it must be", async () => {
  await using client = await SdkClient.inProcess({});
  const cases: [string, Record<string, unknown>, RegExp][] = [
    ["get_time", { zone: "CET" }, /^Cannot call get_time: its arguments: unrecognized key: "zone"\.$/],
    ["get_time_with_future_uncertainty", { future_seconds: 3601 }, /: future_seconds: too big: .*3600\.$/],
    [
      "get_time_with_future_uncertainty",
      {},
      /: future_seconds: invalid input: expected number, received undefined/,
    ],
    [
      "get_time_bounds",
      { duration_seconds: "1" },
      /: duration_seconds: .*expected number, received string\.$/,
    ],
    [
      "schedule_action",
      { target_corrected_time: "noon", action_id: "x" },
      /: target_corrected_time: must be Unix/,
    ],
    [
      "schedule_action",
      { target_corrected_time: "2026-02-30T00:00:00Z", action_id: "x" },
      /must be Unix seconds/,
    ],
    [
      "wait_until_time",
      { target_corrected_time: {} },
      /: target_corrected_time: must be Unix seconds \(a number\)/,
    ],
    ["compare_times", { a: 1, b: 2 }, /: a: must be \{ earliest, latest \} .* \(and 1 more\)\.$/],
    [
      "synchronize_with_peers",
      { peer_times: [{ id: "a", time: 1, uncertainty: -1 }] },
      /: peer_times\[0\]\.uncertainty: too small/,
    ],
  ];
  for (const [tool, args, expected] of cases) {
    const { isError, sentence, data } = await client.call(tool, args);
    assertMatch(sentence, expected);
    assertEquals([isError, data], [true, undefined]);
    assertLess(sentence.split("\n").length, 2);
  }
});
