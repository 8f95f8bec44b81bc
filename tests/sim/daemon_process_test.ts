import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { DaemonProcess } from "../../sim/daemon_process.ts";
import { exists } from "../support/exists.ts";

const NO_SERVERS = "ntp: { servers: [] }\nmodels: { enabled: false }\n";

Deno.test("DaemonProcess.line() resolves with a line to come and with one that has come", async () => {
  const heard: string[] = [];
  await using daemon = await DaemonProcess.start({ config: NO_SERVERS, onLine: (line) => heard.push(line) });
  const line = await daemon.line(/ publishes /);
  assertMatch(line, new RegExp(daemon.shmName));
  assertEquals(await daemon.line(/ publishes /), line);
  assert(heard.includes(line) && daemon.lines.includes(line));
});

Deno.test("DaemonProcess.line() rejects with the log when the daemon ends without it", async () => {
  await using daemon = await DaemonProcess.start({ config: "faulty: 1\n" });
  await assertRejects(() => daemon.line(/ publishes /), Error, "unknown key faulty");
  assertEquals((await daemon.ended()).code, 2);
  await assertRejects(() => daemon.line(/ publishes /), Error, "before it ended");
});

Deno.test("DaemonProcess.line() rejects when a line takes too long", async () => {
  await using daemon = await DaemonProcess.start({ config: NO_SERVERS });
  await assertRejects(() => daemon.line(/never/, 50), Error, "in 50 ms");
});

Deno.test("DaemonProcess leaves neither process nor segment nor folder, even of a daemon that was killed", async () => {
  const daemon = await DaemonProcess.start({ config: NO_SERVERS });
  await daemon.line(/ publishes /);
  const command = Deno.readTextFileSync(`/proc/${daemon.pid}/cmdline`).split("\0");
  const folder = command[command.lastIndexOf("--config") + 1]!.replace(/\/[^/]*$/, "");
  const paths = [`/dev/shm/${daemon.shmName}`, folder];
  assertEquals(paths.map(exists), [true, true]);
  assertEquals(Deno.statSync(`${folder}/config.yaml`).mode! & 0o777, 0o600);
  daemon.kill("SIGKILL");
  await daemon.ended();
  assertEquals(paths.map(exists), [true, true]);
  await daemon[Symbol.asyncDispose]();
  assertEquals([...paths, `/proc/${daemon.pid}`].map(exists), [false, false, false]);
});
