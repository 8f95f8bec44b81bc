import { assert, assertEquals, assertGreaterOrEqual, assertLessOrEqual, assertMatch } from "@std/assert";
import { ServerPool } from "../../../daemon/sources/server_pool.ts";
import type { PollSchedule } from "../../../daemon/sources/poll_schedule.ts";
import { failed, kiss, measured } from "./support/outcomes.ts";
import { replyTo, UdpPeer } from "./support/udp_peer.ts";
import { VirtualWorld } from "./support/virtual_world.ts";

const SCHEDULE: PollSchedule = { warmupUntilRawSeconds: 1180, warmupIntervalSeconds: 1, intervalSeconds: 10 };

/** A pool in a virtual world, with everything that it says. */
class PoolStory implements AsyncDisposable {
  readonly world = new VirtualWorld();
  readonly measured: string[] = [];
  readonly lost: string[] = [];
  readonly unanswered: [source: string, askedAtRawNs: bigint][] = [];
  readonly remarks = new Map<string, string>();
  readonly infos: string[] = [];
  onMeasured: () => void = () => {};
  #pool: ServerPool | null = null;

  /** The pool in the virtual world. */
  start(...servers: string[]): ServerPool {
    return this.#start(servers, this.world);
  }

  /** The pool in the real one. */
  startForReal(...servers: string[]): ServerPool {
    return this.#start(servers);
  }

  #start(servers: readonly string[], world?: VirtualWorld): ServerPool {
    this.#pool = new ServerPool({
      servers,
      schedule: SCHEDULE,
      timeoutMs: 2000,
      onExchange: ({ source }) => {
        this.measured.push(source);
        this.onMeasured();
      },
      onLost: (source, reason) => this.lost.push(`${source} ${reason}`),
      onUnanswered: (source, askedAtRawNs) => this.unanswered.push([source, askedAtRawNs]),
      log: {
        once: (key, message) => {
          if (!this.remarks.has(key)) this.remarks.set(key, message);
        },
        info: (message) => this.infos.push(message),
      },
    }, world);
    return this.#pool;
  }

  reconfigure(...servers: string[]): void {
    this.#pool?.reconfigure({ servers, schedule: SCHEDULE, timeoutMs: 2000 });
  }

  /** The messages said once that match. */
  remarksLike(pattern: RegExp): string[] {
    return [...this.remarks.values()].filter((message) => pattern.test(message));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#pool?.close();
  }
}

Deno.test("ServerPool asks numeric servers without a lookup, in parallel", async () => {
  await using story = new PoolStory();
  story.start("127.0.0.1:1123", "[::1]:2123");
  await story.world.advance(1.9);
  assertEquals(story.world.lookups, []);
  assertEquals(story.measured.length, 16);
  assertEquals(new Set(story.measured), new Set(["127.0.0.1|127.0.0.1:1123", "::1|[::1]:2123"]));
});

Deno.test("a name with a pool label gives four addresses, any other name one", async () => {
  await using story = new PoolStory();
  const addresses = ["192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.4", "192.0.2.5"];
  story.world.names.set("2.pool.example", addresses);
  story.world.names.set("time.example", ["198.51.100.1", "198.51.100.2"]);
  story.world.names.set("mypool.example", ["203.0.113.1", "203.0.113.2"]);
  story.start("2.pool.example", "time.example", "mypool.example");
  await story.world.advance(1);
  assertEquals(
    new Set(story.world.askedSince(0)),
    new Set([
      "192.0.2.1:123",
      "192.0.2.2:123",
      "192.0.2.3:123",
      "192.0.2.4:123",
      "198.51.100.1:123",
      "203.0.113.1:123",
    ]),
  );
});

Deno.test("two names that lead to one public address do not ask it twice as often", async () => {
  await using story = new PoolStory();
  story.world.names.set("a.example", ["192.0.2.1"]);
  story.world.names.set("b.example", ["192.0.2.1"]);
  story.start("a.example", "b.example", "a.example:124");
  await story.world.advance(60);
  assertEquals(story.world.asked.length, 15);
});

Deno.test("a name that leads nowhere is looked up again with growing pauses, and asked once it leads somewhere", async () => {
  await using story = new PoolStory();
  const pool = story.start("time.example");
  await story.world.advance(63.5);
  assertEquals(story.world.lookups.map(({ at }) => at), [1000, 1001, 1003, 1007, 1015, 1031, 1063]);
  assertMatch(
    pool.status()[0]!.fault!,
    /^Cannot find an address of time server time\.example: getaddrinfo ENOTFOUND\./,
  );
  assertEquals(story.remarksLike(/Cannot find/).length, 1);
  await story.world.advance(600);
  assertEquals(story.world.lookups.slice(-2).map(({ at }) => at), [1575, 1639]);

  story.world.names.set("time.example", ["192.0.2.1"]);
  await story.world.advance(64);
  assertEquals(pool.status()[0]!.fault, null);
  assertGreaterOrEqual(story.measured.length, 1);
});

Deno.test("a resolver that never answers is given up after 10 s", async () => {
  await using story = new PoolStory();
  story.world.names.set("time.example", "hangs");
  const pool = story.start("time.example");
  await story.world.advance(10.5);
  assertMatch(pool.status()[0]!.fault!, /the resolver did not answer in 10 s/);
});

Deno.test("addresses without a route and addresses of nobody are passed over", async () => {
  await using story = new PoolStory();
  story.world.names.set("time.example", ["2001:db8::1", "0.0.0.0", "224.0.1.1", "192.0.2.7"]);
  story.world.unroutable.add("2001:db8::1");
  story.start("time.example");
  await story.world.advance(1);
  assertEquals(story.world.askedSince(0), ["192.0.2.7:123"]);
});

Deno.test("after eight silent polls another address of the name is taken, and the first one only when that is silent too", async () => {
  await using story = new PoolStory();
  story.world.names.set("time.example", ["10.0.0.1", "10.0.0.2"]);
  story.world.servers.set("10.0.0.1:123", () => "silent");
  story.start("time.example");
  await story.world.advance(16);
  assertEquals(story.world.askedSince(0), ["10.0.0.1:123", "10.0.0.2:123"]);
  assertEquals(story.world.asked.filter(({ address }) => address === "10.0.0.1:123").length, 8);
  assertEquals(story.lost, []);

  story.world.servers.set("10.0.0.2:123", () => "silent");
  story.world.servers.delete("10.0.0.1:123");
  await story.world.advance(30);
  assertEquals(story.lost, ["time.example|10.0.0.2:123 unreachable"]);
  assertEquals(story.measured.at(-1), "time.example|10.0.0.1:123");
  assertEquals(story.remarksLike(/10\.0\.0\.1:123 did not answer/).length, 1);
});

Deno.test("a server that dies is lost once and found again when it comes back, on its old address", async () => {
  await using story = new PoolStory();
  story.start("127.0.0.1:1123");
  await story.world.advance(30);
  story.world.servers.set("127.0.0.1:1123", () => "silent");
  await story.world.advance(60);
  assertEquals(story.lost, ["127.0.0.1|127.0.0.1:1123 unreachable"]);
  story.world.servers.delete("127.0.0.1:1123");
  const before = story.measured.length;
  await story.world.advance(3);
  assertGreaterOrEqual(story.measured.length, before + 2);
  assertEquals(story.infos, [
    "Time server 127.0.0.1|127.0.0.1:1123 answers.",
    "Time server 127.0.0.1|127.0.0.1:1123 answers.",
  ]);
});

Deno.test("an address that says DENY is never asked again, not even after a new configuration", async () => {
  await using story = new PoolStory();
  story.world.names.set("time.example", ["10.0.0.1", "10.0.0.2"]);
  story.start("time.example", "127.0.0.1:1123");
  await story.world.advance(3);
  story.world.servers.set("10.0.0.1:123", () => kiss("DENY"));
  story.world.servers.set("127.0.0.1:1123", () => kiss("RSTR"));
  await story.world.advance(1.5);
  assertEquals(story.lost.toSorted(), [
    "127.0.0.1|127.0.0.1:1123 denied",
    "time.example|10.0.0.1:123 denied",
  ]);
  const deniedAt = story.world.now;
  story.reconfigure();
  story.reconfigure("time.example", "127.0.0.1:1123");
  await story.world.advance(200);
  assertEquals(story.world.askedSince(deniedAt), ["10.0.0.2:123"]);
  assertEquals(story.remarksLike(/denies its service/).length, 2);
});

Deno.test("reconfigure() drops names, adds names, and asks the others on as if nothing had happened", async () => {
  await using story = new PoolStory();
  story.start("10.0.0.1", "10.0.0.2");
  await story.world.advance(20);
  const changedAt = story.world.now;
  story.reconfigure("10.0.0.2", "10.0.0.3:123", "10.0.0.3");
  assertEquals(story.lost, ["10.0.0.1|10.0.0.1:123 removed"]);
  await story.world.advance(10);
  assertEquals(story.world.askedSince(changedAt).toSorted(), ["10.0.0.2:123", "10.0.0.3:123"]);
  const kept = story.world.asked.filter(({ address }) => address === "10.0.0.2:123").map(({ at }) => at);
  for (const [i, at] of kept.slice(9).entries()) assertLessOrEqual(Math.abs(at - kept[8 + i]! - 1), 0.002);
});

Deno.test("reconfiguring again and again does not ask a public server faster", async () => {
  await using story = new PoolStory();
  story.start("192.0.2.1");
  for (let i = 0; i < 39; i++) {
    await story.world.advance(0.5);
    story.reconfigure();
    story.reconfigure("192.0.2.1");
  }
  assertEquals(story.world.asked.length, 5);
});

Deno.test("burst() wakes sleeping servers at once", async () => {
  await using story = new PoolStory();
  const pool = story.start("127.0.0.1:1123");
  await story.world.advance(300.5);
  const before = story.world.asked.length;
  pool.burst();
  await story.world.advance(2);
  assertEquals(story.world.asked.length - before, 8);
});

Deno.test("no more than 32 addresses are asked at a time, whatever is configured", async () => {
  await using story = new PoolStory();
  const servers = Array.from({ length: 40 }, (_, i) => `10.0.0.${i + 1}`);
  story.start(...servers);
  await story.world.advance(5);
  assertEquals(story.world.askedSince(0).length, 32);
  assertEquals(story.remarksLike(/32 are asked already/).length, 8);
  story.reconfigure(...servers.slice(8));
  await story.world.advance(5);
  assertEquals(story.world.askedSince(1005).length, 32);
});

Deno.test("a server's name that is none is said once and passed over", async () => {
  await using story = new PoolStory();
  story.start("not a name", "127.0.0.1:1123");
  await story.world.advance(1);
  assertEquals(story.remarksLike(/Cannot ask "not a name"/).length, 1);
  assertGreaterOrEqual(story.measured.length, 3);
});

Deno.test("close() ends exchanges and lookups under way and leaves no timer, without a moment passing", async () => {
  const story = new PoolStory();
  story.world.servers.set("127.0.0.1:1123", () => "silent");
  story.world.names.set("time.example", "hangs");
  const pool = story.start("127.0.0.1:1123", "127.0.0.1:2123", "time.example");
  await story.world.advance(0.3);
  await pool.close();
  assertEquals([story.world.now, story.world.pendingTimers, story.lost], [1000.3, 0, []]);
});

Deno.test("close() lets nobody be called back, even by an answer that is just arriving", async () => {
  const story = new PoolStory();
  story.world.heedsAbort = false;
  const pool = story.start("127.0.0.1:1123");
  await story.world.advance(0.255);
  assertEquals([story.world.asked.length, story.measured.length], [2, 1]);
  const closed = pool.close();
  await story.world.advance(1);
  await closed;
  assertEquals([story.world.asked.length, story.measured.length], [2, 1]);
});

Deno.test("all addresses of a name share one lookup, repeated at most every 30 s", async () => {
  await using story = new PoolStory();
  story.world.names.set("pool.example", ["10.0.0.1", "10.0.0.2"]);
  for (const address of ["10.0.0.1:123", "10.0.0.2:123"]) story.world.servers.set(address, () => "silent");
  story.start("pool.example");
  await story.world.advance(100);
  const times = story.world.lookups.map(({ at }) => at);
  assertEquals(times[0], 1000);
  assert(times.slice(1).every((at, i) => at - times[i]! >= 30), times.join());
});

Deno.test("ServerPool tells of each question without a usable answer and when it was asked", async () => {
  await using story = new PoolStory();
  const answers = [
    "silent",
    measured("127.0.0.1|127.0.0.1:1123"),
    kiss("RATE"),
    failed("too-distant"),
  ] as const;
  let questions = 0;
  story.world.servers.set("127.0.0.1:1123", () => answers[questions++ % answers.length]!);
  const pool = story.start("127.0.0.1:1123");
  await story.world.advance(6);
  const asked = story.world.asked.map(({ at }) => BigInt(Math.round(at * 1e9)));
  assertGreaterOrEqual(asked.length, 4);
  assertEquals(story.unanswered.slice(0, 3), [0, 2, 3].map((i) => ["127.0.0.1|127.0.0.1:1123", asked[i]!]));
  // One that is under way when the pool closes was not lost: nobody waited for its answer.
  const told = story.unanswered.length;
  await pool.close();
  assertEquals(story.unanswered.length, told);
});

Deno.test("aborting the signal closes the pool", async () => {
  const world = new VirtualWorld();
  const abort = new AbortController();
  const pool = new ServerPool({
    servers: ["127.0.0.1:1123"],
    schedule: SCHEDULE,
    timeoutMs: 2000,
    onExchange: () => {},
    onLost: () => {},
    log: { once: () => {}, info: () => {} },
    signal: abort.signal,
  }, world);
  await world.advance(1);
  abort.abort();
  await pool.close();
  const asked = world.asked.length;
  await world.advance(30);
  assert(asked > 0);
  assertEquals(world.asked.length, asked);
});

Deno.test("ServerPool measures real servers by name and says once what a hostile one beside them does", async () => {
  await using good = await UdpPeer.start((request) => [{ bytes: replyTo(request) }]);
  await using hostile = await UdpPeer.start((request) => [
    { bytes: new Uint8Array(9000) },
    { bytes: request.subarray(0, 12) },
    { bytes: replyTo(request, { origin: new Uint8Array(8) }) },
    { bytes: replyTo(request, { stratum: 16 }) },
  ]);
  await using story = new PoolStory();
  const enough = Promise.withResolvers<void>();
  story.onMeasured = () =>
    story.measured.length >= 4 && hostile.requests.length >= 3 ? enough.resolve() : undefined;
  const pool = story.startForReal(`localhost:${good.port}`, `127.0.0.1:${hostile.port}`);
  await enough.promise;
  const [goodStatus, hostileStatus] = pool.status().map(({ servers }) => servers[0]!);
  await pool.close();

  assertEquals(story.lost, []);
  assertGreaterOrEqual(goodStatus!.answers, 4);
  assertEquals(hostileStatus!.reach, 0);
  assertGreaterOrEqual(hostileStatus!.failures["invalid-stratum"]!, 2);
  const said = story.remarksLike(new RegExp(`127.0.0.1:${hostile.port} (sent|says)`));
  assertEquals(said.length, 4);
  assertEquals(new Set(said).size, 4);
});
