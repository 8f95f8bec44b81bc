import { assert, assertEquals, assertLess, assertMatch, assertRejects } from "@std/assert";
import { residentBytesOf } from "../../../bench/process_usage.ts";
import { TickError } from "../../../ticks/errors.ts";
import { available } from "../../support/available.ts";
import { python } from "../../support/python.ts";
import { LinePeer } from "./support/line_peer.ts";
import { ServerWorld } from "./support/server_world.ts";

Deno.test("a connection asks as often as it likes, and every line gets one line", async () => {
  await using world = await ServerWorld.start();
  using peer = await world.peer();
  assertEquals(await peer.ask("PING"), "PONG");
  assertEquals(await peer.ask("GET_TICK"), "0");
  assertEquals(await peer.ask("NEXT_TICK"), "1");
  assertEquals(await peer.ask("NEXT_TICKS:10"), "2");
  assertEquals(await peer.ask("NEXT_TICK\r"), "12");
  assertEquals(await peer.ask("STAMP:CLAUDE-A"), "2025-10-19T21:28:24.472823544Z::CLAUDE-A::TICK-0000000013");
  assertEquals(
    await peer.ask('LOG:{"agent":"CLAUDE-A","action":"say \\"hi\\"","status":"ok","details":"a\\nb: c"}'),
    '{"timestamp":"2025-10-19T21:28:24.472823544Z::CLAUDE-A::TICK-0000000014",' +
      '"action":"say \\"hi\\"","status":"ok","details":"a\\nb: c"}',
  );
  assertEquals(await peer.ask("GET_TICK"), "14");
});

Deno.test("a refused line moves no tick and leaves the connection as it was", async () => {
  await using world = await ServerWorld.start();
  using peer = await world.peer();
  assertMatch(
    (await peer.ask("TICK"))!,
    /^ERR:UNKNOWN_COMMAND:Cannot do "TICK": use one of PING, .*, STAMP:AGENT, /,
  );
  assertMatch((await peer.ask("NEXT_TICKS:0"))!, /^ERR:RANGE:/);
  assertMatch((await peer.ask("PING:x"))!, /^ERR:BAD_ARGUMENT:/);
  assertMatch((await peer.ask("STAMP:two words"))!, /^ERR:AGENT_ID:/);
  assertMatch((await peer.ask("STAMP"))!, /^ERR:AGENT_ID:/);
  assertMatch((await peer.ask('LOG:{"agent":"A","action":"","status":"ok"}'))!, /^ERR:LOG_ENTRY:/);
  assertMatch((await peer.ask('LOG:{"agent":"-","action":"a","status":"ok"}'))!, /^ERR:AGENT_ID:/);
  assertMatch((await peer.ask("x".repeat(5000)))!, /^ERR:LINE_TOO_LONG:A line has at most 4096 bytes\.$/);
  await peer.send("x".repeat(200_000)); // refused once, before its end
  assertMatch((await peer.line())!, /^ERR:LINE_TOO_LONG:/);
  await peer.send("NEXT_TICK\n"); // this is still the long line
  assertEquals(await peer.ask("GET_TICK"), "0");
  assertEquals(world.faults, []);
});

Deno.test("what the authority cannot do is said to the client in one line, and to the daemon", async () => {
  await using world = await ServerWorld.start();
  using peer = await world.peer();
  const full = new TickError("UNAVAILABLE", "Cannot reserve ticks:\nthe disk is full.");
  const unforeseen = new TypeError("x is not a function");
  world.authority.fault = full;
  assertEquals(await peer.ask("NEXT_TICK"), "ERR:UNAVAILABLE:Cannot reserve ticks: the disk is full.");
  world.authority.fault = unforeseen;
  assertEquals(await peer.ask("NEXT_TICK"), "ERR:UNAVAILABLE:Cannot do this: chronosd's log says why.");
  assertEquals(world.faults, [full, unforeseen]);
  world.authority.fault = null;
  assertEquals(await peer.ask("NEXT_TICK"), "1");
});

Deno.test("a client's own time is taken, unless it is more than a second ahead of the daemon's", async () => {
  await using world = await ServerWorld.start();
  using peer = await world.peer();
  const now = world.nowUtcNs;
  assertEquals(await peer.ask(`STAMP_AT:${now + 1_000_000_000n}`), `1 ${now + 1_000_000_000n}`);
  assertEquals(await peer.ask(`STAMP_AT:${now - 5n}`), `2 ${now + 1_000_000_000n}`);
  assertMatch((await peer.ask(`STAMP_AT:${now + 1_000_000_001n}`))!, /^ERR:RANGE:.* 1000 ms ahead/);
  assertEquals(await peer.ask("GET_TICK"), "2");
});

Deno.test("requests sent together, and their end, are answered in their order before the connection closes", async () => {
  await using world = await ServerWorld.start();
  using peer = await world.peer();
  const requests = 50_000;
  const sending = peer.send("NEXT_TICK\n".repeat(requests)).then(() => peer.endSending());
  for (let tick = 1; tick <= requests; tick++) assertEquals(await peer.line(), String(tick));
  await sending;
  assertEquals(await peer.line(), null);
});

const PYTHON_CLIENTS = `
import socket, sys, threading
seen = [[] for _ in range(8)]
def work(ticks):
    client = socket.socket(socket.AF_UNIX)
    client.connect(sys.argv[1])
    with client, client.makefile("rw", newline="\\n") as lines:
        for _ in range(200):
            lines.write("NEXT_TICK\\n" * 10)
            lines.flush()
            ticks.extend(int(lines.readline()) for _ in range(10))
threads = [threading.Thread(target=work, args=(ticks,)) for ticks in seen]
for thread in threads: thread.start()
for thread in threads: thread.join()
assert all(a < b for ticks in seen for a, b in zip(ticks, ticks[1:])), "order"
print(sorted(tick for ticks in seen for tick in ticks) == list(range(1, 16001)))
`;

Deno.test({
  name: "eight clients in Python at once get every tick once, each in rising order",
  ignore: !available("python3"),
  async fn() {
    await using world = await ServerWorld.start();
    assertEquals(await python(PYTHON_CLIENTS, world.path), "True");
  },
});

Deno.test("1000 clients are served at the same time, the 1001st is told why not, and a place that is left is taken", async () => {
  await using world = await ServerWorld.start();
  using stack = new DisposableStack();
  const peers: LinePeer[] = [];
  for (let client = 0; client < 1000; client++) peers.push(stack.use(await world.peer()));
  const ticks = await Promise.all(peers.map((peer) => peer.ask("NEXT_TICK")));
  assertEquals(new Set(ticks).size, 1000);
  assertEquals(world.server.connectionCount, 1000);
  using surplus = await world.peer();
  assertEquals(
    await surplus.line(),
    "ERR:BUSY:Cannot serve more than 1000 clients: try again later.",
  );
  assertEquals(await surplus.line(), null);
  peers[0]![Symbol.dispose]();
  while (world.server.connectionCount === 1000) await new Promise((resolve) => setTimeout(resolve, 1));
  using next = await world.peer();
  assertEquals(await next.ask("PING"), "PONG");
  assertEquals(await peers[999]!.ask("PING"), "PONG");
});

/** What 20 clients are to be told with 400,000 lines each, at 110 bytes a refusal. */
const MOST_REPLIES_BYTES = 20 * 400_000 * 110;

Deno.test("clients that never read what they asked for hold neither memory nor the others, and are closed", async () => {
  await using world = await ServerWorld.start({ stalledMs: 1000 });
  const before = residentBytesOf(Deno.pid);
  using stack = new DisposableStack();
  const deaf = await Promise.all(Array.from({ length: 20 }, async () => stack.use(await world.peer())));
  // Each asks for many times what it sends: a refusal a byte.
  const sending = deaf.map((peer) => peer.send("\n".repeat(400_000)).catch((error) => error));
  using peer = await world.peer();
  for (let request = 0; request < 1000; request++) assertEquals(await peer.ask("PING"), "PONG");
  assertLess(residentBytesOf(Deno.pid) - before, MOST_REPLIES_BYTES / 4);
  for (const ended of await Promise.all(sending)) {
    assert(
      ended instanceof Deno.errors.BrokenPipe || ended instanceof Deno.errors.ConnectionReset,
      String(ended),
    );
  }
  assertEquals(world.server.connectionCount, 1);
});

Deno.test("a client that completes no request is closed, also when it sends a byte now and then", async () => {
  await using world = await ServerWorld.start({ idleMs: 1000 });
  using silent = await world.peer();
  using dripping = await world.peer();
  using busy = await world.peer();
  const drip = setInterval(() => void dripping.send("x").catch(() => {}), 20);
  const ask = async (): Promise<string | null> => {
    let reply: string | null = "PONG";
    while (world.server.connectionCount > 1 && reply === "PONG") reply = await busy.ask("PING");
    return reply;
  };
  const [reply] = await Promise.all([ask(), silent.line(), dripping.line()]);
  clearInterval(drip);
  assertEquals(reply, "PONG");
});

Deno.test("a server that ends closes its clients and removes its socket", async () => {
  await using world = await ServerWorld.start();
  using peer = await world.peer();
  assertEquals(await peer.ask("PING"), "PONG");
  await world.stop();
  assertEquals(await peer.line(), null);
  await assertRejects(() => Deno.lstat(world.path), Deno.errors.NotFound);
});
