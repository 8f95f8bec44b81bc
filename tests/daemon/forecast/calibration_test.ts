import { assertAlmostEquals, assertEquals, assertGreater, assertLess } from "@std/assert";
import { Calibration, type Residual, scaledEstimate } from "../../../daemon/forecast/calibration.ts";
import { CoverageCounter } from "../../../daemon/forecast/coverage.ts";
import { Random } from "../../../sim/random.ts";

const CLAIMED_SD = 20e-6;

/** A residual of a clock whose real sigma is `ratio` times the claimed one, seen through noise. */
function draw(random: Random, ratio: number, noiseSeconds: number): Residual {
  return {
    residualSeconds: ratio * CLAIMED_SD * random.normal() + noiseSeconds * random.normal(),
    claimedVariance: CLAIMED_SD ** 2,
    noiseVariance: noiseSeconds ** 2,
  };
}

/** λ after `count` residuals, and how often 95 % intervals held from the `from`-th on. */
function run(
  ratio: number,
  noiseSeconds: number,
  count = 4000,
  from = 1000,
): { scale: number; share95: number } {
  const random = new Random(17);
  const calibration = new Calibration();
  const counter = new CoverageCounter();
  for (let i = 0; i < count; i++) {
    const residual = draw(random, ratio, noiseSeconds);
    if (i >= from) counter.observe(residual, calibration.scale);
    calibration.observe(residual);
  }
  const { held, tested } = counter.counts[1]!;
  return { scale: calibration.scale, share95: held / tested };
}

for (const ratio of [1.5, 3, 6]) {
  Deno.test(`Calibration restores 95 % where the claimed sigma is ${ratio} times too small`, () => {
    const { scale, share95 } = run(ratio, 0);
    assertAlmostEquals(scale, ratio, 0.15 * ratio);
    assertGreater(share95, 0.94);
    assertLess(share95, 0.99);
  });
}

Deno.test("Calibration finds what is missing through noise as large as the claim", () => {
  const { scale, share95 } = run(3, CLAIMED_SD);
  assertAlmostEquals(scale, 3, 0.5);
  assertGreater(share95, 0.935);
});

for (const ratio of [0.2, 0.8]) {
  Deno.test(`Calibration never shrinks a sigma, though ${ratio} of it would do`, () => {
    assertEquals(run(ratio, 0).scale, 1);
  });
}

Deno.test("Calibration finds a sigma eight times too small even where noise hides most of it", () => {
  // Noise of 4 claimed sigmas, truth of 8: a prior that weighed by information instead of by number would win for ever.
  assertAlmostEquals(run(8, 4 * CLAIMED_SD).scale, 8, 1);
});

Deno.test("Calibration takes noise for no fault of the prediction", () => {
  assertEquals(run(0.5, CLAIMED_SD).scale, 1);
});

Deno.test("Calibration is not moved by one surprise, and forgets what is long ago", () => {
  const calibration = new Calibration();
  const good: Residual = { residualSeconds: 0, claimedVariance: 1e-10, noiseVariance: 0 };
  const bad: Residual = { ...good, residualSeconds: 49e-6 }; // 4.9 sigmas: 2.5 × 1.96
  calibration.observe(bad);
  assertEquals(calibration.scale, 1);
  for (let i = 0; i < 60; i++) calibration.observe(bad);
  assertAlmostEquals(calibration.scale, 2.5, 1e-3);
  for (let i = 0; i < 512; i++) calibration.observe(good);
  assertEquals([calibration.scale, calibration.measurementCount], [1, 512]);
});

Deno.test("Calibration counts the worst of what one measurement brought to light, once", () => {
  const calibration = new Calibration();
  const fine: Residual = { residualSeconds: 0, claimedVariance: 1e-10, noiseVariance: 0 };
  const late: Residual = { ...fine, residualSeconds: 39.2e-6 }; // 3.92 sigmas: 2 × 1.96
  for (let i = 0; i < 50; i++) calibration.observe(fine, [late, fine]);
  assertAlmostEquals(calibration.scale, 2, 1e-3);
  assertEquals(calibration.measurementCount, 50);
});

Deno.test("Calibration leaves out what is no number, and never exceeds ten", () => {
  const calibration = new Calibration();
  const lost: Residual = { residualSeconds: 1, claimedVariance: 1e-10, noiseVariance: 0 };
  for (const residualSeconds of [NaN, Infinity]) calibration.observe({ ...lost, residualSeconds });
  calibration.observe({ residualSeconds: 1, claimedVariance: 0, noiseVariance: 0 });
  assertEquals(calibration.measurementCount, 0);
  for (let i = 0; i < 50; i++) calibration.observe(lost);
  assertEquals(calibration.scale, 10);
});

Deno.test("scaledEstimate() scales what residuals can show, and leaves the bias", () => {
  const estimate = {
    atSeconds: 1,
    offsetSeconds: 2,
    frequency: 3,
    offsetVariance: 4,
    offsetFrequencyCovariance: 5,
    frequencyVariance: 6,
    biasVariance: 7,
    randomWalkVariance: 8,
  };
  assertEquals(scaledEstimate(estimate, 2), {
    atSeconds: 1,
    offsetSeconds: 2,
    frequency: 3,
    offsetVariance: 16,
    offsetFrequencyCovariance: 20,
    frequencyVariance: 24,
    biasVariance: 7,
    randomWalkVariance: 32,
  });
});
