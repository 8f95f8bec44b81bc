import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertGreater,
  assertLess,
  assertNotEquals,
  assertRejects,
} from "@std/assert";
import { Clock, nowNs, readClockPair } from "../../ffi/clocks.ts";
import { LibcError } from "../../ffi/errno.ts";
import { type SocketAddress, UdpSocket } from "../../ffi/udp_socket.ts";
import type { ClockDescription } from "../../sim/clock.ts";
import { SimulatedNtpServer } from "../../sim/ntp_server.ts";
import { type Path, symmetricPath } from "../../sim/path.ts";
import { available, findProgram } from "../support/available.ts";
import { python } from "../support/python.ts";

const NO_PATH: Path = symmetricPath({ delaySeconds: 0 });
const ONE_MS_PATH: Path = symmetricPath({ delaySeconds: 1e-3 });
const REPLY_MS = 2000;
/** Long enough for a reply that is to come, short enough for one that is not. */
const SILENCE_MS = 150;
const NTP_UNIX_SECONDS = 2_208_988_800n;
const ORIGIN = 0x0123_4567_89ab_cdefn;

function clockOf(offsetSeconds: number, frequency: number): ClockDescription {
  const { rawNs, realtimeNs } = readClockPair();
  return { rawNs, utcNs: realtimeNs, offsetSeconds, frequency };
}

function startServer(path: Path, clock = clockOf(0.025, 20e-6)): Promise<SimulatedNtpServer> {
  return SimulatedNtpServer.start({ clock, path, seed: 1 });
}

/** A bare NTPv4 request, written here by hand. */
function request(origin = ORIGIN): Uint8Array<ArrayBuffer> {
  const view = new DataView(new ArrayBuffer(48));
  view.setUint8(0, 0o43);
  view.setBigUint64(40, origin);
  return new Uint8Array(view.buffer);
}

async function nextPacket(socket: UdpSocket, timeoutMs: number): Promise<DataView | null> {
  const buffer = new Uint8Array(65_507);
  if (!await socket.waitReadable(timeoutMs)) return null;
  const datagram = socket.receive(buffer);
  return datagram && new DataView(buffer.buffer, 0, datagram.byteLength);
}

async function ask(address: SocketAddress, timeoutMs = REPLY_MS): Promise<DataView | null> {
  using socket = UdpSocket.connect(address);
  socket.send(request());
  return await nextPacket(socket, timeoutMs);
}

async function reply(server: SimulatedNtpServer): Promise<DataView> {
  const packet = await ask(server.address);
  assert(packet !== null, "no reply came");
  return packet;
}

/** The UTC ns of the timestamp at `offset`, rounded down; good until 2036. */
function utcNsAt(packet: DataView, offset: number): bigint {
  const timestamp = packet.getBigUint64(offset);
  return ((timestamp >> 32n) - NTP_UNIX_SECONDS) * 1_000_000_000n +
    ((timestamp & 0xffff_ffffn) * 1_000_000_000n >> 32n);
}

interface Measured {
  readonly errorSeconds: number;
  readonly delaySeconds: number;
}

/** One exchange on MONOTONIC_RAW, its offset compared with the server's true clock. */
async function measure(server: SimulatedNtpServer): Promise<Measured> {
  using socket = UdpSocket.connect(server.address);
  const t1 = nowNs(Clock.MONOTONIC_RAW);
  socket.send(request());
  assert(socket.waitReadableSync(REPLY_MS), "no reply came");
  const t4 = nowNs(Clock.MONOTONIC_RAW);
  const packet = await nextPacket(socket, 0);
  const [t2, t3] = [utcNsAt(packet!, 32), utcNsAt(packet!, 40)];
  const middle = (t1 + t4) / 2n;
  return {
    errorSeconds: Number((t2 + t3) / 2n - server.utcAt(middle)) / 1e9,
    delaySeconds: Number(t4 - t1 - (t3 - t2)) / 1e9,
  };
}

/** The exchange with the smallest delay: what a path is like when nothing disturbs this machine. */
async function measureBest(server: SimulatedNtpServer, exchanges: number): Promise<Measured> {
  let best = await measure(server);
  for (let i = 1; i < exchanges; i++) {
    const next = await measure(server);
    if (next.delaySeconds < best.delaySeconds) best = next;
  }
  return best;
}

Deno.test("SimulatedNtpServer's clock, measured over a 1 ms path, is 25 ms off to within 0.1 ms", async () => {
  using server = await startServer(ONE_MS_PATH);
  const { errorSeconds, delaySeconds } = await measureBest(server, 20);
  assertAlmostEquals(errorSeconds, 0, 100e-6);
  assertGreater(delaySeconds, 2e-3);
  assertLess(delaySeconds, 2.2e-3);
  const { rawNs, realtimeNs } = readClockPair();
  assertAlmostEquals(Number(server.utcAt(rawNs) - realtimeNs) / 1e9, 0.025, 1e-3);
});

Deno.test("SimulatedNtpServer's path asymmetry shows as half of it in the measured offset", async () => {
  using server = await startServer(symmetricPath({ delaySeconds: 3e-3 }, 4e-3));
  const { errorSeconds, delaySeconds } = await measureBest(server, 10);
  assertAlmostEquals(errorSeconds, 2e-3, 200e-6);
  assertAlmostEquals(delaySeconds, 6.2e-3, 200e-6);
});

const PYTHON_CLIENT = `
import json, socket, struct, sys, time
port, c = int(sys.argv[1]), json.loads(sys.argv[2])
def truth(raw):
    elapsed = raw - int(c["rawNs"])
    return int(c["utcNs"]) + int(c["offsetNs"]) + elapsed + elapsed * int(c["frequencyE15"]) // 10**15
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.settimeout(2)
def ask():
    t1 = time.clock_gettime_ns(time.CLOCK_MONOTONIC_RAW)
    s.sendto(struct.pack("!B39xQ", 0o43, 77), ("127.0.0.1", port))
    head, stratum, poll, precision, delay, dispersion, reference, _, origin, t2, t3 = struct.unpack("!BBbbIIIQQQQ", s.recv(100))
    t4 = time.clock_gettime_ns(time.CLOCK_MONOTONIC_RAW)
    assert (head, stratum, origin) == (0o44, 1, 77), (head, stratum, origin)
    t2, t3 = (((t >> 32) - 2208988800) * 10**9 + ((t & 0xffffffff) * 10**9 >> 32) for t in (t2, t3))
    return t4 - t1 - (t3 - t2), (t2 + t3) // 2 - truth((t1 + t4) // 2)
print(*min(ask() for _ in range(20)))
`;

Deno.test({
  name: "SimulatedNtpServer speaks NTPv4 to a client in Python, which finds its clock where the JSON says",
  ignore: !available("python3"),
  fn: async () => {
    using server = await startServer(ONE_MS_PATH);
    const printed = await python(PYTHON_CLIENT, `${server.address.port}`, JSON.stringify(server.clock));
    const [delayNs, errorNs] = printed.split(" ").map(Number);
    assertAlmostEquals(delayNs!, 2.15e6, 0.15e6);
    assertAlmostEquals(errorNs!, 0, 0.15e6);
  },
});

Deno.test({
  name: "SimulatedNtpServer is believed by chronyd, which says by how much the system clock is wrong",
  ignore: !available("chronyd"),
  fn: async () => {
    using server = await startServer(ONE_MS_PATH);
    const folder = await Deno.makeTempDir();
    const source = `server 127.0.0.1 port ${server.address.port} iburst maxsamples 1`;
    const directives = [source, `pidfile ${folder}/pid`, "cmdport 0", "bindcmdaddress /", "user root"];
    const args = ["-Q", "-t", "10", "-f", "/dev/null", ...directives];
    const { stderr } = await new Deno.Command(findProgram("chronyd")!, { args }).output();
    await Deno.remove(folder, { recursive: true });
    const wrongBy = /System clock wrong by (-?[\d.]+) seconds/.exec(new TextDecoder().decode(stderr));
    assertAlmostEquals(Number(wrongBy?.[1]), 0.025, 1e-3);
  },
});

Deno.test("SimulatedNtpServer's reply repeats the origin and carries the header fields of its settings", async () => {
  using server = await startServer(NO_PATH);
  await server.set({
    stratum: 5,
    leap: 1,
    precisionExponent: -18,
    rootDelaySeconds: 0.5,
    rootDispersionSeconds: 0.125,
  });
  const packet = await reply(server);
  assertEquals(packet.byteLength, 48);
  assertEquals(packet.getUint8(0), 0o144);
  assertEquals([packet.getUint8(1), packet.getInt8(3)], [5, -18]);
  assertEquals([packet.getUint32(4), packet.getUint32(8)], [0x8000, 0x2000]);
  assertEquals(packet.getBigUint64(24), ORIGIN);
  assert(utcNsAt(packet, 16) < utcNsAt(packet, 32) && utcNsAt(packet, 32) <= utcNsAt(packet, 40));
});

Deno.test("SimulatedNtpServer can be unsynchronized: leap 3 and stratum 16", async () => {
  using server = await startServer(NO_PATH);
  await server.set({ leap: 3, stratum: 16 });
  const packet = await reply(server);
  assertEquals([packet.getUint8(0), packet.getUint8(1)], [0o344, 16]);
});

Deno.test("SimulatedNtpServer can be a falseticker: its stamps are off, its claims are not", async () => {
  using server = await startServer(ONE_MS_PATH);
  await server.set({ offsetErrorSeconds: -0.3 });
  assertAlmostEquals((await measureBest(server, 5)).errorSeconds, -0.3, 300e-6);
  assertEquals((await reply(server)).getUint32(8), 1);
});

Deno.test("SimulatedNtpServer sends the kiss-o'-death that it is told to", async () => {
  using server = await startServer(NO_PATH);
  await server.set({ reply: "kiss", kissCode: "DENY" });
  const packet = await reply(server);
  assertEquals([packet.getUint8(0), packet.getUint8(1), packet.getUint32(12)], [0o344, 0, 0x44454e59]);
  assertEquals(packet.getBigUint64(24), ORIGIN);
});

Deno.test("SimulatedNtpServer's hostile replies: wrong origin, short, huge, random, none", async () => {
  using server = await startServer(NO_PATH);
  await server.set({ reply: "wrong-origin" });
  assertNotEquals((await reply(server)).getBigUint64(24), ORIGIN);
  await server.set({ reply: "short" });
  assertLess((await reply(server)).byteLength, 48);
  await server.set({ reply: "huge" });
  assertEquals((await reply(server)).byteLength, 9000);
  await server.set({ reply: "random" });
  const [first, second] = [await reply(server), await reply(server)];
  assertNotEquals(new Uint8Array(first.buffer, 0, 600), new Uint8Array(second.buffer, 0, 600));
  await server.set({ reply: "silent" });
  assertEquals(await ask(server.address, SILENCE_MS), null);
  assertEquals(server.requests, 6);
});

Deno.test("SimulatedNtpServer appends extension fields of RFC 7822's form", async () => {
  using server = await startServer(NO_PATH);
  await server.set({ extensionBytes: 64 });
  const packet = await reply(server);
  assertEquals([packet.byteLength, packet.getUint16(50)], [112, 64]);
});

Deno.test("SimulatedNtpServer loses requests when its path does, but counts them", async () => {
  using server = await startServer(symmetricPath({ delaySeconds: 0, lossProbability: 1 }));
  assertEquals(await ask(server.address, SILENCE_MS), null);
  assertEquals(server.requests, 1);
  await server.set({ path: NO_PATH });
  assertNotEquals(await ask(server.address), null);
});

Deno.test("SimulatedNtpServer.set() changes the path of the next request", async () => {
  using server = await startServer(NO_PATH);
  assertLess((await measureBest(server, 5)).delaySeconds, 1e-3);
  await server.set({ path: symmetricPath({ delaySeconds: 5e-3 }) });
  assertAlmostEquals((await measureBest(server, 5)).delaySeconds, 10.3e-3, 300e-6);
});

Deno.test("SimulatedNtpServer steps its clock at the appointed instant", async () => {
  using server = await startServer(NO_PATH);
  const atRawNs = nowNs(Clock.MONOTONIC_RAW) + 40_000_000n;
  await server.set({ clock: server.clock.stepped(atRawNs, 0.75).description });
  const before = utcNsAt(await reply(server), 32);
  while (nowNs(Clock.MONOTONIC_RAW) < atRawNs) await ask(server.address);
  const after = utcNsAt(await reply(server), 32);
  assertGreater(Number(after - before) / 1e9, 0.75);
  assertAlmostEquals((await measureBest(server, 5)).errorSeconds, 0, 300e-6);
});

Deno.test("SimulatedNtpServer keeps many requests in flight and answers each with its own origin", async () => {
  using server = await startServer(symmetricPath({ delaySeconds: 10e-3 }));
  using socket = UdpSocket.connect(server.address);
  const origins = Array.from({ length: 50 }, (_, i) => BigInt(i + 1));
  for (const origin of origins) socket.send(request(origin));
  const answered: bigint[] = [];
  while (answered.length < origins.length) {
    const packet = await nextPacket(socket, REPLY_MS);
    assert(packet !== null, `only ${answered.length} replies came`);
    answered.push(packet.getBigUint64(24));
  }
  assertEquals(answered, origins);
});

Deno.test("SimulatedNtpServer draws the same delays from the same seed", async () => {
  const jitter = { kind: "exponential", meanSeconds: 30e-3 } as const;
  const run = async (seed: number) => {
    const path = symmetricPath({ delaySeconds: 0, jitter });
    using server = await SimulatedNtpServer.start({ clock: clockOf(0, 0), path, seed });
    const delays: number[] = [];
    for (let i = 0; i < 7; i++) delays.push((await measure(server)).delaySeconds);
    return delays;
  };
  const [first, same, other] = [await run(5), await run(5), await run(6)];
  const differences = (a: number[], b: number[]) =>
    a.map((delay, i) => Math.abs(delay - b[i]!)).sort((x, y) => x - y);
  assertLess(differences(first, same)[3]!, 5e-3);
  assertGreater(differences(first, other)[3]!, 5e-3);
});

Deno.test("SimulatedNtpServer ignores what is no request: a reply, an empty packet, NTPv2", async () => {
  using server = await startServer(NO_PATH);
  using socket = UdpSocket.connect(server.address);
  for (const firstByte of [0o44, 0o23]) socket.send(request().fill(firstByte, 0, 1));
  socket.send(new Uint8Array(0));
  assertEquals(await nextPacket(socket, SILENCE_MS), null);
  assertEquals(server.requests, 0);
});

Deno.test("SimulatedNtpServer serves IPv6", async () => {
  using server = await SimulatedNtpServer.start({
    clock: clockOf(0, 0),
    path: NO_PATH,
    seed: 1,
    hostname: "::1",
  });
  assertEquals((await reply(server)).byteLength, 48);
});

Deno.test("SimulatedNtpServer closes its port when disposed, and refuses further changes", async () => {
  const server = await startServer(NO_PATH);
  const { address } = server;
  server[Symbol.dispose]();
  server[Symbol.dispose]();
  using socket = UdpSocket.connect(address);
  socket.send(request());
  const refusal = await assertRejects(() => nextPacket(socket, REPLY_MS), LibcError);
  assertEquals(refusal.code, "ECONNREFUSED");
  await assertRejects(() => server.set({ stratum: 2 }), Error, "disposed");
});

Deno.test("SimulatedNtpServer.start() rejects when its port is taken or a setting makes no sense", async () => {
  using server = await startServer(NO_PATH);
  const options = { clock: clockOf(0, 0), path: NO_PATH, seed: 1 };
  await assertRejects(
    () => SimulatedNtpServer.start({ ...options, port: server.address.port }),
    Error,
    "EADDRINUSE",
  );
  await assertRejects(
    () => SimulatedNtpServer.start({ ...options, kissCode: "NO" }),
    RangeError,
    "kiss code NO",
  );
  await assertRejects(
    () => SimulatedNtpServer.start({ ...options, extensionBytes: 20 }),
    RangeError,
    "20 bytes",
  );
  await assertRejects(
    () => server.set({ path: symmetricPath({ delaySeconds: -1 }) }),
    RangeError,
    "delay of -1",
  );
});
