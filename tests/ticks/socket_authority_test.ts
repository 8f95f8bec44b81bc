import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { TickError, type TickErrorCode } from "../../ticks/errors.ts";
import { MAX_PENDING } from "../../ticks/line_client.ts";
import { SocketAuthority } from "../../ticks/socket_authority.ts";
import { ServerWorld } from "./chronosd/support/server_world.ts";

async function refusal(code: TickErrorCode, operation: () => Promise<unknown>): Promise<string> {
  const error = await assertRejects(operation, TickError);
  assertEquals(error.code, code, error.message);
  return error.message;
}

Deno.test("SocketAuthority hands out the daemon's ticks", async () => {
  await using world = await ServerWorld.start();
  await using ticks = await SocketAuthority.connect(world.path);
  assertEquals(ticks.name, `unix:${world.path}`);
  assertEquals(await ticks.current(), 0n);
  assertEquals(await ticks.next(), 1n);
  assertEquals(await ticks.next(1000), 2n);
  assertEquals(await ticks.nextStamped(world.nowUtcNs), { tick: 1002n, utcNs: world.nowUtcNs });
  assertEquals(await ticks.nextStamped(5n), { tick: 1003n, utcNs: world.nowUtcNs });
  assertEquals(await world.authority.current(), 1003n);
});

Deno.test("SocketAuthority keeps the order of requests that are on their way together", async () => {
  await using world = await ServerWorld.start();
  await using ticks = await SocketAuthority.connect(world.path);
  const taken = await Promise.all(Array.from({ length: 5000 }, () => ticks.next()));
  assertEquals(taken, Array.from({ length: 5000 }, (_, index) => BigInt(index + 1)));
});

Deno.test("SocketAuthority says which socket nobody answers, and that a request was refused and why", async () => {
  await using world = await ServerWorld.start();
  const absent = await refusal("UNAVAILABLE", () => SocketAuthority.connect(`${world.folder}/absent.sock`));
  assertMatch(absent, /^Cannot reach chronosd on .*absent\.sock: there is no such socket\. Start it with /);
  await using ticks = await SocketAuthority.connect(world.path);
  const nothing = await refusal("RANGE", () => ticks.next(0));
  assertMatch(nothing, /^Cannot take 0 ticks at once: /);
  const ahead = await refusal("RANGE", () => ticks.nextStamped(world.nowUtcNs + 3_600_000_000_000n));
  assertMatch(ahead, /3600000 ms ahead of this machine's: at most/);
  world.authority.fault = new TickError("EXHAUSTED", "Cannot hand out another tick.");
  assertEquals(await refusal("EXHAUSTED", () => ticks.next()), "Cannot hand out another tick.");
  assertEquals(await ticks.current(), 0n);
});

Deno.test("SocketAuthority connects again when its idle connection was closed or the daemon started anew", async () => {
  await using world = await ServerWorld.start({ idleMs: 200 });
  await using ticks = await SocketAuthority.connect(world.path);
  assertEquals(await ticks.next(), 1n);
  while (world.server.connectionCount > 0) await new Promise((resolve) => setTimeout(resolve, 5));
  assertEquals(await Promise.all([ticks.next(), ticks.next(), ticks.next()]), [2n, 3n, 4n]);
  await world.stop();
  await refusal("UNAVAILABLE", () => ticks.next());
  await world.listen();
  assertEquals(await ticks.next(), 5n);
});

Deno.test("SocketAuthority sends nothing more once it is closed", async () => {
  await using world = await ServerWorld.start();
  const ticks = await SocketAuthority.connect(world.path);
  const waiting = refusal("CLOSED", () => ticks.next());
  await ticks[Symbol.asyncDispose]();
  await waiting;
  await refusal("CLOSED", () => ticks.next());
});

Deno.test("SocketAuthority refuses to have more than its limit on the way", async () => {
  await using world = await ServerWorld.start();
  await using ticks = await SocketAuthority.connect(world.path);
  const outcomes = await Promise.allSettled(Array.from({ length: MAX_PENDING + 1 }, () => ticks.next()));
  const failed = outcomes.filter((outcome) => outcome.status === "rejected");
  assertEquals(failed.map(({ reason }) => reason.code), ["BUSY"]);
});

Deno.test("SocketAuthority takes nothing else for a chronosd", async () => {
  await using world = await ServerWorld.start();
  const path = `${world.folder}/other.sock`;
  using listener = Deno.listen({ transport: "unix", path });
  const other = listener.accept().then(async (conn) => {
    await conn.read(new Uint8Array(100));
    await conn.write(new TextEncoder().encode("220 mail.example.org ESMTP\n"));
    return conn;
  });
  await using ticks = await SocketAuthority.connect(path);
  assertMatch(
    await refusal("UNAVAILABLE", () => ticks.next()),
    /it answered NEXT_TICK with "220 mail\.example\.org ESMTP"\.$/,
  );
  (await other).close();
});
