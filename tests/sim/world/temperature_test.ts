import { assertAlmostEquals, assertEquals } from "@std/assert";
import { Random } from "../../../sim/random.ts";
import { drawTemperatures, type TemperatureParameters } from "../../../sim/world/temperature.ts";

const STILL: TemperatureParameters = {
  roomDeviation: 0,
  roomCorrelationSeconds: 1000,
  cycleAmplitude: 0,
  cycleSeconds: 1800,
  dayAmplitude: 0,
  load: { fullWarming: 0, meanSeconds: 600, shareAtCrystal: 0.1, officeHours: null },
  crystalLagSeconds: 200,
  sensor: { noise: 0, quantum: 0.5 },
};
const DAY = 86_400;

function range(values: Float64Array): number {
  return values.reduce((a, b) => Math.max(a, b)) - values.reduce((a, b) => Math.min(a, b));
}

Deno.test("drawTemperatures() of a machine at rest in a still room never changes", () => {
  const { crystal, sensor } = drawTemperatures(STILL, 1000, new Random(1));
  assertEquals(new Set(crystal), new Set([0]));
  assertEquals(new Set(sensor), new Set([45]));
});

Deno.test("drawTemperatures() lets air conditioning swing the crystal by what its lag leaves of it", () => {
  // A first-order lag of T leaves 1/√(1 + (2πT/period)²) of a sine: 0.8202 of 200 s and 1800 s.
  const swinging = { ...STILL, cycleAmplitude: 1 };
  const { crystal } = drawTemperatures(swinging, 20_000, new Random(2));
  assertAlmostEquals(range(crystal.subarray(4000)), 2 * 0.8202, 0.003);
});

Deno.test("drawTemperatures() is warmest in the afternoon by twice the day's amplitude over the night", () => {
  const days = { ...STILL, dayAmplitude: 2, crystalLagSeconds: 1 };
  const { crystal } = drawTemperatures(days, DAY, new Random(3));
  assertAlmostEquals(range(crystal), 4, 0.001);
  assertAlmostEquals(crystal.indexOf(crystal.reduce((a, b) => Math.max(a, b))) / 3600, 15, 0.01);
});

Deno.test("drawTemperatures() warms the sensor by a load's whole warming and the crystal by its share", () => {
  const busy = { ...STILL, load: { ...STILL.load, fullWarming: 20, meanSeconds: 3000 } };
  const { crystal, sensor } = drawTemperatures(busy, 40_000, new Random(4));
  // A burst is 30 to 100 % of the full warming, and long enough to be reached.
  assertAlmostEquals(range(sensor!) / range(crystal), 10, 1.5);
  assertEquals(range(sensor!) > 6 && range(sensor!) <= 20, true);
});

Deno.test("drawTemperatures() lets work happen in office hours only", () => {
  const load = { fullWarming: 20, meanSeconds: 600, shareAtCrystal: 0.1, officeHours: [9, 17] as const };
  const { sensor } = drawTemperatures({ ...STILL, load }, DAY, new Random(5));
  assertEquals(range(sensor!.subarray(0, 9 * 3600)), 0);
  assertEquals(range(sensor!.subarray(9 * 3600, 17 * 3600)) > 5, true);
  assertEquals(range(sensor!.subarray(19 * 3600)), 0);
});

Deno.test("drawTemperatures() gives no sensor where there is none, and otherwise whole steps of it", () => {
  const noisy = { ...STILL, sensor: { noise: 1, quantum: 0.5 } };
  const { sensor } = drawTemperatures(noisy, 500, new Random(6));
  assertEquals([...sensor!].every((degrees) => Number.isInteger(2 * degrees)), true);
  assertEquals(new Set(sensor).size > 4, true);
  assertEquals(drawTemperatures({ ...STILL, sensor: null }, 10, new Random(6)).sensor, null);
});
