import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertGreaterOrEqual,
  assertLess,
  assertNotEquals,
} from "@std/assert";
import { Clock, type ClockPair, nowNs, readClockPair } from "../../../ffi/clocks.ts";
import type { Exchange } from "../../../daemon/sources/measurement.ts";
import {
  type ExchangeDependencies,
  type ExchangeOutcome,
  MAX_PACKETS_PER_EXCHANGE,
  ntpExchange,
} from "../../../daemon/sources/ntp_exchange.ts";
import { available } from "../../support/available.ts";
import { Random } from "../../support/random.ts";
import { Chronyd } from "./support/chronyd.ts";
import { replyTo, UdpPeer } from "./support/udp_peer.ts";

const TIMEOUT_MS = 2000;
/** For exchanges that are meant to time out. */
const SHORT_TIMEOUT_MS = 120;

function ask(port: number, timeoutMs = TIMEOUT_MS, hostname = "127.0.0.1"): Promise<ExchangeOutcome> {
  return ntpExchange({ source: `test|${hostname}:${port}`, address: { hostname, port }, timeoutMs });
}

/** An outcome without its measurement, as text: kind, reason or code, ignored packets. */
function summary(outcome: ExchangeOutcome): string {
  const what = outcome.kind === "measured"
    ? ""
    : outcome.kind === "kiss"
    ? ` ${outcome.code}`
    : ` ${outcome.reason}`;
  return outcome.kind + what + [...outcome.ignored].map(([reason, count]) => `, ${reason} ${count}`).join("");
}

/** utc − raw by the exchange, in s, relative to what the system's clocks say. */
function offsetFromSystemSeconds({ t1RawNs, t2UtcNs, t3UtcNs, t4RawNs }: Exchange): number {
  const { realtimeNs, rawNs } = readClockPair();
  const measuredNs = (t2UtcNs - t1RawNs + (t3UtcNs - t4RawNs)) / 2n;
  return Number(measuredNs - (realtimeNs - rawNs)) / 1e9;
}

function randomBytes(length: number): Uint8Array {
  const random = new Random(length);
  return Uint8Array.from({ length }, () => Math.floor(256 * random.uniform()));
}

/** Some containers have no IPv6 at all. */
function canBind(hostname: string): boolean {
  try {
    Deno.listen({ hostname, port: 0 }).close();
    return true;
  } catch {
    return false;
  }
}

for (const hostname of ["127.0.0.1", "::1"]) {
  Deno.test({
    name: `ntpExchange() measures a peer on ${hostname}`,
    ignore: !canBind(hostname),
    async fn() {
      await using peer = await UdpPeer.start((request) => [{ bytes: replyTo(request) }], hostname);
      const before = nowNs(Clock.MONOTONIC_RAW);
      const outcome = await ask(peer.port, TIMEOUT_MS, hostname);
      assert(outcome.kind === "measured", summary(outcome));
      const { exchange } = outcome;
      assert(before <= exchange.t1RawNs && exchange.t1RawNs < exchange.t4RawNs);
      assert(exchange.t4RawNs <= nowNs(Clock.MONOTONIC_RAW));
      const { source, stratum, leap, rootDelaySeconds, rootDispersionSeconds, precisionSeconds } = exchange;
      assertEquals({ source, stratum, leap, rootDelaySeconds, rootDispersionSeconds, precisionSeconds }, {
        source: `test|${hostname}:${peer.port}`,
        stratum: 2,
        leap: 0,
        rootDelaySeconds: 1 / 256,
        rootDispersionSeconds: 1 / 128,
        precisionSeconds: 1 / 1_048_576,
      });
    },
  });
}

Deno.test("ntpExchange() waits through every kind of nonsense for the answer, and counts it", async () => {
  await using peer = await UdpPeer.start((request) => [
    { bytes: new Uint8Array(0) },
    { bytes: replyTo(request).subarray(0, 47) },
    { bytes: new Uint8Array(9000) },
    { bytes: randomBytes(48) },
    { bytes: request },
    { bytes: replyTo(request, { firstByte: 0b00_010_100 }) },
    { bytes: replyTo(request, { origin: new Uint8Array(8) }) },
    { bytes: replyTo(request, { origin: randomBytes(8) }) },
    { bytes: replyTo(request, { trailer: new Uint8Array(100) }) },
    { bytes: replyTo(request), delayMs: 20 },
  ]);
  assertEquals(
    summary(await ask(peer.port)),
    "measured, short 2, oversized 1, wrong-mode 2, wrong-version 1, wrong-origin 2, malformed-trailer 1",
  );
});

Deno.test("ntpExchange() takes an answer with extension fields and a MAC", async () => {
  const trailer = new Uint8Array(16 + 20);
  new DataView(trailer.buffer).setUint16(2, 16);
  await using peer = await UdpPeer.start((request) => [{ bytes: replyTo(request, { trailer }) }]);
  assertEquals(summary(await ask(peer.port)), "measured");
});

Deno.test("ntpExchange() hands on kiss-o'-death codes and useless answers by name", async () => {
  const answers: Record<string, Parameters<typeof replyTo>[1]> = {
    "kiss DENY": { stratum: 0, kiss: "DENY", firstByte: 0b11_100_100 },
    "kiss RATE": { stratum: 0, kiss: "RATE" },
    "failed unsynchronized": { firstByte: 0b11_100_100 },
    "failed invalid-stratum": { stratum: 16 },
  };
  for (const [expected, fields] of Object.entries(answers)) {
    await using peer = await UdpPeer.start((request) => [{ bytes: replyTo(request, fields) }]);
    assertEquals(summary(await ask(peer.port)), expected);
  }
});

Deno.test("ntpExchange() gives up on a server that never answers at the timeout", async () => {
  await using peer = await UdpPeer.start(() => []);
  const before = performance.now();
  assertEquals(summary(await ask(peer.port, SHORT_TIMEOUT_MS)), "failed timeout");
  assertGreaterOrEqual(performance.now() - before, SHORT_TIMEOUT_MS);
});

Deno.test("ntpExchange() does not mistake a late answer for the next one", async () => {
  await using peer = await UdpPeer.start((request) => [{ bytes: replyTo(request), delayMs: 80 }]);
  assertEquals(summary(await ask(peer.port, 40)), "failed timeout");
  assertEquals(summary(await ask(peer.port)), "measured");
  assertEquals(peer.requests.length, 2);
});

Deno.test("ntpExchange() does not hear anybody but the server that it asked", async () => {
  await using peer = await UdpPeer.start((request) => [{ bytes: replyTo(request), fromOtherPort: true }]);
  assertEquals(summary(await ask(peer.port, SHORT_TIMEOUT_MS)), "failed timeout");
});

Deno.test("ntpExchange() stops listening to a flood", async () => {
  const flood = { bytes: new Uint8Array(48) };
  await using peer = await UdpPeer.start(() => new Array(2 * MAX_PACKETS_PER_EXCHANGE).fill(flood));
  assertEquals(summary(await ask(peer.port)), `failed flooded, wrong-mode ${MAX_PACKETS_PER_EXCHANGE}`);
});

Deno.test("ntpExchange() says that nobody listens, or that there is no way", async () => {
  const peer = await UdpPeer.start(() => []);
  const { port } = peer;
  await peer[Symbol.asyncDispose]();
  assertEquals(summary(await ask(port)), "failed refused");
  assertEquals(summary(await ask(123, TIMEOUT_MS, "255.255.255.255")), "failed unreachable");
});

Deno.test("ntpExchange() ends at once when it is aborted", async () => {
  await using peer = await UdpPeer.start(() => []);
  const address = { hostname: "127.0.0.1", port: peer.port };
  const abort = new AbortController();
  const pending = ntpExchange({ source: "test", address, timeoutMs: 60_000, signal: abort.signal });
  abort.abort();
  assertEquals(summary(await pending), "failed aborted");
  assertEquals(
    summary(await ntpExchange({ source: "test", address, timeoutMs: 60_000, signal: abort.signal })),
    "failed aborted",
  );
});

Deno.test("ntpExchange() asks with a new port and a new nonce each time, and tells nothing else", async () => {
  await using peer = await UdpPeer.start((request) => [{ bytes: replyTo(request) }]);
  for (let i = 0; i < 3; i++) await ask(peer.port);
  assertEquals(new Set(peer.requests.map(({ port }) => port)).size, 3);
  assertEquals(new Set(peer.requests.map(({ bytes }) => bytes.slice(40).join())).size, 3);
  for (const { bytes } of peer.requests) {
    assertEquals(bytes.slice(0, 40), Uint8Array.from([0b00_100_011, ...new Array<number>(39).fill(0)]));
    assertNotEquals(bytes.slice(40), new Uint8Array(8));
  }
});

/** A world in which time passes by script: the answer arrives 1 ms after the question and is seen at 21 ms. */
function scriptedWorld(changes: Partial<ExchangeDependencies> = {}): ExchangeDependencies {
  const nonce = 0x0102030405060708n;
  const readings: ClockPair[] = [
    { realtimeNs: 1_700_000_000_000_000_000n, rawNs: 1_000_000_000n, uncertaintyNs: 0 },
    { realtimeNs: 1_700_000_000_021_000_000n, rawNs: 1_021_000_000n, uncertaintyNs: 0 },
  ];
  let request = new Uint8Array(48);
  return {
    nonce: () => nonce,
    nowRawNs: () => 1_000_000_000n,
    readClockPair: () => readings.shift()!,
    suspendedNs: () => 0n,
    connect: (from) => ({
      send: (bytes) => request = bytes,
      waitReadable: () => Promise.resolve(true),
      receive(buffer) {
        const bytes = replyTo(request);
        buffer.set(bytes);
        const receivedRealtimeNs = 1_700_000_000_001_000_000n;
        return { byteLength: bytes.length, truncated: false, receivedRealtimeNs, from };
      },
      [Symbol.dispose]() {},
    }),
    ...changes,
  };
}

const ANYWHERE = { source: "test", address: { hostname: "127.0.0.1", port: 123 }, timeoutMs: 1000 };

Deno.test("ntpExchange() takes the kernel's stamp for T4, not the moment at which JavaScript saw the packet", async () => {
  const outcome = await ntpExchange(ANYWHERE, scriptedWorld());
  assert(outcome.kind === "measured");
  // 1 ms, and 1000 ppm of the 20 ms for which the stamp was carried.
  assertEquals(outcome.exchange.t4RawNs - outcome.exchange.t1RawNs, 1_020_000n);
});

Deno.test("ntpExchange() drops an exchange during which the machine was suspended", async () => {
  const suspends = [0n, 28_800_000_000_000n];
  const outcome = await ntpExchange(ANYWHERE, scriptedWorld({ suspendedNs: () => suspends.shift()! }));
  assertEquals(summary(outcome), "failed suspended");
});

Deno.test({
  name: "ntpExchange() agrees with a real chronyd on the system's time within 1 ms",
  ignore: !available("chronyd"),
  async fn() {
    await using chronyd = await Chronyd.start();
    const offsets: number[] = [];
    for (let i = 0; i < 20; i++) {
      const outcome = await ask(chronyd.port);
      assert(outcome.kind === "measured", summary(outcome));
      assertEquals([outcome.exchange.stratum, outcome.exchange.leap], [8, 0]);
      assertAlmostEquals(offsetFromSystemSeconds(outcome.exchange), 0, 1e-3);
      offsets.push(Math.abs(offsetFromSystemSeconds(outcome.exchange)));
    }
    assertLess(Math.min(...offsets), 100e-6);

    const pending = ask(chronyd.port);
    blockEventLoop(100);
    const outcome = await pending;
    assert(outcome.kind === "measured", summary(outcome));
    assertLess(Number(outcome.exchange.t4RawNs - outcome.exchange.t1RawNs), 50e6);
  },
});

function blockEventLoop(milliseconds: number): void {
  const end = performance.now() + milliseconds;
  while (performance.now() < end);
}
