import { assert, assertAlmostEquals, assertEquals, assertLess, assertThrows } from "@std/assert";
import type { PipelineOptions } from "../../../daemon/pipeline.ts";
import { type Answer, Replay } from "../../../daemon/trace/replay.ts";
import { TraceLineError } from "../../../daemon/trace/trace_fields.ts";
import { parseTraceLine } from "../../../daemon/trace/trace_line.ts";
import { CorrectionSource, Flag, warmupPercent } from "../../../record/layout.ts";

const OPTIONS: PipelineOptions = {
  warmupSeconds: 180,
  holdoverAfterSeconds: 66,
  horizonSeconds: 60,
  maxUncertaintySeconds: 0.01,
  sources: 1,
  settleSeconds: 0,
};

const LOCAL_NS = 45_347_000_000_000n;
const UTC_NS = 1_742_363_179_000_000_000n;
const SECOND_NS = 1_000_000_000n;
const FREQUENCY_PPM = 20n;

function newReplay(options: Partial<PipelineOptions> = {}, overridesTrace = false): Replay {
  return new Replay({ options: { ...OPTIONS, ...options }, overridesTrace });
}

/** The truth: 25 ms ahead and 20 ppm fast. */
function truthNs(localNs: bigint): bigint {
  const elapsedNs = localNs - LOCAL_NS;
  return UTC_NS + 25_000_000n + elapsedNs + elapsedNs * FREQUENCY_PPM / 1_000_000n;
}

/** An exchange of 2 ms by a symmetric path, from a server that is `errorNs` off. */
function exchange(server: string, t1: bigint, errorNs = 0n): string {
  const t2 = truthNs(t1 + 1_000_000n) + errorNs;
  return `{"type":"exchange","server":"${server}","t1":${t1},"t2":${t2},"t3":${t2},"t4":${t1 + 2_000_000n},` +
    `"stratum":1,"root_delay":0.0001,"root_dispersion":0.0001}`;
}

function take(replay: Replay, ...lines: string[]): (Answer | null)[] {
  return lines.map((line) => replay.take(parseTraceLine(line)));
}

function ask(replay: Replay, localNs: bigint, forNs = localNs): Answer {
  const answer = replay.take({ type: "query", localRawNs: localNs, forRawNs: forNs });
  assert(answer !== null);
  return answer;
}

/** A replay that has seen `seconds` of three servers asked every second. */
function warmReplay(seconds: number): Replay {
  const replay = newReplay();
  for (let second = 0; second < seconds; second++) {
    const t1 = LOCAL_NS + BigInt(second) * SECOND_NS;
    take(replay, ...["a", "b", "c"].map((server, i) => exchange(server, t1 + BigInt(i) * 10_000_000n)));
  }
  return replay;
}

Deno.test("Replay answers that nothing is known before the first exchange", () => {
  const replay = newReplay();
  assertEquals(ask(replay, LOCAL_NS, LOCAL_NS + 5n), {
    localRawNs: LOCAL_NS,
    forRawNs: LOCAL_NS + 5n,
    utcNs: 0n,
    sigmaSeconds: Infinity,
    maxErrorSeconds: Infinity,
    flags: Flag.SYSTEM_CLOCK | Flag.UNSYNCHRONIZED,
    source: CorrectionSource.NO_DATA,
  });
});

Deno.test("Replay of exchanges alone finds the truth, of the present, the past and the future", () => {
  const replay = warmReplay(60);
  const local = LOCAL_NS + 60n * SECOND_NS;
  for (const at of [local, local - 30n * SECOND_NS, local + 60n * SECOND_NS]) {
    const answer = ask(replay, local, at);
    const errorSeconds = Math.abs(Number(answer.utcNs - truthNs(at))) / 1e9;
    assertLess(errorSeconds, 10e-6);
    assertLess(errorSeconds, answer.maxErrorSeconds);
    assertEquals(answer.source, CorrectionSource.NTP);
    assert((answer.flags & Flag.VALID) !== 0);
    assertEquals(warmupPercent(answer.flags), 33); // 60 of 180 s
  }
  assertEquals(replay.counts, { exchanges: 180, lost: 0, answers: 3 });
});

Deno.test("Replay lets sigma grow as the record's formula does, and the hard bound by 50 ppm", () => {
  const replay = warmReplay(20);
  const local = LOCAL_NS + 20n * SECOND_NS;
  const after = (seconds: bigint) => ask(replay, local, local + seconds * SECOND_NS);
  const now = after(0n);
  // sigma² = offset² + (drift·h)², so what is added after 10 s is 1/36 of what is added after 60 s.
  const drift = Math.sqrt(after(10n).sigmaSeconds ** 2 - now.sigmaSeconds ** 2) / 10;
  assertLess(0, drift);
  assertAlmostEquals(after(60n).sigmaSeconds, Math.hypot(now.sigmaSeconds, 60 * drift), 1e-12);
  // Beyond the horizon of 60 s the drift term goes with h^1.5: 240 s are 2 × 4 of it.
  assertAlmostEquals(after(240n).sigmaSeconds, Math.hypot(now.sigmaSeconds, 2 * 240 * drift), 1e-12);
  assertAlmostEquals(after(100n).maxErrorSeconds - now.maxErrorSeconds, 0.005, 1e-12);
  assertAlmostEquals(after(-100n).maxErrorSeconds - now.maxErrorSeconds, 0.005, 1e-12);
});

Deno.test("Replay answers from what is known where the query stands, whatever comes later", () => {
  const replay = warmReplay(30);
  const steppedNs = LOCAL_NS + 30n * SECOND_NS;
  const before = ask(replay, steppedNs);
  for (let second = 0n; second < 8n; second++) {
    const t1 = steppedNs + second * SECOND_NS;
    take(replay, ...["a", "b", "c"].map((server) => exchange(server, t1, 40_000_000n)));
  }
  const afterwardsNs = steppedNs + 8n * SECOND_NS;
  assertAlmostEquals(Number(before.utcNs - truthNs(steppedNs)), 0, 10_000);
  assertAlmostEquals(Number(ask(replay, afterwardsNs).utcNs - truthNs(afterwardsNs)), 40_000_000, 100_000);
});

Deno.test("Replay says HOLDOVER when the sources have been silent, and goes on with growing bounds", () => {
  const replay = warmReplay(20);
  const quiet = ask(replay, LOCAL_NS + 85n * SECOND_NS);
  const silent = ask(replay, LOCAL_NS + 86n * SECOND_NS);
  assertEquals([quiet.flags & Flag.HOLDOVER, silent.flags & Flag.HOLDOVER], [0, Flag.HOLDOVER]);
  assertLess(quiet.maxErrorSeconds, silent.maxErrorSeconds);
});

Deno.test("Replay counts what the daemon would not have believed as lost", () => {
  const replay = newReplay();
  const good = exchange("a", LOCAL_NS);
  take(
    replay,
    good.replace('"stratum":1', '"stratum":16'),
    good.replace('"stratum":1', '"stratum":0'),
    good.replace('"root_dispersion":0.0001', '"root_dispersion":1.5'),
    good.replace(/"t3":\d+/, '"t3":1'),
    good.replace(/"t4":\d+/, `"t4":${LOCAL_NS}`).replace(/"t3":\d+/, `"t3":${truthNs(LOCAL_NS + SECOND_NS)}`),
    `{"type":"lost","server":"a","t1":${LOCAL_NS}}`,
  );
  assertEquals(replay.counts, { exchanges: 0, lost: 6, answers: 0 });
  assertEquals(ask(replay, LOCAL_NS).utcNs, 0n);
});

const START =
  `{"type":"start","version":1,"local":${LOCAL_NS},"program":"p","base_raw":${LOCAL_NS},"base_utc":${UTC_NS},` +
  `"warmup":0,"holdover_after":66,"horizon":60,"max_uncertainty":0.01,"sources":1,"settle":0,"lacks_models":false}`;

function predict(localNs: bigint, number: number): string {
  return `{"type":"predict","local":${localNs},"number":${number}}`;
}

/** A publication whose system clock reads 1 ms more than UTC_NS at LOCAL_NS. */
function published(localNs: bigint, number: number, changes: Record<string, number> = {}): string {
  const realtimeNs = UTC_NS + 1_000_000n + (localNs - LOCAL_NS);
  const others = { disruptions: 0, steering: 0, allowance: 0, boottime: 0, ...changes };
  return `{"type":"published","local":${localNs},"number":${number},"raw":${localNs},"realtime":${realtimeNs},` +
    JSON.stringify(others).slice(1);
}

Deno.test("Replay of a recording serves a prediction from when it was published, not from when it was made", () => {
  const replay = newReplay();
  take(replay, START, published(LOCAL_NS + 5n, 1), exchange("a", LOCAL_NS), predict(LOCAL_NS + SECOND_NS, 2));
  const local = LOCAL_NS + SECOND_NS + 1_000_000n;
  // Before: the system clock as the last publication read it, for which nobody vouches.
  const before = ask(replay, local);
  assertEquals(before, {
    localRawNs: local,
    forRawNs: local,
    utcNs: UTC_NS + 1_000_000n + (local - LOCAL_NS),
    sigmaSeconds: Infinity,
    maxErrorSeconds: Infinity,
    flags: Flag.SYSTEM_CLOCK | Flag.UNSYNCHRONIZED,
    source: CorrectionSource.NO_DATA,
  });
  take(replay, published(local, 2, { allowance: 0.000_006 }));
  const after = ask(replay, local);
  assertAlmostEquals(Number(after.utcNs - truthNs(local)), 0, 25_000);
  assertEquals(after.source, CorrectionSource.NTP);
  take(replay, published(local, 2, { allowance: 0.000_016 }));
  assertAlmostEquals(ask(replay, local).maxErrorSeconds - after.maxErrorSeconds, 10e-6, 1e-12);
});

Deno.test("Replay of a recording says again what the models said", () => {
  const local = LOCAL_NS + SECOND_NS;
  const spoken = ',"models":"ready","forecast":0.000005,"forecast_sigma":0,"forecast_source":4}';
  const [without, withModels] = [predict(local, 2), predict(local, 2).replace("}", spoken)].map((line) => {
    const replay = newReplay();
    take(replay, START, exchange("a", LOCAL_NS), line, published(local, 2));
    return ask(replay, local);
  });
  assertAlmostEquals(Number(withModels!.utcNs - without!.utcNs), 5000, 1);
  assertEquals(withModels!.source, CorrectionSource.FUSION);
  assertEquals(withModels!.flags, without!.flags | Flag.MODELS_READY);
});

Deno.test("Replay of a recording follows the system clock's steering where that is what was served", () => {
  const replay = newReplay();
  take(replay, START, published(LOCAL_NS, 1, { steering: 500e-6 }));
  const utcNs = ask(replay, LOCAL_NS + 2n * SECOND_NS).utcNs;
  assertEquals(utcNs, UTC_NS + 1_000_000n + 2_001_000_000n);
});

Deno.test("Replay of a recording serves nothing as valid after a disruption until a prediction has digested it", () => {
  const replay = newReplay();
  const at = (seconds: bigint) => LOCAL_NS + seconds * SECOND_NS;
  take(replay, START, exchange("a", at(0n)), predict(at(1n), 2), published(at(1n), 2));
  assert((ask(replay, at(2n)).flags & Flag.VALID) !== 0);
  take(replay, published(at(2n), 2, { disruptions: 1 }));
  const disrupted = ask(replay, at(2n));
  assertEquals(disrupted.flags & (Flag.VALID | Flag.DISRUPTED), Flag.DISRUPTED);
  assertEquals([disrupted.sigmaSeconds, disrupted.maxErrorSeconds, disrupted.source], [
    Infinity,
    Infinity,
    0,
  ]);
  take(
    replay,
    `{"type":"disruption","local":${at(3n)},"count":1}`,
    exchange("a", at(4n)),
    predict(at(5n), 3),
  );
  take(replay, published(at(5n), 3, { disruptions: 1 }));
  assertEquals(ask(replay, at(5n)).flags & (Flag.VALID | Flag.DISRUPTED), Flag.VALID);
});

Deno.test("Replay of a recording calls a prediction valid until its horizon only", () => {
  const replay = newReplay();
  take(replay, START, exchange("a", LOCAL_NS), predict(LOCAL_NS, 2), published(LOCAL_NS, 2));
  const flagsAt = (seconds: bigint) => ask(replay, LOCAL_NS + seconds * SECOND_NS).flags & Flag.VALID;
  assertEquals([flagsAt(60n), flagsAt(61n)], [Flag.VALID, 0]);
});

Deno.test("Replay takes the recording's options unless it is told to use its own", () => {
  const pending = [
    START,
    exchange("a", LOCAL_NS),
    predict(LOCAL_NS + SECOND_NS, 2),
    published(LOCAL_NS + SECOND_NS, 2),
  ];
  const [recorded, own] = [newReplay(), newReplay({ warmupSeconds: 100 }, true)].map((replay) => {
    take(replay, ...pending);
    return warmupPercent(ask(replay, LOCAL_NS + SECOND_NS).flags);
  });
  assertEquals([recorded, own], [100, 0]);
});

Deno.test("Replay begins anew where a daemon was started again", () => {
  const replay = newReplay();
  take(replay, START, exchange("a", LOCAL_NS), predict(LOCAL_NS, 2), published(LOCAL_NS, 2), START);
  assertEquals(ask(replay, LOCAL_NS).utcNs, 0n);
});

Deno.test("Replay refuses publications of nothing and predictions of nobody", () => {
  const refusal = (...lines: string[]) =>
    assertThrows(() => take(newReplay(), ...lines), TraceLineError).message;
  assertEquals(refusal(predict(LOCAL_NS, 2)), '"predict" comes before any "start"');
  assertEquals(refusal(published(LOCAL_NS, 2)), '"published" comes before any "start"');
  assertEquals(
    refusal(START, published(LOCAL_NS, 2)),
    "it publishes prediction 2, which was not made before",
  );
});
