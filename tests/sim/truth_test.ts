import { assertAlmostEquals, assertEquals } from "@std/assert";
import { Clock, nowNs } from "../../ffi/clocks.ts";
import { SimulatedClock } from "../../sim/clock.ts";
import { clockFromNow, systemClockErrorSeconds, trueUtcNs } from "../../sim/truth.ts";

/** This process may be kept waiting between two readings. */
const PREEMPTION_SECONDS = 0.2;

Deno.test("clockFromNow() is as far from this machine's clock as it is told to be, and drifts from now on", () => {
  const description = clockFromNow(3600, 20e-6);
  assertAlmostEquals(Number(description.utcNs - nowNs(Clock.REALTIME)) / 1e9, 0, PREEMPTION_SECONDS);
  assertAlmostEquals(Number(description.rawNs - nowNs(Clock.MONOTONIC_RAW)) / 1e9, 0, PREEMPTION_SECONDS);
  assertEquals([description.offsetSeconds, description.frequency], [3600, 20e-6]);
});

Deno.test("trueUtcNs() lies between two readings of the clock that it asks", () => {
  const clock = new SimulatedClock(clockFromNow(0.025, 20e-6));
  const before = nowNs(Clock.MONOTONIC_RAW);
  const truth = trueUtcNs(clock);
  const after = nowNs(Clock.MONOTONIC_RAW);
  assertEquals(truth >= clock.utcAt(before) && truth <= clock.utcAt(after), true);
});

Deno.test("systemClockErrorSeconds() is negative for a machine that is slow", () => {
  const clock = new SimulatedClock(clockFromNow(0.025, 0));
  assertAlmostEquals(systemClockErrorSeconds(clock), -0.025, 0.1e-3);
});
