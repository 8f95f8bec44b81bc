import { assertAlmostEquals } from "@std/assert";
import type { MachineEvent } from "../../../sim/world/machine.ts";
import { TrueTime } from "../../../sim/world/true_time.ts";

const STEADY = new Float64Array(1000).fill(10e-6);

function event(atSeconds: number, standstillSeconds: number, frequencyShift: number): MachineEvent {
  return {
    kind: "migration",
    atSeconds,
    standstillSeconds,
    frequencyShift,
    isNoticed: false,
    wakeErrorSeconds: 0,
  };
}

const EVENTS = [event(100.5, 0.05, 2e-6), event(300, 3600, 0)];

Deno.test("TrueTime.offsetAt() adds frequency × time, standstills, and what frequency shifts gain since", () => {
  const truth = new TrueTime(0.25, STEADY, EVENTS);
  assertAlmostEquals(truth.offsetAt(0), 0.25, 1e-12);
  assertAlmostEquals(truth.offsetAt(50.25), 0.2505025, 1e-12);
  assertAlmostEquals(truth.offsetAt(100.49999), 0.2510049999, 1e-11);
  assertAlmostEquals(truth.offsetAt(100.5), 0.301005, 1e-12);
  assertAlmostEquals(truth.offsetAt(200.5), 0.302205, 1e-12);
  assertAlmostEquals(truth.offsetAt(400), 0.25 + 400 * 10e-6 + 299.5 * 2e-6 + 3600.05, 1e-9);
});

Deno.test("TrueTime.offsetAt() goes on with the last frequency beyond its record", () => {
  const truth = new TrueTime(0, Float64Array.of(1e-6, 2e-6), []);
  assertAlmostEquals(truth.offsetAt(10), 19e-6, 1e-15);
});

Deno.test("TrueTime.rawAfter() undoes offsetAt() between standstills", () => {
  const truth = new TrueTime(0.25, STEADY, EVENTS);
  for (const [from, seconds] of [[0, 1.5], [99, 0.25], [150, 100]] as const) {
    const to = truth.rawAfter(from, seconds);
    assertAlmostEquals(to - from + truth.offsetAt(to) - truth.offsetAt(from), seconds, 1e-12);
  }
});

Deno.test("TrueTime.rawAfter() is the standstill's own instant for whatever happens meanwhile", () => {
  const truth = new TrueTime(0, new Float64Array(1000), EVENTS);
  assertAlmostEquals(truth.rawAfter(100, 0.49), 100.49, 1e-12);
  assertAlmostEquals(truth.rawAfter(100, 0.5), 100.5, 1e-12);
  assertAlmostEquals(truth.rawAfter(100, 0.549), 100.5, 1e-12);
  assertAlmostEquals(truth.rawAfter(100, 0.65), 100.6, 1e-6);
  assertAlmostEquals(truth.rawAfter(299, 3600.9), 300, 1e-5);
  assertAlmostEquals(truth.rawAfter(299, 3602), 301, 1e-5);
});
