import { assertAlmostEquals, assertEquals } from "@std/assert";
import { scoreTrace, type TraceFacts } from "../../../bench/evaluate/trace_score.ts";
import { Flag } from "../../../record/layout.ts";
import type { Reading } from "../../../sim/world/run_scenario.ts";

const NO_STANDSTILL: TraceFacts = { standstillsAtSeconds: [], recoveredSeconds: 1e-3 };

/** A reading every 2 s from 300 s on, each with its error; sigma 1 s. */
function readings(errors: readonly number[], changes: Partial<Reading> = {}): Reading[] {
  return errors.map((errorSeconds, i) => ({
    atSeconds: 300 + 2 * i,
    errorSeconds,
    sigmaSeconds: 1,
    maxErrorSeconds: 10,
    flags: Flag.VALID,
    aheadErrorSeconds: 2 * errorSeconds,
    aheadSigmaSeconds: 1,
    isBlind: false,
    isOutage: false,
    ...changes,
  }));
}

Deno.test("scoreTrace() gives mean, 99th percentile and wander about the median", () => {
  const score = scoreTrace(readings([3, 4, 5, -1, 4]), NO_STANDSTILL);
  assertAlmostEquals(score.meanError, 17 / 5, 1e-12);
  assertEquals(score.p99Error, 5);
  // About the median 4: 1, 0, 1, 5, 0.
  assertAlmostEquals(score.wander, 7 / 5, 1e-12);
  assertAlmostEquals(score.aheadError, 34 / 5, 1e-12);
});

Deno.test("scoreTrace() counts the intervals that held", () => {
  const score = scoreTrace(readings([1.95, -1.97, 3.28, 3.3]), NO_STANDSTILL);
  assertEquals(score.coverage95, 1 / 4);
  assertEquals(score.coverage999, 3 / 4);
  // Ahead the errors are twice as large: none within 1.96.
  assertEquals(score.aheadCoverage95, 0);
});

Deno.test("scoreTrace() scores an interval by its width and 2/α times what lies outside", () => {
  const inside = scoreTrace(readings([0]), NO_STANDSTILL);
  assertAlmostEquals(inside.score95, 3.919928, 1e-9);
  assertAlmostEquals(inside.score999, 6.581054, 1e-9);
  assertAlmostEquals(inside.width95, 3.919928, 1e-9);
  const outside = scoreTrace(readings([2.959964]), NO_STANDSTILL);
  assertAlmostEquals(outside.score95, 3.919928 + 40, 1e-9);
});

Deno.test("scoreTrace() counts violations of the hard bound where it can be known", () => {
  const all = [...readings([9, -11]), ...readings([50], { isBlind: true })];
  const score = scoreTrace(all, NO_STANDSTILL);
  assertEquals(score.violations, 1 / 2);
  assertEquals(score.boundHalfWidth, 10);
});

Deno.test("scoreTrace() leaves the start, invalid readings, outages and what nobody can know out of the errors", () => {
  const all = [
    ...readings([7]).map((reading) => ({ ...reading, atSeconds: 299 })),
    ...readings([1, 1]),
    ...readings([8], { flags: 0 }),
    ...readings([9], { isOutage: true }),
    ...readings([10], { isBlind: true }),
  ];
  const score = scoreTrace(all, NO_STANDSTILL);
  assertEquals(score.meanError, 1);
  assertEquals(score.validShare, 4 / 5);
});

Deno.test("scoreTrace() measures recovery until the time is right and stays so for a minute", () => {
  const errors = Array.from({ length: 200 }, (_, i) => i === 12 ? 0.5 : i < 5 || i > 20 ? 1e-6 : 0.2);
  // Wrong from 310 s to 340 s but for nothing; right from 342 s on.
  const facts = { standstillsAtSeconds: [309], recoveredSeconds: 1e-3 };
  assertEquals(scoreTrace(readings(errors), facts).recovery, 33);
  const blip = errors.map((error, i) => i === 30 ? 0.2 : error);
  // The minute begins anew after 360 s.
  assertEquals(scoreTrace(readings(blip), facts).recovery, 53);
});

Deno.test("scoreTrace() takes a trace that never recovers for one that does at its end", () => {
  const facts = { standstillsAtSeconds: [310], recoveredSeconds: 1e-3 };
  assertEquals(scoreTrace(readings(new Array(50).fill(1)), facts).recovery, 88);
  assertEquals(scoreTrace(readings([1]), NO_STANDSTILL).recovery, null);
});

Deno.test("scoreTrace() takes the holdover error at the end of an outage of an hour", () => {
  const outage = readings(Array.from({ length: 1800 }, (_, i) => i * 1e-6), { isOutage: true });
  assertAlmostEquals(scoreTrace(outage, NO_STANDSTILL).holdoverError!, 1799e-6, 1e-12);
  assertEquals(scoreTrace(outage.slice(0, 500), NO_STANDSTILL).holdoverError, null);
});
