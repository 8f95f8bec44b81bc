import { assertEquals } from "@std/assert";
import { type BoundFacts, boundReason } from "../../../daemon/status/bound_reason.ts";

type ServerFacts = Extract<BoundFacts, { kind: "servers" }>;

const QUIET: ServerFacts = {
  kind: "servers",
  maxErrorSeconds: 0.00241,
  voters: 4,
  sources: 4,
  agreed: true,
  isSettled: true,
  silentSeconds: null,
  isLeaping: false,
  edge: {
    source: "time.example.org",
    side: "latest",
    halfRoundTripSeconds: 0.0011,
    rootDistanceSeconds: 0.0008,
    ageSeconds: 3.2,
    driftSeconds: 0.00016,
    displacementSeconds: 0.00035,
  },
};

Deno.test("boundReason() names the server and the parts of its word, the largest first", () => {
  assertEquals(
    boundReason(QUIET),
    "The bound is ± 2.41 ms: of 4 servers, time.example.org says how late it can be at most " +
      "(half its round trip 1.10 ms, its own root distance 800 µs, " +
      "350 µs more because its middle lies off the published time, 160 µs for the 3.20 s since that answer).",
  );
});

Deno.test("boundReason() says it when the oldness of the answer is what costs most", () => {
  const edge = { ...QUIET.edge, ageSeconds: 600, driftSeconds: 0.03, displacementSeconds: -0.0001 };
  assertEquals(
    boundReason({ ...QUIET, maxErrorSeconds: 0.0318, voters: 1, silentSeconds: 600, edge }),
    "The bound is ± 31.8 ms: time.example.org alone says how late it can be at most " +
      "(30.0 ms for the 10 min since that answer, half its round trip 1.10 ms, its own root distance 800 µs, " +
      "100 µs less because its middle lies off the published time); " +
      "nobody has answered for 10 min, so it grows by 50.0 µs a second until somebody does.",
  );
});

Deno.test("boundReason() tells a quarrel, a leap second and servers still to be heard", () => {
  const parts = "(half its round trip 1.10 ms, its own root distance 800 µs, " +
    "350 µs more because its middle lies off the published time, 160 µs for the 3.20 s since that answer)";
  assertEquals(
    boundReason({ ...QUIET, voters: 2, edge: { ...QUIET.edge, side: "earliest" }, agreed: false }),
    `The bound is ± 2.41 ms: of 2 servers, time.example.org says how early it can be at most ${parts}; ` +
      "the 2 servers contradict each other and nobody can tell who is right, so it holds whatever any of them says.",
  );
  assertEquals(
    boundReason({ ...QUIET, voters: 1, isSettled: false, isLeaping: true }),
    `The bound is ± 2.41 ms: time.example.org alone says how late it can be at most ${parts}; ` +
      "a leap second makes the time ambiguous by 1 s; " +
      "only 1 of 4 sources has spoken, so it is not to be relied upon yet.",
  );
});

Deno.test("boundReason() says why there is no bound, and when it is the kernel's", () => {
  const cases: [BoundFacts, string][] = [
    [
      { kind: "disrupted", reason: "suspend" },
      "There is no bound: the machine was suspended; servers are being asked anew.",
    ],
    [
      { kind: "disrupted", reason: null },
      "There is no bound: the clock was disrupted; servers are being asked anew.",
    ],
    [
      { kind: "nothing", sources: 0 },
      "There is no bound: no source is configured, and nobody disciplines the system clock.",
    ],
    [
      { kind: "nothing", sources: 1 },
      "There is no bound: none of 1 source has answered yet, and nobody disciplines the system clock.",
    ],
    [
      { kind: "kernel", maxErrorSeconds: 0.05, sources: 0 },
      "The bound of ± 50.0 ms is the kernel's own (adjtimex), since no source is configured.",
    ],
    [
      { kind: "kernel", maxErrorSeconds: 1, sources: 2 },
      "The bound of ± 1.00 s is the kernel's own (adjtimex), since none of 2 sources gives a better one.",
    ],
  ];
  for (const [facts, sentence] of cases) assertEquals(boundReason(facts), sentence);
});
