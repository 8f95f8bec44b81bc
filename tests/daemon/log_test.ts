import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import {
  Logger,
  type LoggerSettings,
  MAX_ONCE_KEYS,
  MAX_RECORDS_PER_WINDOW,
  OTHER_KEY,
  WINDOW_MS,
} from "../../daemon/log.ts";
import { LogFileError, type LogSink } from "../../daemon/log_sink.ts";
import { formatJson } from "../../daemon/log_json.ts";
import { formatText, MAX_TEXT_CHARACTERS } from "../../daemon/log_text.ts";
import { available } from "../support/available.ts";
import { python } from "../support/python.ts";

/** 2026-05-04T03:02:01.007Z */
const REALTIME_MS = 1_777_863_721_007;

/** Keeps lines, and fails while `fault` says so. */
class MemorySink implements LogSink {
  readonly name: string;
  readonly lines: string[] = [];
  fault: string | null = null;
  reopened = 0;
  closed = 0;

  constructor(name = "memory") {
    this.name = name;
  }

  write(line: string): void {
    if (this.fault !== null) throw new Error(this.fault);
    this.lines.push(line);
  }

  reopen(): void {
    if (this.fault !== null) throw new Error(this.fault);
    this.reopened++;
  }

  close(): void {
    this.closed++;
  }
}

/** A logger whose clock stands at `clock.nowMs`, and the lines that it wrote. */
function setUp(settings: LoggerSettings = {}) {
  const clock = { nowMs: REALTIME_MS };
  const sink = new MemorySink();
  const fallback = new MemorySink("the fallback");
  const log = new Logger({ sink, fallback, nowRealtimeMs: () => clock.nowMs, ...settings });
  return { log, clock, sink, fallback, lines: sink.lines };
}

function withFolder(operation: (folder: string) => void): void {
  const folder = Deno.makeTempDirSync({ prefix: "chronotick-log-" });
  try {
    operation(folder);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

Deno.test("Logger writes time, level, component, message and fields", () => {
  const { log, clock, lines } = setUp({ level: "DEBUG" });
  log.debug("ntp", "asked");
  clock.nowMs += 1000;
  log.info("daemon", "started", { pid: 12, name: "chronotick_shm", ready: false });
  log.warning("phc", "none");
  log.error("publish", "late");
  assertEquals(lines, [
    "2026-05-04T03:02:01.007Z DEBUG   ntp: asked",
    "2026-05-04T03:02:02.007Z INFO    daemon: started pid=12 name=chronotick_shm ready=false",
    "2026-05-04T03:02:02.007Z WARNING phc: none",
    "2026-05-04T03:02:02.007Z ERROR   publish: late",
  ]);
});

Deno.test("Logger writes nothing below its level, which may change", () => {
  const { log, lines } = setUp();
  const all = () => {
    lines.length = 0;
    log.debug("x", "d");
    log.info("x", "i");
    log.warning("x", "w");
    log.error("x", "e");
    return lines.map((line) => line.at(-1)).join("");
  };
  assertEquals(all(), "iwe");
  log.level = "DEBUG";
  assertEquals(all(), "diwe");
  log.level = "WARNING";
  assertEquals(all(), "we");
  log.level = "ERROR";
  assertEquals(all(), "e");
});

Deno.test("Logger hands whole records to another format", () => {
  const { log, lines } = setUp({ format: JSON.stringify });
  log.info("ntp", "line\nbreak", { server: "a b" });
  assertEquals(JSON.parse(lines[0]!), {
    atRealtimeMs: REALTIME_MS,
    level: "INFO",
    component: "ntp",
    message: "line\nbreak",
    fields: { server: "a b" },
  });
});

Deno.test("formatText() lets no text forge a line, drive a terminal or hide a field", () => {
  const format = (message: string, fields = {}) =>
    formatText({ atRealtimeMs: REALTIME_MS, level: "INFO", component: "c", message, fields })
      .slice("2026-05-04T03:02:01.007Z INFO    c: ".length);
  assertEquals(
    format("a\nb\r\u001b[31m\u0000\u007f\u0085\u2028\u202e"),
    "a\\u000ab\\u000d\\u001b[31m\\u0000\\u007f\\u0085\\u2028\\u202e",
  );
  assertEquals(format("± ok ✓ 𝄞"), "± ok ✓ 𝄞");
  assertEquals(
    format("m", { a: "x y", b: 'q"', c: "k=v", d: "", e: "\n" }),
    'm a="x y" b="q\\"" c="k=v" d="" e=\\u000a',
  );
  assertEquals(format("x".repeat(5000)), "x".repeat(MAX_TEXT_CHARACTERS) + "…");
});

Deno.test("formatText() survives a clock that is out of all bounds", () => {
  const line = formatText({
    atRealtimeMs: Infinity,
    level: "INFO",
    component: "c",
    message: "m",
    fields: {},
  });
  assertEquals(line, "Infinity INFO    c: m");
});

Deno.test("Logger.once() writes the first of a kind and counts the others", () => {
  const { log, lines } = setUp();
  for (let i = 0; i < 5; i++) log.once("origin:a", "WARNING", "ntp", `wrong origin ${i}`, { server: "a" });
  log.once("origin:b", "ERROR", "ntp", "wrong origin");
  assertEquals(lines, [
    "2026-05-04T03:02:01.007Z WARNING ntp: wrong origin 0 server=a",
    "2026-05-04T03:02:01.007Z ERROR   ntp: wrong origin",
  ]);
  assertEquals(log.onceCounts(), { "origin:a": 5, "origin:b": 1 });
});

Deno.test("Logger.ended() tells how often it came, and lets it be written again", () => {
  const { log, lines } = setUp();
  log.once("k", "INFO", "ntp", "first");
  log.once("k", "INFO", "ntp", "again");
  assertEquals(log.ended("k"), 2);
  assertEquals(log.ended("k"), 0);
  log.once("k", "INFO", "ntp", "anew");
  assertEquals(lines.map((line) => line.split(": ")[1]), ["first", "anew"]);
});

Deno.test("Logger.once() keeps a bounded number of keys and says when there are more", () => {
  const { log, lines } = setUp({ level: "WARNING" });
  const surplus = 1000;
  for (let i = 0; i < MAX_ONCE_KEYS + surplus; i++) log.once(`key ${i}`, "ERROR", "ntp", `fault ${i}`);
  log.once("key 0", "ERROR", "ntp", "known");
  assertEquals(log.onceCounts()[OTHER_KEY], surplus);
  assertEquals(log.onceCounts()["key 0"], 2);
  assertEquals(Object.keys(log.onceCounts()).length, MAX_ONCE_KEYS + 1);
  assertEquals(lines.filter((line) => line.includes("More than 256 different faults")).length, 1);
});

Deno.test("Logger writes at most so many records of a level within a second, and tells how many it left out", () => {
  const { log, clock, lines } = setUp();
  for (let i = 0; i < MAX_RECORDS_PER_WINDOW + 57; i++) log.info("ntp", "flood");
  assertEquals(lines.length, MAX_RECORDS_PER_WINDOW);
  log.error("ntp", "an error is never hidden by a flood of a lower level");
  assertEquals(lines.length, MAX_RECORDS_PER_WINDOW + 1);

  clock.nowMs += WINDOW_MS;
  log.info("ntp", "next");
  assertEquals(lines.slice(-2), [
    "2026-05-04T03:02:02.007Z INFO    log: 57 records of this level were left out: more than 200 came within 1000 ms.",
    "2026-05-04T03:02:02.007Z INFO    ntp: next",
  ]);
  log.info("ntp", "and one more");
  assertEquals(lines.filter((line) => line.includes("left out")).length, 1);
});

Deno.test("Logger starts a new window when the clock was set back", () => {
  const { log, clock, lines } = setUp();
  for (let i = 0; i < MAX_RECORDS_PER_WINDOW; i++) log.info("x", "before");
  clock.nowMs -= 3_600_000;
  log.info("x", "after");
  assertEquals(lines.at(-1), "2026-05-04T02:02:01.007Z INFO    x: after");
});

Deno.test("Logger tells at its end what it left out, and closes its sink once", () => {
  const { log, sink, lines } = setUp();
  for (let i = 0; i < MAX_RECORDS_PER_WINDOW + 3; i++) log.info("x", "flood");
  log[Symbol.dispose]();
  assertStringIncludes(lines.at(-1)!, "3 records of this level were left out");
  assertEquals(sink.closed, 1);
});

Deno.test("Logger never throws: a sink that fails is reported once and replaced by the fallback", () => {
  const { log, sink, fallback } = setUp();
  log.info("x", "good");
  sink.fault = "disk full";
  log.info("x", "first");
  sink.fault = null;
  log.info("x", "second");
  assertEquals(sink.lines.map((line) => line.split(": ").at(-1)), ["good"]);
  assertEquals(fallback.lines, [
    "2026-05-04T03:02:01.007Z ERROR   log: Cannot log to memory: disk full; using the fallback instead.",
    "2026-05-04T03:02:01.007Z INFO    x: first",
    "2026-05-04T03:02:01.007Z INFO    x: second",
  ]);
  fallback.fault = "closed";
  log.info("x", "nobody hears this");
});

Deno.test("Logger.reopen() brings a sink back, unless it fails again", () => {
  const { log, sink, fallback } = setUp();
  sink.fault = "disk full";
  log.info("x", "lost to the fallback");
  log.reopen();
  log.info("x", "still there");
  assertEquals([sink.reopened, fallback.lines.length], [0, 4]);
  sink.fault = null;
  log.reopen();
  log.info("x", "back");
  assertEquals([sink.reopened, sink.lines.length, fallback.lines.length], [1, 1, 4]);
});

Deno.test("Logger appends to a file that only its owner may read", () => {
  withFolder((folder) => {
    const file = `${folder}/daemon.log`;
    for (const message of ["one", "two"]) {
      using log = new Logger({ file, nowRealtimeMs: () => REALTIME_MS });
      log.info("x", message);
    }
    assertEquals(
      Deno.readTextFileSync(file),
      "2026-05-04T03:02:01.007Z INFO    x: one\n2026-05-04T03:02:01.007Z INFO    x: two\n",
    );
    assertEquals(Deno.statSync(file).mode! & 0o777, 0o600);
  });
});

Deno.test("Logger.reopen() follows a rotation of the file", () => {
  withFolder((folder) => {
    const file = `${folder}/daemon.log`;
    using log = new Logger({ file, nowRealtimeMs: () => REALTIME_MS });
    log.info("x", "old");
    Deno.renameSync(file, `${file}.1`);
    log.info("x", "still old");
    log.reopen();
    log.info("x", "new");
    assertEquals(Deno.readTextFileSync(file), "2026-05-04T03:02:01.007Z INFO    x: new\n");
    assertEquals(Deno.readTextFileSync(`${file}.1`).split("\n").length, 3);
  });
});

Deno.test("Logger goes on on the fallback when the disk is full", () => {
  const fallback = new MemorySink("the fallback");
  using log = new Logger({ file: "/dev/full", fallback, nowRealtimeMs: () => REALTIME_MS });
  log.info("x", "one");
  log.info("x", "two");
  assertEquals(fallback.lines.length, 3);
  assertStringIncludes(fallback.lines[0]!, "Cannot log to /dev/full: No space left on device");
  assertEquals(fallback.lines[2], "2026-05-04T03:02:01.007Z INFO    x: two");
});

Deno.test("Logger says in one sentence why it cannot open its file", () => {
  const refusal = (file: string) => assertThrows(() => new Logger({ file }), LogFileError).message;
  assertEquals(
    refusal("/nowhere/x.log"),
    "Cannot open the log file /nowhere/x.log: its folder does not exist. Choose another one with --log-file.",
  );
  assertEquals(
    refusal("/tmp"),
    "Cannot open the log file /tmp: it is a folder. Choose another one with --log-file.",
  );
});

Deno.test("Logger writes to standard error unless told otherwise, and survives that nobody reads it", async () => {
  const code = `
    import { Logger } from "${new URL("../../daemon/log.ts", import.meta.url)}";
    const log = new Logger();
    log.info("x", "hello");
    for await (const _ of Deno.stdin.readable) break;
    for (let i = 0; i < 150; i++) log.warning("x", "anybody?");
    Deno.exit(7);`;
  await using child = new Deno.Command(Deno.execPath(), {
    args: ["eval", "--no-lock", code],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const errors = child.stderr.getReader();
  const { value } = await errors.read();
  assertStringIncludes(new TextDecoder().decode(value), "Z INFO    x: hello\n");
  await errors.cancel();
  const input = child.stdin.getWriter();
  await input.write(new Uint8Array([10]));
  await input.close();
  const [{ code: exitCode }, output] = await Promise.all([child.status, new Response(child.stdout).text()]);
  assertEquals([exitCode, output], [7, ""]);
});

Deno.test("formatJson gives one line that Python reads, whatever a stranger sent", {
  ignore: !available("python3"),
}, async () => {
  const message = `no "answer"\nforged\u2028line \x1b[2J ${"x".repeat(2000)}`;
  const line = formatJson({
    atRealtimeMs: Date.UTC(2026, 4, 4, 3, 2, 1, 123),
    level: "WARNING",
    component: "ntp",
    message,
    fields: { server: "192.0.2.1", polls: 8 },
  });
  assertEquals(line.split("\n").length, 1);
  const code = "import json,sys; r=json.loads(sys.argv[1]); " +
    "print(r['time'],r['level'],r['component'],len(r['message']),r['message'][:18].encode(),r['fields'])";
  assertEquals(
    await python(code, line),
    `2026-05-04T03:02:01.123Z WARNING ntp ${MAX_TEXT_CHARACTERS + 1} b'no "answer"\\nforged' ` +
      "{'server': '192.0.2.1', 'polls': 8}",
  );
});

Deno.test("Logger.listen() hears what is written, and nothing after its end", () => {
  const { log } = setUp({ level: "INFO" });
  const heard: string[] = [];
  {
    using _listening = log.listen(({ message }) => heard.push(message));
    log.debug("x", "too little");
    log.info("x", "one");
  }
  log.info("x", "two");
  assertEquals(heard, ["one"]);
});
