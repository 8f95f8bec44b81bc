import {
  assert,
  assertEquals,
  assertGreater,
  assertLess,
  assertMatch,
  assertStringIncludes,
} from "@std/assert";
import { MAX_CONNECTIONS } from "../../daemon/status/http_server.ts";
import { STATUS } from "../../daemon/status/schemas.ts";
import { DaemonProcess } from "../../sim/daemon_process.ts";
import { clockFromNow } from "../../sim/truth.ts";
import { available } from "../support/available.ts";
import {
  FREQUENCY,
  OFFSET_SECONDS,
  pause,
  quickConfig,
  readyClient,
  SimulatedServers,
} from "./support/daemon_world.ts";
import { runClient } from "./support/run.ts";
import { askSocket, httpAddress } from "./support/status_client.ts";
import { together } from "./support/together.ts";

const needsCurl = { ignore: !available("curl") };

Deno.test({
  name: "the daemon's status over HTTP",
  ...needsCurl,
  fn: (t) =>
    together(t, {
      "/v1/time is what the client's json command says": sameAsTheClient,
      "/v1/status tells liars from the honest and why the bound is what it is": tellsLiars,
      "without any source the probes say that there is no time, and why": noTime,
      "two daemons told to use one socket: the second says so and ends, a third takes over from the dead":
        twoDaemons,
      "--log-format json writes one object a line": jsonLog,
    }),
});

async function sameAsTheClient(): Promise<void> {
  using servers = await SimulatedServers.start([{}, {}, {}]);
  await using daemon = await DaemonProcess.start({ config: quickConfig({ servers: servers.addresses }) });
  using _client = await readyClient(daemon);
  await daemon.line(/Serving the status on .*\.sock/);
  const [{ status, document }, { stdout }] = await Promise.all([
    askSocket(daemon.socketPath, "/v1/time"),
    runClient("json", daemon.shmName),
  ]);
  const client = JSON.parse(stdout);
  assertEquals(status, 200);
  assertEquals(Object.keys(document), Object.keys(client));
  assertEquals([document.writer_pid, document.is_valid], [client.writer_pid, true]);
  // The two were asked within a second or so, and both are right.
  for (const { corrected_time, system_time, max_error_now } of [document, client]) {
    const truth = OFFSET_SECONDS + FREQUENCY * 10;
    assertLess(Math.abs(corrected_time - system_time - truth), max_error_now + FREQUENCY * 10);
  }
  await daemon.stop();
  assertEquals(await exists(daemon.socketPath), false);
}

async function tellsLiars(): Promise<void> {
  const liar = { clock: clockFromNow(OFFSET_SECONDS + 0.2, FREQUENCY) };
  using servers = await SimulatedServers.start([{}, {}, {}, liar]);
  await using daemon = await DaemonProcess.start({ config: quickConfig({ servers: servers.addresses }) });
  using _client = await readyClient(daemon);
  await daemon.line(/Not following/);
  const document = STATUS.parse((await askSocket(daemon.socketPath, "/v1/status")).document);
  const { port } = servers.all[3]!.address;
  const row = document.servers.find(({ address }) => address === `127.0.0.1:${port}`)!;
  assertEquals(row.is_selected, false);
  assertMatch(
    row.reason,
    /^not followed: it is (199|200|201)(\.\d)? ms ahead of what the majority agrees on$/,
  );
  assertEquals(document.pid, daemon.pid);
  const { edge, max_error_seconds } = document.bound;
  assertStringIncludes(document.why, edge!.source);
  const parts = edge!.half_round_trip_seconds + edge!.root_distance_seconds + edge!.drift_seconds +
    edge!.displacement_seconds;
  // What the publisher adds for itself: 500 ppm of its period, clock reads, rounding.
  assert(parts <= max_error_seconds! && max_error_seconds! - parts < 100e-6, `${parts} ${max_error_seconds}`);
}

async function noTime(): Promise<void> {
  await using daemon = await DaemonProcess.start({
    config: "ntp: { servers: [127.0.0.1:1] }\nmodels: { enabled: false }",
  });
  await daemon.line(/Serving the status on .*\.sock/);
  const ask = (path: string) => askSocket(daemon.socketPath, path);
  assertEquals((await ask("/healthz")).status, 200);
  const { clock, health } = (await ask("/v1/status")).document;
  const ready = await ask("/readyz");
  if (clock.rung === "system_clock") return; // somebody disciplines this machine's clock
  assertEquals([health, ready.status, ready.document.ok], ["no_valid_time", 503, false]);
  assertMatch(ready.document.reason, /^There is no bound: none of 1 source has answered yet/);
  assertEquals((await ask("/v1/time")).status, 503);
}

async function twoDaemons(): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "chronotick-sockets-" });
  try {
    const config = "ntp: { servers: [] }\nmodels: { enabled: false }";
    // A name of its own is all that the second lacks: the folder's is taken.
    await using first = await DaemonProcess.start({
      config: `${config}\nstatus: { socket_path: ${folder}/c.sock }`,
    });
    await first.line(/Serving the status on .*c\.sock/);
    await using second = await DaemonProcess.start({
      config: `${config}\nstatus: { socket_path: ${folder}/c.sock }`,
    });
    const { code } = await second.ended();
    assertEquals(code, 1);
    assertMatch(
      second.lines.join("\n"),
      /Cannot serve the status on \S+c\.sock: another process serves there/,
    );
    assertEquals((await askSocket(`${folder}/c.sock`, "/v1/status")).document.pid, first.pid);
    first.kill("SIGKILL");
    await first.ended();
    await using third = await DaemonProcess.start({
      config: `${config}\nstatus: { socket_path: ${folder}/c.sock }`,
    });
    await third.line(/Serving the status on .*c\.sock/);
    assertEquals((await askSocket(`${folder}/c.sock`, "/v1/status")).document.pid, third.pid);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function jsonLog(): Promise<void> {
  const config = "ntp: { servers: [] }\nmodels: { enabled: false }";
  await using daemon = await DaemonProcess.start({ config, args: ["--log-format", "json"] });
  await daemon.line(/publishes/);
  await daemon.stop();
  const records = daemon.lines.map((line) => JSON.parse(line));
  assertGreater(records.length, 1);
  for (const { time, level, component, message } of records) {
    assert(Number.isFinite(Date.parse(time)) && level === "INFO" && component !== "" && message !== "");
  }
}

async function exists(path: string): Promise<boolean> {
  return await Deno.lstat(path).then(() => true, () => false);
}

Deno.test({
  name: "thousands of bad requests and connections do not delay a publication",
  ...needsCurl,
  fn: async () => {
    using servers = await SimulatedServers.start([{}, {}, {}]);
    const config = quickConfig({ servers: servers.addresses });
    const args = ["--http", "127.0.0.1:0"];
    await using daemon = await DaemonProcess.start({ config, args });
    await using other = await DaemonProcess.start({ config, args });
    using _client = await readyClient(daemon);
    using _otherClient = await readyClient(other);
    const [url, otherUrl] = [new URL(await httpAddress(daemon)), new URL(await httpAddress(other))];
    const filesBefore = openFiles(daemon);
    let filesMeanwhile = 0;
    const harass = async (target: URL) => {
      await sendNonsense(target);
      using _idle = await occupy(target, 1000);
      await pause(1000); // whoever is one too many is accepted before he is turned away
      filesMeanwhile = openFiles(daemon);
    };
    // The machine has the same to do both times; only whom it is done to differs.
    const spared = await paceDuring(daemon, () => harass(otherUrl));
    const harassed = await paceDuring(daemon, () => harass(url));
    assertGreater(harassed.publicationsPerSecond, 0.7 * spared.publicationsPerSecond);
    assertGreater(harassed.measurementsPerSecond, 0.4 * spared.measurementsPerSecond);
    assertLess(filesMeanwhile, filesBefore + MAX_CONNECTIONS + 16);
    const isServing = async () => (await fetch(new URL("/healthz", url)).catch(() => null))?.ok ?? false;
    let serves = false;
    while (!serves) serves = await isServing(); // as soon as the idle ones are known to be gone
  },
});

/** How fast the daemon publishes and measures while `work` is under way. */
async function paceDuring(daemon: DaemonProcess, work: () => Promise<void>) {
  const before = await counts(daemon);
  await work();
  const after = await counts(daemon);
  const seconds = after.uptimeSeconds - before.uptimeSeconds;
  return {
    publicationsPerSecond: (after.publications - before.publications) / seconds,
    measurementsPerSecond: (after.measurements - before.measurements) / seconds,
  };
}

/** Over the Unix socket, where nobody misbehaves. */
async function counts(daemon: DaemonProcess) {
  const { document } = await askSocket(daemon.socketPath, "/v1/status");
  return {
    uptimeSeconds: document.uptime_seconds,
    publications: document.publication.lateness.count,
    measurements: document.warmup.measurements,
  };
}

/** Paths, queries and headers that nobody knows, bodies of 10 MB, garbage, and questions that break off. */
async function sendNonsense(url: URL): Promise<void> {
  const head = "GET /v1/time HTTP/1.1\r\nHost: localhost\r\n";
  const body = `POST /v1/time HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10000000\r\n\r\n${
    "x".repeat(10_000_000)
  }`;
  const texts = [
    ...Array.from({ length: 10 }, () => body),
    ...Array.from(
      { length: 300 },
      (_, i) => `GET /${i}/../%00?${"q=1&".repeat(i)} HTTP/1.1\r\nHost: localhost\r\n\r\n`,
    ),
    ...Array.from(
      { length: 300 },
      (_, i) => `${head}X-${i}: ${"y".repeat(100 * i)}\r\nConnection: close\r\n\r\n`,
    ),
    ...Array.from({ length: 300 }, (_, i) => `\x00\xff${i}\r\n\r\n`),
    ...Array.from({ length: 30 }, (_, i) => head.slice(0, i)),
  ];
  const AT_ONCE = 32;
  for (let at = 0; at < texts.length; at += AT_ONCE) {
    await Promise.all(texts.slice(at, at + AT_ONCE).map((text) => sendAndLeave(url, text)));
  }
}

/** Sends as much as is taken, reads a little of the answer, goes. */
async function sendAndLeave({ hostname, port }: URL, text: string): Promise<void> {
  using connection = await Deno.connect({ hostname, port: Number(port) });
  try {
    const bytes = new TextEncoder().encode(text);
    for (let at = 0; at < bytes.length;) at += await connection.write(bytes.subarray(at, at + 65_536));
    if (text.endsWith("\r\n\r\n")) await connection.read(new Uint8Array(100));
  } catch (error) {
    const isClosed = error instanceof Deno.errors.BrokenPipe || error instanceof Deno.errors.ConnectionReset;
    if (!isClosed) throw error; // the daemon may end what is nonsense
  }
}

/** Connections that say nothing. */
async function occupy({ hostname, port }: URL, count: number): Promise<Disposable> {
  const connections: Deno.Conn[] = [];
  for (let i = 0; i < count; i++) connections.push(await Deno.connect({ hostname, port: Number(port) }));
  return { [Symbol.dispose]: () => connections.forEach((connection) => connection.close()) };
}

function openFiles(daemon: DaemonProcess): number {
  return [...Deno.readDirSync(`/proc/${daemon.pid}/fd`)].length;
}
