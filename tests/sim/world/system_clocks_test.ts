import { assertAlmostEquals, assertEquals } from "@std/assert";
import { Random } from "../../../sim/random.ts";
import type { MachineEvent } from "../../../sim/world/machine.ts";
import { drawSteering, type SteeringHabits, SystemClocks } from "../../../sim/world/system_clocks.ts";

const BASE = { rawNs: 5_000_000_000n, utcNs: 1_700_000_000_000_000_000n };
const IDLE = { steps: [], slews: [] };

function asleep(isNoticed: boolean): MachineEvent {
  return {
    kind: isNoticed ? "suspend" : "restore",
    atSeconds: 100,
    standstillSeconds: 3600,
    frequencyShift: 0,
    isNoticed,
    wakeErrorSeconds: 0.25,
  };
}

Deno.test("SystemClocks of a machine that nobody steers run together", () => {
  assertEquals(new SystemClocks(BASE, IDLE, []).readingsAt(10.5), {
    rawNs: 15_500_000_000n,
    monotonicNs: 15_500_000_000n,
    boottimeNs: 15_500_000_000n,
    realtimeNs: 1_700_000_010_500_000_000n,
    spreadNs: 0,
  });
});

Deno.test("SystemClocks count a suspend in BOOTTIME and put REALTIME forward, a little wrongly", () => {
  const clocks = new SystemClocks(BASE, IDLE, [asleep(true)]);
  assertEquals(clocks.readingsAt(99).boottimeNs, 104_000_000_000n);
  const { rawNs, monotonicNs, boottimeNs, realtimeNs } = clocks.readingsAt(100);
  assertEquals([rawNs, monotonicNs], [105_000_000_000n, 105_000_000_000n]);
  assertEquals(boottimeNs, 3_705_000_000_000n);
  assertEquals(realtimeNs, 1_700_003_700_250_000_000n);
});

Deno.test("SystemClocks know nothing of a restore from a snapshot", () => {
  const clocks = new SystemClocks(BASE, IDLE, [asleep(false)]);
  const { rawNs, boottimeNs, realtimeNs } = clocks.readingsAt(200);
  assertEquals([rawNs, boottimeNs], [205_000_000_000n, 205_000_000_000n]);
  assertEquals(realtimeNs, 1_700_000_200_000_000_000n);
});

Deno.test("SystemClocks step REALTIME alone, and slew REALTIME and MONOTONIC together", () => {
  const steering = {
    steps: [{ atSeconds: 50, seconds: -0.02 }],
    slews: [{ fromSeconds: 60, untilSeconds: 80, rate: 100e-6 }],
  };
  const clocks = new SystemClocks(BASE, steering, []);
  assertAlmostEquals(clocks.realtimeOffsetAt(49.9), 0, 1e-12);
  assertAlmostEquals(clocks.realtimeOffsetAt(50), -0.02, 1e-12);
  assertAlmostEquals(clocks.realtimeOffsetAt(70), -0.019, 1e-12);
  assertAlmostEquals(clocks.realtimeOffsetAt(500), -0.018, 1e-12);
  assertEquals(clocks.readingsAt(100).monotonicNs, 105_002_000_000n);
  assertEquals(clocks.readingsAt(100).boottimeNs, 105_002_000_000n);
});

const HABITS: SteeringHabits = {
  firstAtSeconds: 600,
  minGapSeconds: 200,
  meanExtraGapSeconds: 900,
  stepShare: 0.25,
  stepDeviationSeconds: 20e-3,
  maxSlew: 100e-6,
  slewSeconds: [10, 120],
};

Deno.test("drawSteering() acts as often, as strongly and in such kinds as its habits say", () => {
  const seconds = 1_000_000;
  const { steps, slews } = drawSteering(HABITS, seconds, new Random(1));
  // One action per 1100 s on average (± 4 standard errors), a quarter of them steps.
  assertAlmostEquals(steps.length + slews.length, 909, 110);
  assertAlmostEquals(steps.length / (steps.length + slews.length), 0.25, 0.06);
  const deviation = Math.sqrt(steps.reduce((sum, step) => sum + step.seconds ** 2, 0) / steps.length);
  assertAlmostEquals(deviation, 20e-3, 4e-3);
  for (const { fromSeconds, untilSeconds, rate } of slews) {
    assertEquals(Math.abs(rate) <= 100e-6, true);
    assertEquals(untilSeconds - fromSeconds >= 10 && untilSeconds - fromSeconds < 120, true);
  }
  assertEquals(Math.min(steps[0]!.atSeconds, slews[0]!.fromSeconds), 600);
});

Deno.test("drawSteering() without a daemon leaves the clock alone", () => {
  assertEquals(drawSteering(null, 10_000, new Random(1)), { steps: [], slews: [] });
});
