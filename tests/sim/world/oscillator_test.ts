import { assertAlmostEquals, assertEquals } from "@std/assert";
import { Random } from "../../../sim/random.ts";
import { OSCILLATORS } from "../../../sim/world/kinds.ts";
import { drawOscillator, type OscillatorParameters } from "../../../sim/world/oscillator.ts";
import { allanDeviation } from "./support/allan_deviation.ts";

const NOISELESS: OscillatorParameters = {
  ...OSCILLATORS.hpc,
  white: 0,
  flicker: 0,
  randomWalk: 0,
  temperatureCoefficient: [0.2e-6, 0.2e-6],
};

Deno.test("drawOscillator() without noise follows its sensor's temperature by its coefficient", () => {
  const temperature = {
    ...OSCILLATORS.hpc.temperature,
    roomDeviation: 0,
    cycleAmplitude: 1,
    load: { ...OSCILLATORS.hpc.temperature.load, fullWarming: 0 },
    crystalLagSeconds: 1e-3,
    sensor: { noise: 0, quantum: 1e-9 },
  };
  const { frequency, sensor } = drawOscillator({ ...NOISELESS, temperature }, 2400, new Random(1));
  for (const at of [300, 900, 2000]) {
    const ratio = (frequency[at]! - frequency[0]!) / (sensor![at]! - sensor![0]!);
    assertAlmostEquals(Math.abs(ratio), 0.2e-6, 1e-12);
  }
});

Deno.test("drawOscillator() starts anywhere within ± its greatest frequency error", () => {
  const starts = Array.from(
    { length: 400 },
    (_, seed) => drawOscillator(NOISELESS, 1, new Random(seed)).frequency[0]!,
  );
  const within = starts.filter((frequency) => Math.abs(frequency) <= 20e-6);
  assertEquals(within.length, 400);
  // Uniform: half of them within half of it (± 4 standard errors).
  assertAlmostEquals(within.filter((frequency) => Math.abs(frequency) < 10e-6).length, 200, 40);
});

Deno.test("drawOscillator() of a laptop is as unstable as its three noises together say", () => {
  const still = { ...OSCILLATORS.laptop, temperatureCoefficient: [0, 0] as const };
  const variances = Array.from(
    { length: 12 },
    (_, seed) => allanDeviation(drawOscillator(still, 10_000, new Random(seed)).frequency, 100) ** 2,
  );
  const deviation = Math.sqrt(variances.reduce((sum, variance) => sum + variance, 0) / 12);
  // √(3e-9²/100 + (0.991 · 7e-9)² + 1.2e-9² · 100/3)
  assertAlmostEquals(deviation, 9.80e-9, 0.6e-9);
});
