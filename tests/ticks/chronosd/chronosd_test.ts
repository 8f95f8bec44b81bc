import { assert, assertEquals, assertGreater, assertMatch, assertStringIncludes } from "@std/assert";
import { available } from "../../support/available.ts";
import { Random } from "../../support/random.ts";
import { LocalAuthority } from "../../../ticks/local_authority.ts";
import { ChronosdProcess } from "../../../sim/chronosd_process.ts";
import { LinePeer } from "./support/line_peer.ts";

const SEED = 20261121;
const KILLS = 4;
const CLIENTS = 4;

Deno.test("chronosd counts with everybody else who uses the counter, and says how it is", async () => {
  await using chronosd = await ChronosdProcess.start();
  using peer = await LinePeer.connect(chronosd.socket);
  assertEquals(await peer.ask("NEXT_TICK"), "1");
  await using local = LocalAuthority.open(`${chronosd.folder}/state`);
  assertEquals(await local.next(), 2n);
  assertMatch(
    (await peer.ask("STAMP:CLAUDE-A"))!,
    /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z::CLAUDE-A::TICK-0000000003$/,
  );
  const { uptime_seconds, reserved, ...status } = JSON.parse((await peer.ask("STATUS"))!);
  assertEquals(status, {
    version: "0.1.0",
    authority: `file:${chronosd.folder}/state`,
    tick: "3",
    connections: 1,
  });
  assert(BigInt(reserved) >= 3n && uptime_seconds > 0);
});

Deno.test("chronosd ends in order: SIGTERM, even twice, and SIGINT remove the socket and give reserved ticks back", async () => {
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    await using chronosd = await ChronosdProcess.start();
    using peer = await LinePeer.connect(chronosd.socket);
    assertEquals(await peer.ask("NEXT_TICK"), "1");
    const [{ code, signal: by, log }] = await Promise.all([chronosd.end(signal), chronosd.end("SIGTERM")]);
    assertEquals([code, by], [0, null]);
    assertMatch(log, new RegExp(`Stopped by SIG(TERM|INT)\\.\n$`));
    assertEquals(await peer.line(), null);
    const names = [...Deno.readDirSync(chronosd.folder)].map(({ name }) => name).sort();
    assertEquals(names, ["chronos.sock.lock", "state"]);
    await using next = await ChronosdProcess.startIn(chronosd.folder);
    using again = await LinePeer.connect(next.socket);
    assertEquals(await again.ask("NEXT_TICK"), "2");
  }
});

Deno.test("chronosd says in one sentence why it cannot start", async () => {
  await using first = await ChronosdProcess.start();
  const { folder } = first;
  const fail = (...args: string[]) => ChronosdProcess.runToEnd(folder, { args });
  assertEquals(await fail(), {
    code: 1,
    signal: null,
    log: `chronosd: Cannot listen on ${folder}/chronos.sock: another chronosd listens there already. ` +
      "Stop that one or choose another path with --socket or CHRONOS_SOCKET.\n",
  });
  const nobody = await fail("--socket", `${folder}/other.sock`, "--socket-group", "no-such-group");
  assertEquals(nobody.code, 1);
  assertStringIncludes(nobody.log, "there is no group no-such-group. Name one of /etc/group");
  const elsewhere = { CHRONOS_STATE_DIR: `${folder}/empty` };
  const empty = await ChronosdProcess.runToEnd(folder, { environment: elsewhere });
  assertEquals(empty.code, 1);
  assertMatch(empty.log, /^chronosd: Cannot find a tick counter: .*\n$/);
  const bus = await ChronosdProcess.runToEnd(folder, {
    args: ["--socket", `${folder}/other.sock`, "--dbus", "system"],
    environment: { DBUS_SYSTEM_BUS_ADDRESS: `unix:path=${folder}/no-bus` },
  });
  assertEquals(bus.code, 1);
  assertMatch(bus.log, /^chronosd: Cannot take the name org\.jesternet\.Chronos on the bus at .*\n$/);
  const mode = await fail("--socket-mode", "0999");
  assertEquals(mode.code, 2);
  assertStringIncludes(mode.log, "an octal mode such as 0660");
});

const PYTHON_FLOOD = `
import socket, sys, threading
def flood():
    client = socket.socket(socket.AF_UNIX)
    client.connect(sys.argv[1])
    def read():
        while client.recv(65536): pass
    threading.Thread(target=read, daemon=True).start()
    while True: client.sendall(b'LOG:{"agent":"A","action":"b","status":"c"}\\n' * 200)
for _ in range(3): threading.Thread(target=flood, daemon=True).start()
sys.stdin.read()
`;

Deno.test({
  name: "clients that ask without end, and for what waits for the disk, do not keep others from their ticks",
  ignore: !available("python3"),
  async fn() {
    await using chronosd = await ChronosdProcess.start();
    using peer = await LinePeer.connect(chronosd.socket);
    const flood = new Deno.Command("python3", { args: ["-c", PYTHON_FLOOD, chronosd.socket], stdin: "piped" })
      .spawn();
    while (JSON.parse((await peer.ask("STATUS"))!).connections < 4);
    // Starved, it would wait for ever: a minute means that.
    const starved = setTimeout(() => chronosd.end("SIGKILL"), 60_000);
    let last = 0n;
    for (let request = 0; request < 20; request++) {
      const tick = BigInt((await peer.ask("NEXT_TICK"))!);
      assertGreater(tick, last);
      last = tick;
    }
    clearTimeout(starved);
    flood.kill("SIGKILL");
    await flood.stdin.close();
    await flood.status;
  },
});

/** Asks for ticks until the daemon is gone; what was handed out is what was read. */
async function takeTicks(peer: LinePeer, taken: bigint[]): Promise<void> {
  try {
    for (;;) {
      await peer.send("NEXT_TICK\n".repeat(20));
      for (let reply = 0; reply < 20; reply++) {
        const line = await peer.line();
        if (line === null) return;
        taken.push(BigInt(line));
      }
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.BrokenPipe || error instanceof Deno.errors.ConnectionReset)) {
      throw error;
    }
  }
}

Deno.test("chronosd killed at any moment under load hands out no tick twice, and none below an earlier one", async () => {
  const random = new Random(SEED);
  const all: bigint[] = [];
  await using first = await ChronosdProcess.start();
  let chronosd = first;
  for (let kill = 0; kill < KILLS; kill++) {
    using stack = new DisposableStack();
    const peers = await Promise.all(
      Array.from({ length: CLIENTS }, async () => stack.use(await LinePeer.connect(chronosd.socket))),
    );
    const perClient = peers.map((): bigint[] => []);
    const working = Promise.all(peers.map((peer, client) => takeTicks(peer, perClient[client]!)));
    while (perClient.some((taken) => taken.length === 0)) {
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    await new Promise((resolve) => setTimeout(resolve, 150 * random.uniform()));
    await chronosd.end("SIGKILL");
    await working;
    const highest = all.reduce((a, b) => a > b ? a : b, 0n);
    for (const taken of perClient) {
      // A client sees rising ticks, and all that comes after a kill is above all that came before it.
      for (const [index, tick] of taken.entries()) assert(tick > (taken[index - 1] ?? highest));
      all.push(...taken);
    }
    chronosd = await ChronosdProcess.startIn(first.folder);
  }
  await using _last = chronosd;
  assertEquals(new Set(all).size, all.length);
});
