import { assertAlmostEquals, assertEquals, assertMatch } from "@std/assert";
import { SERVERS } from "../../../daemon/status/schemas.ts";
import { serversDocument } from "../../../daemon/status/server_rows.ts";
import { exchangeOf } from "../exchange_of.ts";
import { answersOf, type Scene, serverStatus, statusOfScene } from "./support/world.ts";

function rowsOf(scene: Scene, sources: readonly string[]) {
  const names = [{
    name: "pool.example",
    fault: null,
    servers: sources.map((source) => serverStatus(source)),
  }];
  const document = serversDocument(statusOfScene({ names, ...scene }));
  return SERVERS.parse(document).servers;
}

Deno.test("serversDocument() says of each server whether it is followed, and of a liar by how much it lies", () => {
  const rows = rowsOf({ exchanges: answersOf({ a: 0, b: 0.0001, liar: 0.5 }, 20), predictedAtSeconds: 20 }, [
    "a",
    "b",
    "liar",
  ]);
  assertEquals(rows.map(({ source, is_selected }) => [source, is_selected]), [["a", true], ["b", true], [
    "liar",
    false,
  ]]);
  assertMatch(rows[2]!.reason, /^not followed: it is 500 ms ahead of what the majority agrees on$/);
  assertAlmostEquals(rows[2]!.offset_seconds!, 0.5, 1e-3);
  // Half of 1 ms, the clock reads, and 50 ppm of that millisecond.
  assertAlmostEquals(rows[0]!.half_width_seconds!, 0.0005 + 1.05e-6, 1e-7);
});

Deno.test("serversDocument() tells silence, quarrels and servers that never spoke", () => {
  const silent = rowsOf({
    exchanges: [{ source: "b", atSeconds: 1 }, ...answersOf({ a: 0, c: 0 }, 200)].toSorted((x, y) =>
      x.atSeconds - y.atSeconds
    ),
    predictedAtSeconds: 200,
  }, ["b"]);
  assertEquals(silent[0]!.reason, "it has no vote: silent for 3 min");
  const quarrel = rowsOf({ exchanges: answersOf({ a: 0, b: 1 }, 1), predictedAtSeconds: 3 }, ["a", "b"]);
  for (const { is_selected, reason } of quarrel) {
    assertEquals([is_selected, reason], [
      false,
      "the servers contradict each other, and nobody can tell who is right",
    ]);
  }
  const mute = { answers: 0, failures: { timeout: 3, refused: 2 }, kisses: { RATE: 1 } };
  const { servers, unresolved } = serversDocument(statusOfScene({
    predictedAtSeconds: 1,
    names: [
      {
        name: "x",
        fault: null,
        servers: [serverStatus("x", mute), serverStatus("y", { polls: 0, answers: 0 })],
      },
      { name: "z", fault: "There is no such host.", servers: [] },
    ],
  }));
  assertEquals(servers.map(({ reason }) => reason), [
    "has not answered (timeout 3, refused 2, RATE 1)",
    "not asked yet",
  ]);
  assertEquals(unresolved, [{ name: "z", reason: "There is no such host." }]);
});

Deno.test("serversDocument() gives NTP's jitter: RMS about the sample with the shortest round trip", () => {
  // Offsets 0, +1, −1, +2 ms about the best one's 0: √((1 + 1 + 4) / 3) ms by RFC 5905 §10.
  const offsets = [0, 0.001, -0.001, 0.002];
  const exchanges = offsets.map((offsetSeconds, i) => ({
    source: "a",
    atSeconds: 1 + i,
    offsetSeconds,
    delaySeconds: i === 0 ? 0.009 : 0.01,
  }));
  const [row] = rowsOf({ exchanges, predictedAtSeconds: 5 }, ["a"]);
  assertAlmostEquals(row!.jitter_seconds!, Math.sqrt(2) * 1e-3, 2e-4);
});

Deno.test("serversDocument() counts from now: last answer, next question, recent answers", () => {
  const lastExchange = exchangeOf({ atSeconds: 9, rootDelaySeconds: 0.004, stratum: 2 });
  const server = serverStatus("a", { lastExchange, nextPollAtRawSeconds: 7000 + 25 });
  const document = serversDocument(statusOfScene({
    exchanges: [{ source: "a", atSeconds: 9 }],
    predictedAtSeconds: 10,
    ageSeconds: 5,
    names: [{ name: "a", fault: null, servers: [server] }],
  }));
  const [row] = SERVERS.parse(document).servers;
  assertAlmostEquals(row!.last_answer_seconds!, 6, 1e-6);
  assertAlmostEquals(row!.next_poll_seconds!, 10, 1e-6);
  assertEquals([row!.stratum, row!.root_delay_seconds], [2, 0.004]);
  assertAlmostEquals(row!.recent[0]!.age_seconds, 6, 1e-6);
});
