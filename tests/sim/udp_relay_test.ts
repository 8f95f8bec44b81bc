import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertGreater,
  assertLess,
  assertRejects,
} from "@std/assert";
import { Clock, nowNs } from "../../ffi/clocks.ts";
import { LibcError } from "../../ffi/errno.ts";
import { type SocketAddress, UdpSocket } from "../../ffi/udp_socket.ts";
import { type RelaySettings, UdpRelay } from "../../sim/udp_relay.ts";

const ARRIVAL_MS = 2000;
/** Long enough for a packet that is to come, short enough for one that is not. */
const SILENCE_MS = 150;
const CLEAR: RelaySettings = { outbound: { delaySeconds: 0 }, inbound: { delaySeconds: 0 } };

/** A relay before a target that is one of our sockets, and a client of it. */
class Bench implements Disposable {
  readonly target: UdpSocket;
  readonly relay: UdpRelay;
  readonly client: UdpSocket;

  private constructor(target: UdpSocket, relay: UdpRelay) {
    this.target = target;
    this.relay = relay;
    this.client = UdpSocket.connect(relay.address);
  }

  static async start(path: RelaySettings, seed = 1): Promise<Bench> {
    const target = UdpSocket.bind({ hostname: "127.0.0.1", port: 0 });
    return new Bench(target, await UdpRelay.start({ target: target.localAddress, path, seed }));
  }

  [Symbol.dispose](): void {
    this.client[Symbol.dispose]();
    this.relay[Symbol.dispose]();
    this.target[Symbol.dispose]();
  }
}

interface Arrival {
  readonly bytes: number[];
  readonly receivedRealtimeNs: bigint;
  readonly from: SocketAddress;
}

async function nextArrival(socket: UdpSocket, timeoutMs = ARRIVAL_MS): Promise<Arrival | null> {
  if (!await socket.waitReadable(timeoutMs)) return null;
  const buffer = new Uint8Array(65_507);
  const { byteLength, receivedRealtimeNs, from } = socket.receive(buffer)!;
  return { bytes: [...buffer.subarray(0, byteLength)], receivedRealtimeNs: receivedRealtimeNs!, from };
}

/** The first byte of each packet that arrives until none does for a while. */
async function firstBytes(socket: UdpSocket): Promise<number[]> {
  const bytes: number[] = [];
  for (;;) {
    const arrival = await nextArrival(socket, SILENCE_MS);
    if (arrival === null) return bytes;
    bytes.push(arrival.bytes[0]!);
  }
}

function sendNumbered(socket: UdpSocket, count: number): number[] {
  const numbers = Array.from({ length: count }, (_, i) => i);
  for (const number of numbers) socket.send(new Uint8Array([number]));
  return numbers;
}

/** Sends one packet; how long it was under way by the clock of the kernel's receive stamps, ms. */
async function transitMs(
  from: UdpSocket,
  to: UdpSocket,
  address?: SocketAddress,
): Promise<{ ms: number; arrival: Arrival }> {
  const sentRealtimeNs = nowNs(Clock.REALTIME);
  from.send(new Uint8Array([1, 2, 3]), address);
  const arrival = await nextArrival(to);
  assert(arrival !== null, "the packet did not arrive");
  return { ms: Number(arrival.receivedRealtimeNs - sentRealtimeNs) / 1e6, arrival };
}

async function smallestOf(count: number, measure: () => Promise<number>): Promise<number> {
  let smallest = await measure();
  for (let i = 1; i < count; i++) smallest = Math.min(smallest, await measure());
  return smallest;
}

Deno.test("UdpRelay delays each direction by its own time, to within 0.3 ms when nothing disturbs this machine", async () => {
  using bench = await Bench.start({ outbound: { delaySeconds: 8e-3 }, inbound: { delaySeconds: 2e-3 } });
  let back: SocketAddress | undefined;
  const outboundMs = await smallestOf(15, async () => {
    const { ms, arrival } = await transitMs(bench.client, bench.target);
    back = arrival.from;
    return ms;
  });
  const inboundMs = await smallestOf(
    15,
    async () => (await transitMs(bench.target, bench.client, back)).ms,
  );
  assertAlmostEquals(outboundMs, 8.15, 0.15);
  assertAlmostEquals(inboundMs, 2.15, 0.15);
});

Deno.test("UdpRelay carries bytes unchanged, from none to the largest packet", async () => {
  using bench = await Bench.start(CLEAR);
  for (const length of [0, 1, 48, 65_507]) {
    const bytes = new Uint8Array(length).map((_, i) => i * 7);
    bench.client.send(bytes);
    assertEquals((await nextArrival(bench.target))?.bytes, [...bytes]);
  }
});

Deno.test("UdpRelay brings each client its own answers", async () => {
  using bench = await Bench.start(CLEAR);
  using other = UdpSocket.connect(bench.relay.address);
  for (const [i, client] of [bench.client, other].entries()) client.send(new Uint8Array([i]));
  for (let i = 0; i < 2; i++) {
    const { bytes, from } = (await nextArrival(bench.target))!;
    bench.target.send(new Uint8Array([bytes[0]! + 10]), from);
  }
  assertEquals((await nextArrival(bench.client))?.bytes, [10]);
  assertEquals((await nextArrival(other))?.bytes, [11]);
});

Deno.test("UdpRelay keeps the packets of a client in order under jitter", async () => {
  const jitter = { kind: "exponential", meanSeconds: 5e-3 } as const;
  using bench = await Bench.start({ ...CLEAR, outbound: { delaySeconds: 1e-3, jitter } });
  const sent = sendNumbered(bench.client, 50);
  assertEquals(await firstBytes(bench.target), sent);
});

Deno.test("UdpRelay loses the share that it is told to, in the direction that it is told to", async () => {
  using bench = await Bench.start({ ...CLEAR, outbound: { delaySeconds: 0, lossProbability: 0.5 } });
  sendNumbered(bench.client, 200);
  const arrived = await firstBytes(bench.target);
  assertGreater(arrived.length, 65);
  assertLess(arrived.length, 135);
  assertEquals(arrived, arrived.toSorted((a, b) => a - b));
  assertEquals(bench.relay.packets, 200);
});

Deno.test("UdpRelay loses the same packets for the same seed", async () => {
  const arrivals = async (seed: number) => {
    using bench = await Bench.start({ ...CLEAR, outbound: { delaySeconds: 0, lossProbability: 0.5 } }, seed);
    sendNumbered(bench.client, 60);
    return (await firstBytes(bench.target)).join();
  };
  const [first, same, other] = [await arrivals(5), await arrivals(5), await arrivals(6)];
  assertEquals(first, same);
  assert(first !== other);
});

Deno.test("UdpRelay duplicates packets", async () => {
  using bench = await Bench.start({ ...CLEAR, outbound: { delaySeconds: 0, duplicateProbability: 1 } });
  sendNumbered(bench.client, 3);
  assertEquals((await firstBytes(bench.target)).sort(), [0, 0, 1, 1, 2, 2]);
});

Deno.test("UdpRelay holds packets back so that later ones overtake them", async () => {
  using bench = await Bench.start({ ...CLEAR, outbound: { delaySeconds: 100e-3, reorderProbability: 1 } });
  bench.client.send(new Uint8Array([1]));
  while (bench.relay.packets < 1) await bench.client.waitReadable(1);
  await bench.relay.set({ outbound: { delaySeconds: 100e-3 } });
  bench.client.send(new Uint8Array([2]));
  assertEquals((await nextArrival(bench.target))?.bytes, [2]);
  assertEquals((await nextArrival(bench.target))?.bytes, [1]);
});

Deno.test("UdpRelay.set() changes one direction and leaves the other", async () => {
  using bench = await Bench.start(CLEAR);
  await bench.relay.set({ outbound: { delaySeconds: 0, lossProbability: 1 } });
  bench.client.send(new Uint8Array([1]));
  assertEquals(await firstBytes(bench.target), []);
  await bench.relay.set({ outbound: { delaySeconds: 0 }, inbound: { delaySeconds: 0, lossProbability: 1 } });
  bench.client.send(new Uint8Array([2]));
  const { bytes, from } = (await nextArrival(bench.target))!;
  assertEquals(bytes, [2]);
  bench.target.send(new Uint8Array([3]), from);
  assertEquals(await firstBytes(bench.client), []);
});

Deno.test("UdpRelay lives on when nobody listens at its target, and serves again when somebody does", async () => {
  const target = UdpSocket.bind({ hostname: "127.0.0.1", port: 0 });
  const address = target.localAddress;
  target[Symbol.dispose]();
  using relay = await UdpRelay.start({ target: address, path: CLEAR, seed: 1 });
  using client = UdpSocket.connect(relay.address);
  sendNumbered(client, 20);
  while (relay.packets < 20) await client.waitReadable(1);
  using revived = UdpSocket.bind(address);
  client.send(new Uint8Array([200]));
  // The last of the others may still have been under way.
  assertEquals((await firstBytes(revived)).at(-1), 200);
});

Deno.test("UdpRelay serves more clients than it remembers, forgetting the one longest quiet", async () => {
  using bench = await Bench.start(CLEAR);
  bench.client.send(new Uint8Array([255]));
  const first = (await nextArrival(bench.target))!;
  using others = new DisposableStack();
  for (let i = 0; i < 64; i++) {
    const client = others.use(UdpSocket.connect(bench.relay.address));
    client.send(new Uint8Array([i]));
    assertEquals((await nextArrival(bench.target))?.bytes, [i]);
  }
  bench.target.send(new Uint8Array([9]), first.from);
  assertEquals(await firstBytes(bench.client), []);
  bench.client.send(new Uint8Array([255]));
  const again = (await nextArrival(bench.target))!;
  bench.target.send(new Uint8Array([9]), again.from);
  assertEquals((await nextArrival(bench.client))?.bytes, [9]);
});

Deno.test("UdpRelay closes its ports when disposed", async () => {
  const bench = await Bench.start(CLEAR);
  sendNumbered(bench.client, 1);
  const { from } = (await nextArrival(bench.target))!;
  bench.relay[Symbol.dispose]();
  using late = UdpSocket.connect(from);
  for (const socket of [bench.client, late]) {
    socket.send(new Uint8Array(1));
    const refusal = await assertRejects(() => nextArrival(socket), LibcError);
    assertEquals(refusal.code, "ECONNREFUSED");
  }
  bench[Symbol.dispose]();
});

Deno.test("UdpRelay refuses settings that make no sense", async () => {
  const target = { hostname: "127.0.0.1", port: 9 };
  const outbound = { delaySeconds: 0, duplicateProbability: 2 };
  const start = () => UdpRelay.start({ target, seed: 1, path: { ...CLEAR, outbound } });
  await assertRejects(start, RangeError, "a duplicate probability of 2");
});
