import { assertEquals } from "@std/assert";
import { compareVectorClocks, mergeVectorClocks, type VectorClock } from "../../mcp/peers/vector_clock.ts";
import { pairOrders } from "../../mcp/peers/pair_order.ts";
import { synchronize } from "../../mcp/peers/synchronization.ts";
import { differenceSeconds } from "../../mod.ts";
import { SdkClient } from "./support/sdk_client.ts";
import { PublishedRecord } from "../support/published_record.ts";
import { Random } from "../support/random.ts";

function peer(id: string, earliestSeconds: number, latestSeconds: number, clock: VectorClock | null = null) {
  const interval = {
    earliest: { seconds: earliestSeconds, nanoseconds: 0 },
    latest: { seconds: latestSeconds, nanoseconds: 0 },
  };
  return { id, interval, vectorClock: clock };
}

function clock(counts: Record<string, number>): VectorClock {
  return new Map(Object.entries(counts));
}

/**
 * Processes that do something, send and receive at random, each with its vector clock and with the set of the events
 * that it can know of: what happened before what, by definition (Lamport 1978).
 */
function randomHistory(seed: number, events: number) {
  const random = new Random(seed);
  const nodes = ["a", "b", "c", "d"].map((name) => ({ name, clock: clock({}), past: new Set<number>() }));
  const any = () => nodes[Math.floor(random.uniform() * nodes.length)]!;
  const history: { clock: VectorClock; past: Set<number> }[] = [];
  for (let event = 0; event < events; event++) {
    const [node, sender] = [any(), any()];
    if (random.uniform() < 0.5) {
      node.clock = mergeVectorClocks([node.clock, sender.clock]);
      node.past = node.past.union(sender.past);
    }
    node.clock = new Map([...node.clock, [node.name, (node.clock.get(node.name) ?? 0) + 1]]);
    node.past = node.past.union(new Set([event]));
    history.push({ clock: node.clock, past: node.past });
  }
  return history;
}

Deno.test("vector clocks order two events exactly when one can have caused the other", () => {
  const history = randomHistory(1, 60);
  const seen = new Set<string>();
  for (const [i, a] of history.entries()) {
    for (const [j, b] of history.entries()) {
      if (i === j) continue;
      const expected = b.past.has(i) ? "before" : a.past.has(j) ? "after" : "concurrent";
      assertEquals(compareVectorClocks(a.clock, b.clock), expected);
      seen.add(expected);
    }
  }
  assertEquals(seen.size, 3);
});

Deno.test("names that JavaScript's objects know are names like others", () => {
  assertEquals(compareVectorClocks(clock({ constructor: 1 }), clock({})), "after");
  assertEquals(compareVectorClocks(clock({ toString: 1 }), clock({ a: 1 })), "concurrent");
});

Deno.test("a majority agrees, the others are named, and the point lies a lead ahead of the last of those who agree", () => {
  const outcome = synchronize([
    peer("a", 10, 14),
    peer("b", 12, 15),
    peer("liar", 900, 901),
    peer("c", 11, 13),
  ], 7.5);
  assertEquals(outcome.disagreeing, ["liar"]);
  assertEquals(outcome.agreement, {
    earliest: { seconds: 12, nanoseconds: 0 },
    latest: { seconds: 13, nanoseconds: 0 },
    count: 3,
  });
  assertEquals(outcome.point, { seconds: 23, nanoseconds: 0 });
  assertEquals(differenceSeconds(outcome.point!, { seconds: 15, nanoseconds: 0 }) >= 7.5, true);
});

Deno.test("without a majority nobody is believed, and there is no point", () => {
  const outcome = synchronize([peer("a", 0, 1), peer("b", 2, 3), peer("c", 2, 3), peer("d", 5, 6)], 1);
  assertEquals(outcome, { agreement: null, disagreeing: ["a", "b", "c", "d"], point: null });
});

Deno.test("a pair contradicts when its clocks have the effect before the cause, and not when they cannot tell", () => {
  const [cause, effect] = [clock({ a: 1 }), clock({ a: 1, b: 1 })];
  const contradicts = (first: number) =>
    pairOrders([peer("a", first, first + 2, cause), peer("b", 10, 12, effect)])[0]!.contradicts;
  assertEquals([contradicts(0), contradicts(11), contradicts(20)], [false, false, true]);
  assertEquals(pairOrders([peer("a", 20, 21, cause), peer("b", 10, 12)])[0]!.byVectorClock, null);
});

Deno.test("readings that are too old for a meeting, twins and crowds of nodes are refused in a sentence", async () => {
  using daemon = new PublishedRecord();
  await using client = await SdkClient.inProcess({ shmName: daemon.name, nodeId: "me" });
  const { iso, max_error } = (await client.call("get_time")).data;
  const peer = { id: "a", time: iso, uncertainty: max_error };
  const refusal = async (peer_times: unknown[]) =>
    (await client.call("synchronize_with_peers", { peer_times, lead_seconds: 1 })).sentence;
  const old = await refusal([{ ...peer, time: "2026-01-01T00:00:00Z" }]);
  assertEquals(old.startsWith("Cannot find an instant to meet at: the readings are old"), true);
  assertEquals(
    await refusal([peer, peer]),
    'Cannot synchronize: "a" is there twice. Give one reading of each peer.',
  );
  const crowd = Object.fromEntries(Array.from({ length: 256 }, (_, index) => [`node-${index}`, 1]));
  assertEquals(
    await refusal([{ ...peer, vector_clock: crowd }]),
    "Cannot take in the vector clocks: they name more than 256 nodes. Leave out those that take no part.",
  );
  const { data } = await client.call("synchronize_with_peers", { peer_times: [peer] });
  assertEquals(data.vector_clock, { me: 1 });
});
