import { assert, assertAlmostEquals, assertEquals, assertGreater } from "@std/assert";
import { boundFacts } from "../../../daemon/status/bound_facts.ts";
import type { BoundFacts } from "../../../daemon/status/bound_reason.ts";
import type { ServiceStatus } from "../../../daemon/service_status.ts";
import { answersOf, DISCIPLINED, statusOfScene } from "./support/world.ts";

function ofServers(status: ServiceStatus): Extract<BoundFacts, { kind: "servers" }> {
  const facts = boundFacts(status);
  assert(facts.kind === "servers", facts.kind);
  return facts;
}

Deno.test("boundFacts() takes one server's bound apart: half the round trip, root distance, age", () => {
  const status = statusOfScene({
    exchanges: [{
      source: "a",
      atSeconds: 10,
      delaySeconds: 0.02,
      rootDelaySeconds: 0.004,
      rootDispersionSeconds: 0.001,
    }],
    predictedAtSeconds: 10,
    ageSeconds: 4,
  });
  const { edge, voters, maxErrorSeconds } = ofServers(status);
  assertEquals([edge.source, voters], ["a", 1]);
  assertAlmostEquals(edge.halfRoundTripSeconds, 0.01, 1e-9);
  // 4 ms / 2 + 1 ms, and 50 ppm of the 20 ms that the exchange took.
  assertAlmostEquals(edge.rootDistanceSeconds, 0.003 + 1e-6, 1e-9);
  assertAlmostEquals(edge.ageSeconds, 4, 1e-9);
  assertAlmostEquals(edge.driftSeconds, 200e-6, 1e-12);
  assertAlmostEquals(edge.displacementSeconds, 0, 1e-9);
  // What is left is the publication's own: 500 ppm of 10 ms, clock reads, rounding up.
  assertAlmostEquals(maxErrorSeconds, 0.013201 + 5e-6, 3e-6);
});

Deno.test("boundFacts() finds the server whose word ends the bound, and its parts add up to it", () => {
  // With three servers one may lie: the hull is of what two of them say, and the widest server's far edge is not in it.
  const exchanges = [
    { source: "near", atSeconds: 5, delaySeconds: 0.002 },
    { source: "far", atSeconds: 5, delaySeconds: 0.010, offsetSeconds: 0.001 },
    { source: "moon", atSeconds: 5, delaySeconds: 2.6 },
  ];
  const { edge, maxErrorSeconds } = ofServers(statusOfScene({ exchanges, predictedAtSeconds: 5 }));
  assertEquals([edge.source, edge.side], ["far", "latest"]);
  const parts = edge.halfRoundTripSeconds + edge.rootDistanceSeconds + edge.driftSeconds +
    edge.displacementSeconds;
  assertAlmostEquals(parts, maxErrorSeconds, 10e-6);
});

Deno.test("boundFacts() knows holdover, a quarrel and a missing majority", () => {
  const late = ofServers(
    statusOfScene({ exchanges: answersOf({ a: 0, b: 0, c: 0 }, 5), predictedAtSeconds: 605 }),
  );
  assertAlmostEquals(late.silentSeconds!, 600, 1e-6);
  const quarrel = ofServers(
    statusOfScene({ exchanges: answersOf({ a: 0, b: 1 }, 1), predictedAtSeconds: 3 }),
  );
  assertEquals(quarrel.agreed, false);
  assertGreater(quarrel.maxErrorSeconds, 0.5);
  const first = { exchanges: answersOf({ a: 0 }, 1), predictedAtSeconds: 1 };
  assertEquals(ofServers(statusOfScene(first)).isSettled, false);
  assertEquals(ofServers(statusOfScene({ ...first, predictedAtSeconds: 3 })).isSettled, true);
});

Deno.test("boundFacts() without measurements goes by the kernel, or by nothing", () => {
  assertEquals(boundFacts(statusOfScene({ predictedAtSeconds: 1 })), { kind: "nothing", sources: 3 });
  const facts = boundFacts(statusOfScene({ predictedAtSeconds: 1, kernel: DISCIPLINED }));
  assert(facts.kind === "kernel");
  assertAlmostEquals(facts.maxErrorSeconds, 0.05, 10e-6);
});

Deno.test("boundFacts() after a suspend has no bound, and says what happened", () => {
  const status = statusOfScene({
    exchanges: answersOf({ a: 0, b: 0, c: 0 }, 5),
    before: (pipeline) => pipeline.disrupt(7_000_006_000_000_000n, 1, "suspend"),
    predictedAtSeconds: 7,
  });
  assertEquals(boundFacts({ ...status, lastDisruption: "suspend" }), {
    kind: "disrupted",
    reason: "suspend",
  });
});
