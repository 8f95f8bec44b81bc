import { assert, assertEquals, assertGreaterOrEqual, assertLessOrEqual } from "@std/assert";
import { AddressBook, type AddressRecord } from "../../../daemon/sources/address_book.ts";
import type { AddressScope } from "../../../daemon/sources/address_scope.ts";
import type { ExchangeOutcome } from "../../../daemon/sources/ntp_exchange.ts";
import { NtpServer } from "../../../daemon/sources/ntp_server.ts";
import type { PollSchedule } from "../../../daemon/sources/poll_schedule.ts";
import { failed, kiss, measured } from "./support/outcomes.ts";
import { Random } from "../../support/random.ts";

const START = 1000;
/** The default configuration: 1 s for 180 s, then 10 s. */
const SCHEDULE: PollSchedule = {
  warmupUntilRawSeconds: START + 180,
  warmupIntervalSeconds: 1,
  intervalSeconds: 10,
};

function serverAt(
  scope: AddressScope,
  options: { schedule?: PollSchedule; random?: () => number; record?: AddressRecord } = {},
): NtpServer {
  const hostname = scope === "public" ? "192.0.2.1" : "127.0.0.1";
  const identity = { source: `ntp.example|${hostname}:123`, address: { hostname, port: 123 }, scope };
  const record = options.record ?? new AddressBook().recordOf(hostname);
  return new NtpServer(identity, options.schedule ?? SCHEDULE, record, START, options.random ?? (() => 0));
}

function uniform(seed: number): () => number {
  const random = new Random(seed);
  return () => random.uniform();
}

/** Polls whenever it is due until `until`; returns the times. */
function pollTimes(server: NtpServer, until: number, outcome: ExchangeOutcome = measured()): number[] {
  const times: number[] = [];
  while (server.nextPollAtRawSeconds < until) {
    const now = server.nextPollAtRawSeconds;
    times.push(now);
    server.begin(now);
    server.finish(outcome);
  }
  return times;
}

function gaps(times: readonly number[]): number[] {
  return times.slice(1).map((time, i) => time - times[i]!);
}

Deno.test("a private server is asked eight times in the first two seconds, then as configured", () => {
  const server = serverAt("private");
  assertEquals(pollTimes(server, START + 5), [
    1000,
    1000.25,
    1000.5,
    1000.75,
    1001,
    1001.25,
    1001.5,
    1001.75,
    1002.75,
    1003.75,
    1004.75,
  ]);
  assertEquals(gaps(pollTimes(server, START + 300)).slice(-5), [10, 10, 10, 10, 10]);
});

Deno.test("a public server is never asked faster than every 4 s in the warm-up and every 16 s after it", () => {
  const server = serverAt("public", { random: uniform(9109) });
  const times = pollTimes(server, START + 600);
  for (const [i, gap] of gaps(times).entries()) {
    const isWarmup = times[i + 1]! < START + 180;
    assertGreaterOrEqual(gap, (isWarmup ? 4 : 16) - 1e-9, `gap before ${times[i + 1]}`);
    assertLessOrEqual(gap, (isWarmup ? 4 : 16) * 1.05 + 16);
  }
  assertGreaterOrEqual(times.length, 40 + 25);
});

Deno.test("a configuration slower than the manners demand is followed", () => {
  const schedule = { warmupUntilRawSeconds: START, warmupIntervalSeconds: 1, intervalSeconds: 100 };
  const server = serverAt("public", { schedule });
  assertEquals(gaps(pollTimes(server, START + 500)).slice(-2), [100, 100]);
});

Deno.test("every wait is lengthened at random by up to 5 %, never shortened", () => {
  const waits = gaps(pollTimes(serverAt("private", { random: uniform(1) }), START + 180)).slice(8);
  assert(waits.every((wait) => wait >= 1 - 1e-9 && wait <= 1.05 + 1e-9));
  assertGreaterOrEqual(new Set(waits.map((wait) => wait.toFixed(4))).size, 50);
});

Deno.test("a burst asks a private server eight times quickly, and leaves a public one its 16 s", () => {
  const schedule = { warmupUntilRawSeconds: START, warmupIntervalSeconds: 1, intervalSeconds: 30 };
  for (const scope of ["private", "public"] as const) {
    const server = serverAt(scope, { schedule });
    const before = pollTimes(server, START + 400).at(-1)!;
    server.burst();
    const after = [before, ...pollTimes(server, START + 900)];
    const quick = scope === "private" ? 0.25 : 16;
    assertEquals(gaps(after).slice(0, 9), [...new Array<number>(8).fill(quick), 30], scope);
  }
});

Deno.test("the reach register holds the last eight polls, the latest in the lowest bit", () => {
  const server = serverAt("private");
  const poll = (outcome: ExchangeOutcome): number => {
    server.begin(server.nextPollAtRawSeconds);
    server.finish(outcome);
    return server.status().reach;
  };
  assertEquals(poll(measured()), 0b1);
  assertEquals(poll(failed("timeout")), 0b10);
  assertEquals(poll(measured()), 0b101);
  assertEquals(poll(failed("unsynchronized")), 0b1010);
  assertEquals(poll(kiss("RATE")), 0b10100);
  for (let i = 0; i < 3; i++) poll(failed("timeout"));
  assertEquals(server.status().reach, 0b10100000);
  for (let i = 0; i < 3; i++) poll(failed("timeout"));
  assertEquals(server.status().reach, 0);
});

Deno.test("eight polls without a usable answer make a server unreachable, the first answer makes it found", () => {
  const server = serverAt("private");
  const poll = (outcome: ExchangeOutcome): string => {
    server.begin(server.nextPollAtRawSeconds);
    return server.finish(outcome);
  };
  assertEquals(server.isFound, false);
  assertEquals([poll(failed("timeout")), poll(measured()), poll(measured())], ["kept", "found", "kept"]);
  for (let i = 0; i < 7; i++) assertEquals(poll(failed("too-distant")), "kept");
  assertEquals([server.isFound, poll(failed("timeout")), server.isFound], [true, "unreachable", false]);
  for (let i = 0; i < 7; i++) assertEquals(poll(failed("refused")), "kept");
  assertEquals([poll(failed("refused")), poll(measured())], ["unreachable", "found"]);
});

Deno.test("a silent public server is asked ever less, down to every 64 s, and normally again once it answers", () => {
  const schedule = { ...SCHEDULE, warmupUntilRawSeconds: START };
  const server = serverAt("public", { schedule });
  const silent = gaps(pollTimes(server, START + 3000, failed("timeout")));
  assertEquals([silent[0], silent[7], silent[8], silent[15], silent[16], silent.at(-1)], [
    16,
    32,
    32,
    64,
    64,
    64,
  ]);
  server.begin(server.nextPollAtRawSeconds);
  server.finish(measured());
  assertEquals(server.status().intervalSeconds, 16);
});

Deno.test("each RATE kiss doubles the wait, up to 1024 s, and a burst cannot undercut it", () => {
  const server = serverAt("private", { schedule: { ...SCHEDULE, warmupUntilRawSeconds: START } });
  pollTimes(server, START + 100);
  const waits: number[] = [];
  for (let i = 0; i < 9; i++) {
    server.begin(server.nextPollAtRawSeconds);
    server.finish(kiss("RATE"));
    waits.push(server.status().intervalSeconds);
  }
  assertEquals(waits, [20, 40, 80, 160, 320, 640, 1024, 1024, 1024]);
  server.burst();
  assertEquals(server.status().intervalSeconds, 1024);
});

Deno.test("DENY and RSTR end the questions, other kisses do not", () => {
  for (const code of ["DENY", "RSTR"]) {
    const record = new AddressBook().recordOf("127.0.0.1:123");
    const server = serverAt("private", { record });
    server.begin(START);
    assertEquals(server.finish(kiss(code)), "denied");
    assertEquals(record.isDenied, true);
  }
  const server = serverAt("private");
  server.begin(START);
  assertEquals([server.finish(kiss("INIT")), server.finish(kiss("XXXX"))], ["kept", "kept"]);
});

Deno.test("manners towards an address outlive the schedule that learned them", () => {
  const record = new AddressBook().recordOf("192.0.2.1");
  const first = serverAt("public", { record });
  first.begin(START);
  first.finish(kiss("RATE"));
  assertEquals(serverAt("public", { record }).nextPollAtRawSeconds, START + 8);
});

Deno.test("an address that was silent when it was given up gets no quick start when it is taken again", () => {
  const record = new AddressBook().recordOf("127.0.0.1:123");
  record.unanswered = 8;
  assertEquals(gaps(pollTimes(serverAt("private", { record }), START + 5, failed("refused"))), [1, 1, 1, 1]);
});

Deno.test("everything is counted by reason, kisses of unknown letters together", () => {
  const server = serverAt("private");
  server.begin(START);
  server.finish({ kind: "failed", reason: "timeout", detail: null, ignored: new Map([["wrong-origin", 3]]) });
  server.finish({ kind: "kiss", code: "ABCD", ignored: new Map([["wrong-origin", 1], ["short", 2]]) });
  server.finish(kiss("EFGH"));
  server.finish(measured());
  const { ignored, failures, kisses, polls, answers } = server.status();
  assertEquals({ ignored, failures, kisses, polls, answers }, {
    ignored: { "wrong-origin": 4, "short": 2 },
    failures: { timeout: 1 },
    kisses: { other: 2 },
    polls: 1,
    answers: 1,
  });
});

Deno.test("AddressBook remembers 1024 addresses and forgets the one asked longest ago", () => {
  const book = new AddressBook();
  for (let i = 0; i < 1024; i++) book.recordOf(`host ${i}`).askedAtRawSeconds = i === 500 ? 1 : 1000 + i;
  book.recordOf("one more");
  assertEquals(book.recordOf("host 0").askedAtRawSeconds, 1000);
  assertEquals(book.recordOf("host 500").askedAtRawSeconds, -Infinity);
});
