import { assert, assertEquals, assertRejects } from "@std/assert";
import { TickError } from "../../ticks/errors.ts";
import { EventLog } from "../../ticks/event_log.ts";
import { EventRecorder } from "../../ticks/event_recorder.ts";
import { LocalAuthority } from "../../ticks/local_authority.ts";
import { parsePhi } from "../../ticks/phi_timestamp.ts";
import { StateFolder } from "./state_folder.ts";

const ENTRY = { agent: "A", action: "deploy", status: "ok", details: "" };

function logged(path: string): string[] {
  return Deno.readTextFileSync(path).split("\n");
}

Deno.test("EventLog appends lines to a file for its owner alone", () => {
  using state = new StateFolder();
  const log = new EventLog(state.path);
  log.append("one");
  new EventLog(state.path).append("two €");
  assertEquals(logged(log.path), ["one", "two €", ""]);
  assertEquals(Deno.statSync(log.path).mode! & 0o7777, 0o600);
});

Deno.test("EventLog begins a new line after one that a crash has torn", () => {
  using state = new StateFolder();
  const log = new EventLog(state.path);
  Deno.writeTextFileSync(log.path, "whole\nhal");
  log.append("next");
  assertEquals(logged(log.path), ["whole", "hal", "next", ""]);
});

Deno.test("EventLog sets a full file aside and keeps the one before", () => {
  using state = new StateFolder();
  const log = new EventLog(state.path, 10);
  for (const line of ["first", "second", "third", "fourth"]) log.append(line);
  assertEquals(logged(log.path), ["third", "fourth", ""]);
  assertEquals(logged(`${state.path}/events.1.jsonl`), ["first", "second", ""]);
});

Deno.test("EventRecorder.log() uses one tick and appends what it returns", async () => {
  using state = new StateFolder();
  await using authority = LocalAuthority.open(state.path);
  using recorder = new EventRecorder(authority, new EventLog(state.path));
  const beforeNs = recorder.nowUtcNs();
  const lines = [await recorder.log(ENTRY), await recorder.log({ ...ENTRY, details: 'say "hi"\n' })];
  assertEquals(logged(`${state.path}/events.jsonl`), [...lines, ""]);
  const entries = lines.map((line) => JSON.parse(line));
  assertEquals(entries.map(({ timestamp }) => parsePhi(timestamp).tick), [1n, 2n]);
  assert(parsePhi(entries[0].timestamp).utcNs >= beforeNs);
  assertEquals(entries[1], { ...entries[1], action: "deploy", status: "ok", details: 'say "hi"\n' });
  assertEquals(parsePhi(await recorder.stamp("B")).tick, 3n);
});

Deno.test("what EventRecorder refuses uses no tick", async () => {
  using state = new StateFolder();
  await using authority = LocalAuthority.open(state.path);
  const log = new EventLog(state.path);
  using recorder = new EventRecorder(authority, log);
  await assertRejects(() => recorder.stamp("not an id"), TickError);
  await assertRejects(() => recorder.log({ ...ENTRY, agent: "" }), TickError);
  await assertRejects(() => recorder.log({ ...ENTRY, action: "" }), TickError);
  Deno.mkdirSync(log.path);
  await assertRejects(() => recorder.log(ENTRY), TickError, "Cannot log to");
  assertEquals(await authority.current(), 0n);
});
