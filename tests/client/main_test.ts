import { assert, assertEquals, assertGreaterOrEqual, assertMatch, assertStringIncludes } from "@std/assert";
import { Flag } from "../../record/layout.ts";
import { taskPermissions } from "../../sim/task_permissions.ts";
import { available, findProgram } from "../support/available.ts";
import { HEALTHY_FLAGS, PublishedRecord, randomShmName } from "../support/published_record.ts";
import { python } from "../support/python.ts";

const MAIN = new URL("../../client/main.ts", import.meta.url).pathname;
const NEVER_SO_LONG_MS = 20_000;

function argumentsOf(...args: string[]): string[] {
  return [
    "run",
    "--no-prompt",
    "--no-lock",
    ...taskPermissions("client"),
    MAIN,
    ...args,
  ];
}

/** Colour is not forbidden, so that only the missing terminal forbids it. */
const COLOUR_ALLOWED = { NO_COLOR: "" };

function command(args: string[]): Deno.Command {
  return new Deno.Command(Deno.execPath(), {
    args: argumentsOf(...args),
    env: COLOUR_ALLOWED,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
    signal: AbortSignal.timeout(NEVER_SO_LONG_MS),
  });
}

interface Outcome {
  readonly code: number;
  readonly output: string;
  readonly errors: string;
}

async function run(args: string[]): Promise<Outcome> {
  const { code, stdout, stderr } = await command(args).output();
  const decoder = new TextDecoder();
  return { code, output: decoder.decode(stdout), errors: decoder.decode(stderr) };
}

/** The values of a report by their labels. */
function rowsOf(output: string): Map<string, string> {
  return new Map(
    output.trimEnd().split("\n").map((line) => {
      const [, label, value] = /^( {0,2}\S.*?) {2,}(\S.*)$/.exec(line) ?? [];
      return [label!, value!];
    }),
  );
}

const ISO = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z$/;

/** Republishes while the child starts, which takes a good part of the record's 2.5 s on a busy machine. */
async function whilePublished(overrides: Parameters<PublishedRecord["publish"]>[0], args: string[]) {
  using record = new PublishedRecord(overrides);
  const timer = setInterval(() => record.publish(overrides), 50);
  try {
    return await run([...args, "--shm-name", record.name]);
  } finally {
    clearInterval(timer);
  }
}

Deno.test({
  name: "--trusted-users lets a client believe a daemon of another user, as those of containers are",
  ignore: Deno.uid() !== 0,
  async fn() {
    using record = new PublishedRecord();
    Deno.chownSync(record.path, 54_321, 54_321);
    const timer = setInterval(() => record.publish(), 50);
    try {
      const refused = await run(["json", "--shm-path", record.path]);
      assertEquals(refused.code, 3);
      assertStringIncludes(refused.errors, "belongs to user 54321, who is neither root nor you");
      const { code, output } = await run([
        "json",
        "--shm-path",
        record.path,
        "--trusted-users",
        "1",
        "54321",
      ]);
      assertEquals([code, JSON.parse(output).writer_pid], [0, Deno.pid]);
    } finally {
      clearInterval(timer);
    }
  },
});

Deno.test("read shows the time, its bounds and its source in aligned columns without colour", async () => {
  const { code, output, errors } = await whilePublished({ driftRate: -20e-6, maxError: 0.0021 }, ["read"]);
  assertEquals([code, errors], [0, ""]);
  const rows = rowsOf(output);
  assertEquals([...rows.keys()], [
    "time",
    "  never off by more",
    "  one sigma",
    "system clock",
    "  correction",
    "  drift",
    "source",
    "confidence",
  ]);
  assertMatch(rows.get("time")!, ISO);
  assertMatch(rows.get("system clock")!, ISO);
  // 2.1 ms grow by 50 ns a millisecond of age.
  assertMatch(rows.get("  never off by more")!, /^± 2\.1\d\d ms$/);
  assertMatch(rows.get("  one sigma")!, /^± 120\.\d{3} µs$/);
  assertMatch(rows.get("  correction")!, /^\+2[45]\.\d{3} ms$/);
  assertEquals([rows.get("  drift"), rows.get("source"), rows.get("confidence")], [
    "-20.000 ppm",
    "ntp",
    "96.9 %",
  ]);
  const lines = output.trimEnd().split("\n");
  const columns = [...rows.values()].map((value, i) => lines[i]!.length - value.length);
  assertEquals(new Set(columns), new Set(["  never off by more  ".length]));
});

Deno.test("read without a daemon says so in one sentence and ends with 3", async () => {
  const name = randomShmName();
  assertEquals(await run(["read", "--shm-name", name]), {
    code: 3,
    output: "",
    errors:
      `chronotick-client: Cannot attach to ${name}: no such shared memory. Start the daemon with \`deno task daemon\`, or give its --shm-name.\n`,
  });
});

Deno.test("read of a hostile record ends with 3 and names the field", async () => {
  const { code, output, errors } = await whilePublished({ driftRate: 5 }, ["read"]);
  assertEquals([code, output], [3, ""]);
  assertStringIncludes(
    errors,
    "chronotick-client: Cannot use the record: drift_rate is 5, but must be within ± 0.125 s/s. Check which program",
  );
});

Deno.test({
  name: "read does not wait for the other end of a FIFO that somebody put in the segment's place",
  ignore: !available("mkfifo"),
  async fn() {
    const name = randomShmName();
    await new Deno.Command(findProgram("mkfifo")!, { args: [`/dev/shm/${name}`] }).output();
    try {
      const { code, errors } = await run(["read", "--shm-name", name]);
      assertEquals(code, 3);
      assertStringIncludes(
        errors,
        `no record is there but a symbolic link, a folder or something else. Remove /dev/shm/${name} `,
      );
    } finally {
      Deno.removeSync(`/dev/shm/${name}`);
    }
  },
});

Deno.test("status ends with 0 when healthy, 1 when degraded and 3 without a valid time", async () => {
  const cases = [
    [HEALTHY_FLAGS, 0, "healthy", "valid", "ntp"],
    [HEALTHY_FLAGS | Flag.HOLDOVER | Flag.DEGRADED, 1, "degraded", "valid", "ntp, held over"],
    [
      HEALTHY_FLAGS & ~Flag.VALID | Flag.UNSYNCHRONIZED,
      3,
      "no valid time",
      "not synchronized: no source has answered",
      "ntp",
    ],
  ] as const;
  const outcomes = await Promise.all(cases.map(([flags]) => whilePublished({ flags }, ["status"])));
  outcomes.forEach(({ code, output, errors }, i) => {
    const [, expectedCode, health, state, source] = cases[i]!;
    const rows = rowsOf(output);
    assertEquals([code, errors], [expectedCode, ""]);
    assertEquals([rows.get("health"), rows.get("state"), rows.get("source")], [health, state, source]);
    assertEquals(rows.get("warm-up"), "100 %");
    assertEquals(rows.get("offset"), "+25.003 ms ± 120.000 µs (1 σ)");
    assertEquals(rows.get("hard bound"), "± 2.100 ms");
    assertEquals(rows.get("drift"), "+20.000 ppm ± 0.100 ppm (1 σ)");
    assertEquals(rows.get("measurements"), "42");
    assertEquals(rows.get("predictions"), "1234");
    assertMatch(rows.get("last measured")!, /^\d s ago$/);
    assertMatch(rows.get("published")!, /^\d+\.\d{3} (ms|µs) ago, in 12\.500 µs on average$/);
    assertEquals(rows.get("daemon"), `process ${Deno.pid}, up 5 min 21 s`);
  });
});

Deno.test({
  name: "json is read by Python: the record under its names, nanoseconds exact",
  ignore: !available("python3"),
  async fn() {
    using record = new PublishedRecord(null);
    const overrides = { boottimeAnchor: { seconds: 1_771_000_000, nanoseconds: 123_456_789 } };
    const published = record.publish(overrides, 5);
    const compact = await run(["json", "--shm-name", record.name]);
    const pretty = await run(["json", "--pretty", "--shm-name", record.name]);
    assertEquals([compact.code, compact.errors, pretty.code], [3, "", 3]);
    assertEquals([compact.output.split("\n").length, pretty.output.split("\n").length > 25], [2, true]);
    const code = `
import json, sys
a, b = (json.loads(text) for text in sys.argv[1:])
assert a.keys() == b.keys()
names = """is_valid state corrected_timestamp system_timestamp prediction_time offset_correction drift_rate
offset_uncertainty drift_uncertainty valid_until confidence sequence_number flags source measurement_count writer_pid
last_ntp_sync daemon_uptime total_corrections layout_version average_latency_ms max_error boottime_anchor flag_names
warmup_percent"""
print(*(a[name] for name in names.split()), set(a) - set(names.split()))
`;
    assertEquals(
      await python(code, compact.output, pretty.output),
      [
        "False stale",
        published.correctedTimestamp,
        published.systemTimestamp,
        published.predictionTime,
        "0.025003 2e-05 0.00012 1e-07",
        published.validUntil,
        "0.96875 2",
        published.flags,
        `ntp 42 ${Deno.pid}`,
        published.lastNtpSync,
        "321.5 1234 1 0.012500000186264515 0.0021000001579523087 1771000000123456789",
        "['valid', 'ntp_ready', 'warmup_complete'] 100 {'record_age'}",
      ].join(" "),
    );
  },
});

Deno.test("status of a record from the future says so, and is no fresh daemon's", async () => {
  using record = new PublishedRecord(null);
  record.publish({}, -90);
  const { code, output } = await run(["status", "--shm-name", record.name]);
  const rows = rowsOf(output);
  assertEquals([code, rows.get("health")], [3, "no valid time"]);
  assertMatch(rows.get("state")!, /^from 1 min \d+ s in the future: check which program writes it$/);
  assertMatch(rows.get("published")!, /^[78]\d\.\d{3} s ahead of this clock, /);
});

Deno.test({
  name: "json of a valid record adds the time now, in nanoseconds and as text that agree",
  ignore: !available("python3"),
  async fn() {
    const { code, output, errors } = await whilePublished({ maxError: 0.25, driftRate: 0 }, ["json"]);
    assertEquals([code, errors], [0, ""]);
    const result = await python(
      `
import datetime, json, sys
j = json.loads(sys.argv[1])
def ns(text):
    whole, digits = text[:-1].split(".")
    parsed = datetime.datetime.fromisoformat(whole + "+00:00")
    return int(parsed.timestamp()) * 10**9 + int(digits)
assert j["is_valid"] is True and j["state"] == "valid"
assert ns(j["iso"]) == j["utc_ns"], "iso"
assert ns(j["earliest"]) == j["earliest_ns"] and ns(j["latest"]) == j["latest_ns"], "bounds"
assert abs(j["latest_ns"] - j["earliest_ns"] - 2e9 * j["max_error_now"]) <= 4, "width"
assert abs(j["corrected_time"] - j["system_time"] - j["correction"]) < 1e-6, "correction"
assert abs(j["utc_ns"] / 1e9 - j["corrected_time"]) < 1e-6, "time"
assert abs(j["time_uncertainty"] - 120e-6) < 1e-6 and j["max_error_now"] >= 0.25, "uncertainty"
print("agreed", j["correction"])
`,
      output,
    );
    assertEquals(result, "agreed 0.025003");
  },
});

Deno.test("json writes null for a bound that nobody knows", async () => {
  const { code, output } = await whilePublished({ maxError: Infinity }, ["json"]);
  const { max_error, max_error_now, earliest, is_valid } = JSON.parse(output);
  assertEquals([code, max_error, max_error_now, earliest, is_valid], [0, null, null, undefined, true]);
});

Deno.test("wait-ready ends with 0 as soon as there is a valid time, and with 3 when there is none in time", async () => {
  using record = new PublishedRecord(null);
  const timer = setTimeout(() => record.publish(), 300);
  const args = ["wait-ready", "--timeout", "15", "--shm-name", record.name];
  assertEquals(await run(args), { code: 0, output: "", errors: "" });
  clearTimeout(timer);
  const { code, errors } = await run(["wait-ready", "--timeout", "0.1", "--shm-name", randomShmName()]);
  assertEquals(code, 3);
  assertMatch(errors, /^chronotick-client: Cannot attach to [^\n]+\n$/);
});

Deno.test("wait-until sleeps until the corrected time, or until it has certainly passed, and prints it", async () => {
  const OFFSET_SECONDS = 0.025; // as published
  const target = (Date.now() / 1000 + OFFSET_SECONDS + 1.5).toFixed(6);
  const [reached, certain] = await Promise.all(
    [["wait-until", target], ["wait-until", "--certain", target]].map((args) => whilePublished({}, args)),
  );
  for (const { code, output, errors } of [reached!, certain!]) {
    assertEquals([code, errors], [0, ""]);
    assertGreaterOrEqual(Date.parse(rowsOf(output).get("time")!), Math.floor(Number(target) * 1000));
  }
  // The record's bound is 2.1 ms.
  assertGreaterOrEqual(Date.parse(rowsOf(certain!.output).get("time")!), Number(target) * 1000 + 1);
});

Deno.test("wait-until says which instants it takes", async () => {
  const { code, errors } = await run(["wait-until", "tomorrow"]);
  assertEquals(code, 2);
  assertStringIncludes(
    errors,
    'TIME is "tomorrow": it must be Unix seconds, 2026-03-01T12:00:00.5Z, or +SECONDS',
  );
});

Deno.test("monitor writes one plain line per sample into a pipe", async () => {
  const { code, output, errors } = await whilePublished({}, [
    "monitor",
    "--count",
    "3",
    "--interval",
    "0.02",
  ]);
  assertEquals([code, errors], [0, ""]);
  const lines = output.trimEnd().split("\n");
  assertEquals(lines.length, 3);
  for (const line of lines) {
    assertMatch(
      line,
      /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z +\+25\.\d{3} ms +± 2\.1\d\d ms +σ 120\.\d{3} µs +\+20\.000 ppm {2}ntp$/,
    );
  }
  assertEquals(lines.toSorted(), lines);
});

Deno.test("monitor goes on without a valid time, names the reason, and ends with 3", async () => {
  const { code, output } = await whilePublished({ flags: 0 }, [
    "monitor",
    "--count",
    "2",
    "--interval",
    "0.01",
  ]);
  assertEquals(code, 3);
  assertMatch(output, /^(NOT_SYNCHRONIZED Cannot tell the time from \w+ yet: .*\n){2}$/);
});

Deno.test("monitor ends quietly when nobody reads its lines any more, as with | head -1", async () => {
  using record = new PublishedRecord();
  const timer = setInterval(() => record.publish(), 50);
  const child = command(["monitor", "--interval", "0.01", "--shm-name", record.name]).spawn();
  const lines = child.stdout.getReader();
  await lines.read();
  await lines.cancel();
  const [{ code }, errors] = await Promise.all([child.status, child.stderr.text()]);
  clearInterval(timer);
  assertEquals([code, errors], [0, ""]);
});

Deno.test("monitor ends with its last sample's verdict on SIGTERM and SIGINT", async () => {
  using record = new PublishedRecord();
  const timer = setInterval(() => record.publish(), 50);
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    const child = command(["monitor", "--interval", "60", "--shm-name", record.name]).spawn();
    const lines = child.stdout.getReader();
    await lines.read();
    child.kill(signal);
    assertEquals((await lines.read()).done, true);
    const [{ code }, errors] = await Promise.all([child.status, child.stderr.text()]);
    assertEquals([code, errors], [0, ""]);
  }
  clearInterval(timer);
});

/** Runs the client on a terminal of its own; what it wrote there. */
async function onTerminal(args: string[], env: Record<string, string>): Promise<string> {
  const line = [Deno.execPath(), ...argumentsOf(...args)].join(" ");
  const { stdout } = await new Deno.Command(findProgram("script")!, {
    args: ["-qec", line, "/dev/null"],
    env,
    stdin: "null",
  }).output();
  return new TextDecoder().decode(stdout);
}

Deno.test({
  name: "on a terminal there is colour, unless NO_COLOR is set, and monitor redraws in place",
  ignore: !available("script"),
  async fn() {
    using record = new PublishedRecord();
    const timer = setInterval(() => record.publish(), 50);
    const name = ["--shm-name", record.name];
    const [colourful, plain, monitor] = await Promise.all([
      onTerminal(["status", ...name], COLOUR_ALLOWED),
      onTerminal(["status", ...name], { NO_COLOR: "1" }),
      onTerminal(["monitor", "--count", "2", "--interval", "0.05", ...name], { NO_COLOR: "1" }),
    ]);
    clearInterval(timer);
    const ESCAPE = "\x1b[";
    assertStringIncludes(colourful, `health         ${ESCAPE}32mhealthy${ESCAPE}39m`);
    assertEquals(plain.includes(ESCAPE), false);
    assertStringIncludes(plain, "health         healthy");
    // Hidden cursor, two drawings of ten lines with the cursor moved up between them, and the cursor back.
    assert(monitor.startsWith(`${ESCAPE}?25l${ESCAPE}Jtime `), JSON.stringify(monitor));
    assertStringIncludes(monitor, `${ESCAPE}10A\r${ESCAPE}Jtime `);
    assertMatch(monitor, /\r\n[▁▂▃▄▅▆▇█]{2} correction, over /);
    assertEquals(monitor.includes(`${ESCAPE}?25h`), true);
  },
});

Deno.test("benchmark compares what a read costs with the raw clock", async () => {
  const { code, output, errors } = await whilePublished({}, ["benchmark", "--iterations", "2000"]);
  assertEquals([code, errors], [0, ""]);
  const lines = output.trimEnd().split("\n").map((line) => line.trim().split(/ {2,}/));
  assertEquals(lines.map(([name]) => name), [
    "ns per call",
    "clock_gettime(BOOTTIME)",
    "nowInto(interval)",
    "now()",
    "getTime()",
  ]);
  assertEquals(lines[0], ["ns per call", "p50", "p90", "p99", "max", "ratio"]);
  for (const [, ...figures] of lines.slice(1)) {
    const [p50, p90, p99, max] = figures.map(Number) as [number, number, number, number];
    assert(p50 > 0 && p50 <= p90 && p90 <= p99 && p99 <= max, figures.join(" "));
  }
  assertEquals(lines[1]!.at(-1), "1.00");
});

Deno.test("wrong usage is one sentence with a suggestion and ends with 2", async () => {
  const cases = [
    [["read", "--shm-nam", "x"], "Unknown option --shm-nam: did you mean --shm-name?"],
    [["raed"], 'Unknown command "raed": did you mean read?'],
    [["monitor", "--count", "0"], '--count is "0": it must be an integer of at least 1.'],
    [["read", "--pretty"], "--pretty is an option of json only."],
    [
      [],
      "No command was given: it must be read, wait-ready, wait-until, monitor, status, benchmark or json.",
    ],
  ] as const;
  const outcomes = await Promise.all(cases.map(([args]) => run([...args])));
  outcomes.forEach(({ code, output, errors }, i) => {
    assertEquals([code, output], [2, ""]);
    assertStringIncludes(errors, `chronotick-client: ${cases[i]![1]}`);
    assertEquals(errors.trimEnd().split("\n").length, 1);
  });
});

Deno.test("a leading -- as deno task passes it on is accepted", async () => {
  const { code, output } = await whilePublished({}, ["--", "json"]);
  assertEquals(code, 0);
  assertEquals(JSON.parse(output).is_valid, true);
});
