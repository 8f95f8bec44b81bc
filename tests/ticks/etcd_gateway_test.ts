import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { TickError } from "../../ticks/errors.ts";
import { EtcdGateway } from "../../ticks/etcd_gateway.ts";

const ADDRESS = "etcd://test/name";
const PATH = "/v3/kv/txn";

/** A member that answers as told. */
class FakeMember implements AsyncDisposable {
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  /** The bodies of the requests that came. */
  readonly requests: unknown[] = [];

  constructor(answer: () => Response | Promise<Response>) {
    this.#server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, async (request) => {
      this.requests.push(await request.json());
      return answer();
    });
  }

  get origin(): string {
    return `http://127.0.0.1:${this.#server.addr.port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
  }
}

/** As etcd 3.4 answers (taken from one). */
function done(clusterId = "7064401624602276120"): Response {
  const header = { cluster_id: clusterId, member_id: "3433379271406579891", revision: "3", raft_term: "2" };
  return Response.json({ header, succeeded: true });
}

function refusal(status: number, code: number, message: string): Response {
  return Response.json({ error: message, message, code }, { status });
}

async function ask(patienceMs: number, ...origins: readonly string[]): Promise<unknown> {
  const httpClient = Deno.createHttpClient({});
  using gateway = new EtcdGateway({ origins, address: ADDRESS, httpClient, login: null });
  const answer = await gateway.call(PATH, { a: 1 }, performance.now() + patienceMs);
  return answer["succeeded"];
}

async function refusalOf(patienceMs: number, ...origins: readonly string[]) {
  const { code, message } = await assertRejects(() => ask(patienceMs, ...origins), TickError);
  const [, why] = /^Cannot have a tick from etcd:\/\/test\/name: (.*)\.$/.exec(message) ?? [];
  return [code, why];
}

/** Where nobody listens. */
function deadOrigin(): string {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return `http://127.0.0.1:${listener.addr.port}`;
}

Deno.test("EtcdGateway.call() goes from a member that is away to the next", async () => {
  await using member = new FakeMember(() => done());
  assertEquals(await ask(5000, deadOrigin(), deadOrigin(), member.origin), true);
  assertEquals(member.requests, [{ a: 1 }]);
});

Deno.test("EtcdGateway.call() goes on asking while a leader is elected", async () => {
  const passing = [
    refusal(503, 14, "etcdserver: no leader"),
    refusal(503, 14, "etcdserver: request timed out, possibly due to previous leader failure"),
    refusal(500, 2, "context deadline exceeded"),
    refusal(429, 8, "etcdserver: too many requests"),
    new Response("bad gateway", { status: 502 }),
  ];
  await using member = new FakeMember(() => passing.shift() ?? done());
  assertEquals(await ask(5000, member.origin), true);
  assertEquals(member.requests.length, 6);
});

Deno.test("EtcdGateway.call() leaves a member that does not answer for the next", async () => {
  const { promise, resolve } = Promise.withResolvers<Response>();
  await using silent = new FakeMember(() => promise);
  await using member = new FakeMember(() => done());
  assertEquals(await ask(10_000, silent.origin, member.origin), true);
  assertEquals([silent.requests.length, member.requests.length], [1, 1]);
  resolve(done());
});

Deno.test("EtcdGateway.call() gives up at its deadline and says what it met last", async () => {
  const [deadCode, deadWhy] = await refusalOf(100, deadOrigin());
  assertEquals(deadCode, "UNAVAILABLE");
  assert(
    /^no member could .* \(at last: 127\.0\.0\.1:\d+: Connection refused\); see that the cluster is up$/
      .test(deadWhy!),
    deadWhy,
  );
  await using member = new FakeMember(() => refusal(503, 14, "etcdserver: no leader"));
  const [code, why] = await refusalOf(500, member.origin);
  assertEquals(code, "UNAVAILABLE");
  // The last question may have been under way when time was up.
  assertMatch(
    why!,
    /^no member could answer with a majority behind it \(at last: (no leader|.* did not answer in time)\); see that the cluster is up$/,
  );
  assert(member.requests.length > 1);
});

Deno.test("EtcdGateway.call() stops at once at what no waiting helps against", async () => {
  const refusals: [Response, string, string][] = [
    [
      new Response("<html>", { status: 200 }),
      "ADDRESS",
      'it answered HTTP 200, and not as etcd\'s JSON gateway does: "<html>"',
    ],
    [
      new Response("", { status: 404 }),
      "ADDRESS",
      'it answered HTTP 404, and not as etcd\'s JSON gateway does: ""',
    ],
    [Response.json({ ok: true }), "ADDRESS", "what answers is no etcd"],
    [
      refusal(400, 3, "etcdserver: user name is empty"),
      "NOT_PERMITTED",
      "it asks for a user: give ?login=FILE with one line user:password",
    ],
    [
      refusal(403, 7, "etcdserver: permission denied"),
      "NOT_PERMITTED",
      "permission denied: this user has no right to the counter's keys",
    ],
    [
      refusal(429, 8, "etcdserver: mvcc: database space exceeded"),
      "UNAVAILABLE",
      "mvcc: database space exceeded: compact its history, defragment it and disarm the alarm",
    ],
  ];
  for (const [answer, code, why] of refusals) {
    await using member = new FakeMember(() => answer);
    assertEquals(await refusalOf(5000, member.origin), [code, why]);
    assertEquals(member.requests.length, 1);
  }
});

Deno.test("EtcdGateway.call() refuses hosts that are not of one cluster", async () => {
  const first = [done("1"), refusal(503, 14, "etcdserver: no leader")];
  await using one = new FakeMember(() => first.shift()!);
  await using other = new FakeMember(() => done("2"));
  const httpClient = Deno.createHttpClient({});
  const origins = [one.origin, other.origin];
  using gateway = new EtcdGateway({ origins, address: ADDRESS, httpClient, login: null });
  await gateway.call(PATH, {}, performance.now() + 5000);
  await assertRejects(
    () => gateway.call(PATH, {}, performance.now() + 5000),
    TickError,
    "its hosts are not members of one cluster",
  );
});

Deno.test("EtcdGateway ends a call under way when it is disposed", async () => {
  const { promise, resolve } = Promise.withResolvers<Response>();
  await using silent = new FakeMember(() => promise);
  const httpClient = Deno.createHttpClient({});
  const gateway = new EtcdGateway({ origins: [silent.origin], address: ADDRESS, httpClient, login: null });
  const call = gateway.call(PATH, {}, performance.now() + 60_000);
  gateway[Symbol.dispose]();
  const { code } = await assertRejects(() => call, TickError, "it was closed");
  assertEquals(code, "CLOSED");
  resolve(done());
});
