import { assertAlmostEquals, assertEquals, assertGreater } from "@std/assert";
import { type Machine, scoreFleet } from "../../../bench/evaluate/fleet.ts";
import { Flag } from "../../../record/layout.ts";
import type { Reading } from "../../../sim/world/run_scenario.ts";

const SEED = 1;

function reading(errorSeconds: number, changes: Partial<Reading> = {}): Reading {
  return {
    atSeconds: 0,
    errorSeconds,
    sigmaSeconds: 1e-3,
    maxErrorSeconds: 3e-3,
    flags: Flag.VALID,
    aheadErrorSeconds: null,
    aheadSigmaSeconds: 0,
    isBlind: false,
    isOutage: false,
    ...changes,
  };
}

/** Machines whose errors are given in ms, one for each meeting. */
function fleet(...errors: readonly (readonly number[])[]): Machine[] {
  return errors.map((machine) => machine.map((error) => reading(error * 1e-3)));
}

Deno.test("scoreFleet() measures how far apart each pair acts at each meeting", () => {
  // Apart by 1, 2, 3 ms at the first meeting, by 0, 4, 4 ms at the second.
  const score = scoreFleet(fleet([0, 0], [1, 0], [3, 4]), SEED);
  assertEquals([score.machines, score.meetings, score.validShare], [3, 2, 1]);
  assertAlmostEquals(score.medianApart.value, 2e-3, 1e-12);
  assertAlmostEquals(score.p99Apart.value, 4e-3, 1e-12);
  // From the first to the last 3 and 4 ms.
  assertAlmostEquals(score.medianSpan.value, 3e-3, 1e-12);
  assertEquals(score.byBound.pairs, 6);
});

Deno.test("scoreFleet() counts machines without a valid time as absent", () => {
  const absent = [reading(5, { flags: 0 })];
  const score = scoreFleet([...fleet([0], [1]), absent], SEED);
  assertAlmostEquals(score.p99Apart.value, 1e-3, 1e-12);
  assertAlmostEquals(score.validShare, 2 / 3, 1e-12);
  assertEquals(score.byBound.pairs, 1);
});

Deno.test("scoreFleet() orders no pair wrongly while every interval holds the truth, and some once one does not", () => {
  const errors = Array.from(
    { length: 20 },
    (_, i) => Array.from({ length: 20 }, (_, j) => ((i + j) % 7) - 3),
  );
  const honest = scoreFleet(fleet(...errors), SEED);
  assertGreater(honest.byBound.ordered, 1000);
  assertEquals(honest.byBound.wrong, 0);
  assertEquals(honest.bySigma.wrong, 0);

  const liar = errors[0]!.map(() => reading(0.1, { maxErrorSeconds: 1e-3 }));
  assertGreater(scoreFleet([...fleet(...errors), liar], SEED).byBound.wrong, 0);
});
