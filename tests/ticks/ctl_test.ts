import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { taskPermissions } from "../../sim/task_permissions.ts";
import { lineAnswerer } from "../../ticks/chronosd/answer_line.ts";
import { SocketFile } from "../../ticks/chronosd/socket_file.ts";
import { DEFAULT_LIMITS, SocketServer } from "../../ticks/chronosd/socket_server.ts";
import { TickService } from "../../ticks/chronosd/tick_service.ts";
import { EventLog } from "../../ticks/event_log.ts";
import { EventRecorder } from "../../ticks/event_recorder.ts";
import { LocalAuthority } from "../../ticks/local_authority.ts";
import { parsePhi } from "../../ticks/phi_timestamp.ts";
import { TickCounter } from "../../ticks/tick_counter.ts";
import { available } from "../support/available.ts";
import { python } from "../support/python.ts";
import { StateFolder } from "./state_folder.ts";

const CTL = new URL("../../ticks/ctl.ts", import.meta.url).pathname;
/** What the task gives the command. */
const PERMISSIONS = taskPermissions("chronos-ctl");
const NEVER_SO_LONG_MS = 20_000;

/** Root without root's right to use what file modes forbid. */
const WITHOUT_OVERRIDE = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"];

function command(
  state: StateFolder,
  args: readonly string[],
  prefix: readonly string[] = [],
): Deno.Command {
  const words = [...prefix, Deno.execPath(), "run", "--no-prompt", "--no-lock", "--no-check", ...PERMISSIONS];
  return new Deno.Command(words[0]!, {
    args: [...words.slice(1), CTL, ...args],
    // No chronosd, unless the test starts one there.
    env: { CHRONOS_STATE_DIR: state.path, CHRONOS_SOCKET: `${state.path}/chronos.sock` },
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

async function ctl(state: StateFolder, ...args: readonly string[]): Promise<Outcome> {
  const { code, stdout, stderr } = await command(state, args).output();
  const decoder = new TextDecoder();
  return { code, output: decoder.decode(stdout), errors: decoder.decode(stderr) };
}

/** What a command that must succeed prints. */
async function told(state: StateFolder, ...args: readonly string[]): Promise<string> {
  const { code, output, errors } = await ctl(state, ...args);
  assertEquals([code, errors], [0, ""]);
  return output;
}

function currentTick(state: StateFolder): bigint {
  using counter = TickCounter.open(state.path);
  return counter.current();
}

Deno.test({
  name:
    "a chronosd that CHRONOS_SOCKET names and this user may not ask is not passed over for another counter",
  ignore: Deno.uid() === 0 && !available("setpriv"),
  async fn() {
    using state = new StateFolder();
    using _chronosd = await SocketFile.listen(`${state.path}/chronos.sock`, { mode: 0, groupId: null });
    const prefix = Deno.uid() === 0 ? WITHOUT_OVERRIDE : [];
    const { code, stdout, stderr } = await command(state, ["next"], prefix).output();
    const [output, errors] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
    assertEquals([code, output], [1, ""]);
    assertMatch(
      errors!,
      /chronos\.sock: this user may not use it\. Have chronosd started with --socket-mode 0660 /,
    );
    assertEquals(currentTick(state), 0n);
  },
});

Deno.test("chronos-ctl init, tick and next: bare numbers from 1, one after the other", async () => {
  using state = new StateFolder({ isEmpty: true });
  assertStringIncludes(await told(state, "init"), "the first tick will be 1");
  const outputs = [await told(state, "tick"), await told(state, "next"), await told(state, "next")];
  assertEquals(outputs, ["0\n", "1\n", "2\n"]);
  assertEquals(await told(state, "--", "next", "--count", "3"), "3\n4\n5\n");
  assertStringIncludes(await told(state, "init"), "has a counter");
  assertEquals(await told(state, "tick"), "5\n");
});

Deno.test("chronos-ctl next in many processes at once hands out each tick once and leaves no gap", async () => {
  using state = new StateFolder();
  const outputs = await Promise.all(Array.from({ length: 8 }, () => told(state, "next", "--count", "5")));
  const ticks = outputs.flatMap((output) => output.trimEnd().split("\n").map(Number));
  assertEquals(ticks.toSorted((a, b) => a - b), Array.from({ length: 40 }, (_, i) => i + 1));
});

Deno.test("chronos-ctl stamp and log use one tick each", async () => {
  using state = new StateFolder();
  const before = BigInt(Date.now()) * 1_000_000n;
  const stamp = parsePhi((await told(state, "stamp", "CLAUDE-A")).trimEnd());
  assertEquals([stamp.agent, stamp.tick], ["CLAUDE-A", 1n]);
  assert(stamp.utcNs >= before && stamp.utcNs < before + 60_000_000_000n);
  const line = await told(state, "log", "A", "deploy", "ok", 'he said "go"\n');
  const entry = JSON.parse(line);
  assertEquals(Object.keys(entry), ["timestamp", "action", "status", "details"]);
  assertEquals([entry.action, entry.status, entry.details], ["deploy", "ok", 'he said "go"\n']);
  assertEquals(parsePhi(entry.timestamp).tick, 2n);
  assertEquals(Deno.readTextFileSync(`${state.path}/events.jsonl`), line);
  const json = JSON.parse(await told(state, "stamp", "A", "--json"));
  assertEquals([json.tick, json.agent, json.source, json.latest], ["3", "A", "system_clock", null]);
  assertEquals(currentTick(state), 3n);
});

const REFUSED: readonly (readonly string[])[] = [
  [],
  ["nxt"],
  ["next", "--count", "0"],
  ["next", "--count", "1.5"],
  ["next", "surplus"],
  ["stamp"],
  ["stamp", ""],
  ["stamp", "no spaces"],
  ["stamp", "x".repeat(65)],
  ["log", "A", "deploy"],
  ["log", "A:B", "deploy", "ok"],
  ["log", "A", "", "ok"],
  ["reset"],
  ["reset", "--force", "--to", "-1"],
  ["reset", "--force", "--to", "99999999999999999999"],
  ["next", "--authority", "nonsense"],
];

Deno.test("what chronos-ctl refuses as wrong usage exits with 2, says one sentence and moves no tick", async () => {
  using state = new StateFolder();
  await told(state, "next");
  const outcomes = await Promise.all(REFUSED.map((args) => ctl(state, ...args)));
  for (const [i, { code, output, errors }] of outcomes.entries()) {
    assertEquals([code, output], [2, ""], `${REFUSED[i]} ${errors}`);
    assertMatch(errors, /^chronos-ctl: .+\n$/);
  }
  assertEquals(currentTick(state), 1n);
});

Deno.test("without a counter, and with a damaged one, chronos-ctl says what to do and exits with 1", async () => {
  using state = new StateFolder({ isEmpty: true });
  const missing = await ctl(state, "next");
  assertEquals([missing.code, missing.output], [1, ""]);
  assertStringIncludes(missing.errors, "chronos-ctl init");
  Deno.writeTextFileSync(state.file, "rubbish", { mode: 0o600 });
  const damaged = await ctl(state, "next");
  assertEquals([damaged.code, damaged.output], [1, ""]);
  assertStringIncludes(damaged.errors, "reset --force --to");
  await told(state, "reset", "--force", "--to", "41");
  assertEquals(await told(state, "next"), "42\n");
});

Deno.test("chronos-ctl reset is refused while another process counts", async () => {
  using state = new StateFolder();
  using counter = TickCounter.open(state.path);
  counter.next();
  const { code, errors } = await ctl(state, "reset", "--force");
  assertEquals(code, 1);
  assertStringIncludes(errors, "another process is counting");
  assertEquals(counter.next(), 2n);
});

Deno.test("chronos-ctl counts with chronosd when it answers and without when not, and the ticks are the same", async () => {
  using state = new StateFolder();
  assertEquals(await told(state, "next"), "1\n");
  {
    await using authority = LocalAuthority.open(state.path);
    using recorder = new EventRecorder(authority, new EventLog(state.path));
    const answer = lineAnswerer(new TickService(authority, recorder, () => {}), () => Promise.resolve("{}"));
    const socket = await SocketFile.listen(`${state.path}/chronos.sock`, { mode: 0o600, groupId: null });
    await using _server = new SocketServer(socket, answer, DEFAULT_LIMITS);
    assertEquals(await told(state, "next"), "2\n");
    assertEquals(await told(state, "next", "--state-dir", state.path), "3\n");
    assertEquals(parsePhi((await told(state, "stamp", "A")).trimEnd()).tick, 4n);
    const entry = JSON.parse(await told(state, "log", "A", "deploy", "ok"));
    assertEquals(parsePhi(entry.timestamp).tick, 5n);
    assertEquals(await told(state, "tick"), "5\n");
    assertEquals(await told(state, "next", "--authority", `unix:${state.path}/chronos.sock`), "6\n");
  }
  assertEquals(await told(state, "next"), "7\n");
  const { code, errors } = await ctl(state, "next", "--socket", `${state.path}/chronos.sock`);
  assertEquals(code, 1, errors);
  assertEquals(await told(state, "next", "--authority", `file:${state.path}`), "8\n");
});

Deno.test("chronos-ctl log --follow shows what is there and what comes", async () => {
  using state = new StateFolder();
  const log = new EventLog(state.path, 30);
  log.append('"before"');
  await using child = command(state, ["log", "--follow"]).spawn();
  const lines = child.stdout.pipeThrough(new TextDecoderStream())[Symbol.asyncIterator]();
  let seen = "";
  const waitFor = async (text: string) => {
    while (!seen.includes(text)) seen += (await lines.next()).value;
  };
  await waitFor('"before"\n');
  log.append('"after"');
  await waitFor('"after"\n');
  for (const entry of ['"full file"', '"set aside"', '"new file"']) log.append(entry);
  await waitFor('"new file"\n');
  assertEquals(seen, ['"before"', '"after"', '"full file"', '"set aside"', '"new file"', ""].join("\n"));
  child.kill("SIGTERM");
  assertEquals((await child.status).code, 0);
});

Deno.test({
  name: "chronos-ctl log's line is JSON for Python too",
  ignore: !available("python3"),
  fn: async () => {
    using state = new StateFolder();
    const line = await told(state, "log", "A", "é", "\u0001", "€ 😀");
    const code =
      "import json, sys; e = json.loads(sys.argv[1]); print(ascii([e['action'], e['status'], e['details']]))";
    assertEquals(await python(code, line), "['\\xe9', '\\x01', '\\u20ac \\U0001f600']");
  },
});
