import {
  assert,
  assertEquals,
  assertGreaterOrEqual,
  assertLess,
  assertRejects,
  assertThrows,
} from "@std/assert";
import { Clock, nowNs } from "../../ffi/clocks.ts";
import { LibcError } from "../../ffi/errno.ts";
import { type Datagram, UdpSocket } from "../../ffi/udp_socket.ts";
import { available } from "../support/available.ts";
import { python } from "../support/python.ts";

const ARRIVAL_MS = 5000;
const LOOPBACK = { hostname: "127.0.0.1", port: 0 };
/** Waits that end "promptly" end well before their timeout of a minute; machines may be slow, but not by this. */
const PROMPT_MS = 5000;
const LONG_MS = 60_000;

async function receive(socket: UdpSocket, buffer: Uint8Array<ArrayBuffer>): Promise<Datagram> {
  assert(await socket.waitReadable(ARRIVAL_MS), "no packet came");
  return socket.receive(buffer)!;
}

for (const hostname of ["127.0.0.1", "::1"]) {
  Deno.test(`UdpSocket carries a packet over ${hostname} with the kernel's stamp between two readings`, async () => {
    using server = UdpSocket.bind({ hostname, port: 0 });
    using client = UdpSocket.connect(server.localAddress);
    const buffer = new Uint8Array(100);
    const before = nowNs(Clock.REALTIME);
    client.send(new Uint8Array([1, 2, 3]));
    const question = await receive(server, buffer);
    const after = nowNs(Clock.REALTIME);
    assertEquals([...buffer.subarray(0, question.byteLength)], [1, 2, 3]);
    assertEquals([question.truncated, question.from], [false, client.localAddress]);
    assert(before < question.receivedRealtimeNs! && question.receivedRealtimeNs! < after);
    server.send(new Uint8Array([4]), question.from);
    assertEquals((await receive(client, buffer)).from, server.localAddress);
    assertEquals(buffer[0], 4);
  });
}

/** Whether the kernel stamped a packet before it was known to be there, a good while before it was fetched. */
async function isStampedOnArrival(): Promise<boolean> {
  using server = UdpSocket.bind(LOOPBACK);
  using client = UdpSocket.connect(server.localAddress);
  client.send(new Uint8Array(1));
  assert(await server.waitReadable(ARRIVAL_MS));
  const later = nowNs(Clock.REALTIME);
  while (nowNs(Clock.REALTIME) < later + 1_000_000n);
  return server.receive(new Uint8Array(1))!.receivedRealtimeNs! < later;
}

const MAX_UNSTAMPED_PACKETS = 1000;

Deno.test("UdpSocket's stamp is from when the packet came, not from when it was fetched", async () => {
  // The kernel starts stamping a little after the first socket of the machine has asked for it.
  using _asks = UdpSocket.bind(LOOPBACK);
  for (let packet = 0; packet < MAX_UNSTAMPED_PACKETS && !await isStampedOnArrival(); packet++);
  let onArrival = 0;
  for (let packet = 0; packet < 10; packet++) onArrival += await isStampedOnArrival() ? 1 : 0;
  assertGreaterOrEqual(onArrival, 5);
});

Deno.test({
  name: "UdpSocket hears what Python sends, and says from where",
  ignore: !available("python3"),
  fn: async () => {
    using server = UdpSocket.bind(LOOPBACK);
    const port = await python(
      `import socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.sendto(b"from Python", ("127.0.0.1", int(sys.argv[1])))
print(s.getsockname()[1])`,
      `${server.localAddress.port}`,
    );
    const buffer = new Uint8Array(100);
    const { byteLength, from } = await receive(server, buffer);
    assertEquals(new TextDecoder().decode(buffer.subarray(0, byteLength)), "from Python");
    assertEquals(from, { hostname: "127.0.0.1", port: Number(port) });
  },
});

Deno.test("UdpSocket.receive() flags a packet that did not fit, and takes an empty one for what it is", async () => {
  using server = UdpSocket.bind(LOOPBACK);
  using client = UdpSocket.connect(server.localAddress);
  const buffer = new Uint8Array(4);
  client.send(new Uint8Array([1, 2, 3, 4, 5]));
  client.send(new Uint8Array([6, 7, 8, 9]));
  client.send(new Uint8Array(0));
  const long = await receive(server, buffer);
  assertEquals([long.byteLength, long.truncated, [...buffer]], [4, true, [1, 2, 3, 4]]);
  const fitting = await receive(server, buffer);
  assertEquals([fitting.byteLength, fitting.truncated], [4, false]);
  const empty = await receive(server, buffer);
  assertEquals([empty.byteLength, empty.truncated, empty.from], [0, false, client.localAddress]);
  assertEquals(server.receive(buffer), null);
});

Deno.test("UdpSocket.connect() hears nobody but whom it is connected to", async () => {
  using server = UdpSocket.bind(LOOPBACK);
  using stranger = UdpSocket.bind(LOOPBACK);
  using client = UdpSocket.connect(server.localAddress);
  stranger.send(new Uint8Array([1]), client.localAddress);
  server.send(new Uint8Array([2]), client.localAddress);
  const buffer = new Uint8Array(1);
  assertEquals((await receive(client, buffer)).from, server.localAddress);
  assertEquals([buffer[0], client.receive(buffer)], [2, null]);
});

Deno.test("UdpSocket reports that nobody listens at its remote address", async () => {
  const gone = UdpSocket.bind(LOOPBACK);
  const address = gone.localAddress;
  gone[Symbol.dispose]();
  using client = UdpSocket.connect(address);
  client.send(new Uint8Array(1));
  const error = await assertRejects(() => receive(client, new Uint8Array(1)), LibcError);
  assertEquals(error.message, "Cannot receive a UDP packet: Connection refused (ECONNREFUSED).");
});

Deno.test("UdpSocket.bind() says which port is taken, UdpSocket.send() that a packet is too long", () => {
  using server = UdpSocket.bind(LOOPBACK);
  const { port } = server.localAddress;
  assertThrows(
    () => UdpSocket.bind(server.localAddress),
    LibcError,
    `Cannot listen on 127.0.0.1 port ${port}: Address already in use (EADDRINUSE).`,
  );
  using client = UdpSocket.connect(server.localAddress);
  assertThrows(
    () => client.send(new Uint8Array(65_508)),
    LibcError,
    "Cannot send a UDP packet: Message too long",
  );
});

Deno.test("UdpSocket.waitReadable() is false at the timeout, and leaves the event loop free meanwhile", async () => {
  using socket = UdpSocket.bind(LOOPBACK);
  let turns = 0;
  const timer = setInterval(() => turns++, 5);
  const start = performance.now();
  assertEquals(await socket.waitReadable(100), false);
  clearInterval(timer);
  assertGreaterOrEqual(performance.now() - start, 99);
  assertGreaterOrEqual(turns, 3);
});

Deno.test("UdpSocket.waitReadable() ends promptly, and false, when it is aborted", async () => {
  for (const open of [UdpSocket.bind, UdpSocket.connect]) {
    using socket = open(open === UdpSocket.bind ? LOOPBACK : { hostname: "127.0.0.1", port: 9 });
    const abort = new AbortController();
    const start = performance.now();
    const wait = socket.waitReadable(LONG_MS, abort.signal);
    setTimeout(() => abort.abort(), 10);
    assertEquals(await wait, false);
    assertLess(performance.now() - start, PROMPT_MS);
    assertEquals(await socket.waitReadable(LONG_MS, abort.signal), false);
  }
});

Deno.test("UdpSocket's dispose ends waits promptly and frees its port", async () => {
  const socket = UdpSocket.bind(LOOPBACK);
  const address = socket.localAddress;
  const start = performance.now();
  const waits = [socket.waitReadable(LONG_MS), socket.waitReadable(LONG_MS)];
  setTimeout(() => socket[Symbol.dispose](), 10);
  assertEquals(await Promise.all(waits), [false, false]);
  assertLess(performance.now() - start, PROMPT_MS);
  assertEquals(await socket.waitReadable(LONG_MS), false);
  socket[Symbol.dispose]();
  using again = UdpSocket.bind(address);
  assertEquals(again.localAddress, address);
});

Deno.test("UdpSocket.waitReadableSync() blocks for fractions of a millisecond too, and no less", () => {
  using socket = UdpSocket.bind(LOOPBACK);
  for (const timeoutMs of [0.3, 7.5]) {
    const start = nowNs(Clock.MONOTONIC);
    assertEquals(socket.waitReadableSync(timeoutMs), false);
    assertGreaterOrEqual(Number(nowNs(Clock.MONOTONIC) - start) / 1e6, timeoutMs);
  }
  const shortestMs = Math.min(...Array.from({ length: 50 }, () => {
    const start = nowNs(Clock.MONOTONIC);
    socket.waitReadableSync(0.3);
    return Number(nowNs(Clock.MONOTONIC) - start) / 1e6;
  }));
  assertLess(shortestMs, 0.9);
  const start = performance.now();
  assertEquals(socket.waitReadableSync(-5), false);
  assertLess(performance.now() - start, PROMPT_MS);
});

Deno.test("UdpSocket.waitAnySync() is true as soon as one of its sockets has a packet", () => {
  using first = UdpSocket.bind(LOOPBACK);
  using second = UdpSocket.bind(LOOPBACK);
  assertEquals(UdpSocket.waitAnySync([first, second], 0), false);
  using client = UdpSocket.connect(second.localAddress);
  client.send(new Uint8Array(1));
  const start = performance.now();
  assertEquals(UdpSocket.waitAnySync([first, second], LONG_MS), true);
  assertLess(performance.now() - start, PROMPT_MS);
  assertEquals([first.receive(new Uint8Array(1)), second.receive(new Uint8Array(1))?.byteLength], [null, 1]);
});
