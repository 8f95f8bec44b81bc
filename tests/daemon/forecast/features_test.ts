import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import type { Estimate, PathBelief } from "../../../daemon/estimate/estimator.ts";
import type { Sample } from "../../../daemon/estimate/sample.ts";
import { buildFeatures, CHANNELS } from "../../../daemon/forecast/features.ts";

/** The clock stood at 5 ms at 100 s and gains 10 µs a second. */
const ESTIMATE: Estimate = {
  atSeconds: 100,
  offsetSeconds: 0.005,
  frequency: 10e-6,
  offsetVariance: 9e-10,
  offsetFrequencyCovariance: 1.5e-12,
  frequencyVariance: 1e-14,
  biasVariance: 1e-8,
  randomWalkVariance: 4e-18,
};
const NEAR: PathBelief = {
  biasSeconds: 50e-6,
  biasVariance: 1e-8,
  floorSeconds: 1e-3,
  noiseVariance: () => 0,
};

/** Ten samples, 10 s apart, the last at 100 s; each queued 20 µs and lies 20 µs above where it was expected. */
function samples(source = "a"): Sample[] {
  return Array.from({ length: 10 }, (_, i) => {
    const atSeconds = 10 * (i + 1);
    return {
      source,
      atSeconds,
      offsetSeconds: 0.005 - 10e-6 * (100 - atSeconds) + 50e-6 + 20e-6,
      delaySeconds: 1e-3 + 20e-6,
      rootDistanceSeconds: 1e-3,
    };
  });
}

Deno.test("buildFeatures gives each sample's residual, excess, age and server without units, the newest last", () => {
  const features = buildFeatures(samples(), ESTIMATE, () => NEAR, 12)!;
  const row = (i: number) => [...features.context.subarray(i * CHANNELS, (i + 1) * CHANNELS)];
  // The scale is the 10 % quantile of the excess, 20 µs: asinh(1)/3 = 0.29379, log1p(0/10)/4 = 0, log1p(90/10)/4 = 0.57565.
  const expected = [[0.29379, 0.29379, 0.57565, 0.29379, 1], [0.29379, 0.29379, 0, 0.29379, 1]];
  [row(2), row(11)].forEach((actual, i) =>
    actual.forEach((value, channel) => assertAlmostEquals(value, expected[i]![channel]!, 1e-5))
  );
  assertEquals([...row(0), ...row(1)], new Array(10).fill(0), "two are missing at the front");
});

Deno.test("buildFeatures tells what the residuals of each server come to, those that queued counting less", () => {
  const far = samples("b").map((sample, i) => ({
    ...sample,
    // Every other one queued 60 µs instead of 20 and lies 100 µs instead of 20 above where it was expected.
    offsetSeconds: sample.offsetSeconds + (i % 2) * 80e-6,
    delaySeconds: sample.delaySeconds + (i % 2) * 40e-6,
  }));
  const { context } = buildFeatures([...samples("a"), ...far], ESTIMATE, () => NEAR, 20)!;
  assertAlmostEquals(context[3]!, 0.29379, 1e-5);
  // Weights 1/(1 + 1) and 1/(1 + 9): (20/2 + 100/10)/(1/2 + 1/10) = 33.333 µs, asinh(1.66667)/3 = 0.42793.
  for (const i of [10, 11]) assertAlmostEquals(context[i * CHANNELS + 3]!, 0.42793, 1e-5);
});

Deno.test("buildFeatures tells what the filter thinks of itself in units of the residuals' scale", () => {
  const { globals, unitSeconds } = buildFeatures(samples(), ESTIMATE, () => NEAR, 12)!;
  const expected = [
    0.40613, // ln(30 µs / 20 µs + 0.001)
    -1.20065, // ln(0.1 µs/s · 60 s / 20 µs + 0.001)
    0.5, // 1.5e-12 / (30e-6 · 1e-7)
    -1.60944, // ln(20 µs / 100 µs)
    0.83333, // 10 of 12
    0, // the newest sample is of now
    -3.04754, // ln(2e-9 · 60^1.5 / 20 µs + 0.001)
    0, // one server
  ];
  expected.forEach((value, i) => assertAlmostEquals(globals[i]!, value, 1e-4, `global ${i}`));
  assertAlmostEquals(unitSeconds, 30e-6, 1e-12);
});

Deno.test("buildFeatures counts its output in the scale where the filter's sigma is smaller", () => {
  const { unitSeconds } = buildFeatures(samples(), { ...ESTIMATE, offsetVariance: 1e-12 }, () => NEAR, 12)!;
  assertAlmostEquals(unitSeconds, 20e-6, 1e-12);
});

Deno.test("buildFeatures leaves out who has no say, and says nothing of less than eight samples", () => {
  const beliefOf = (source: string) => source === "a" ? NEAR : null;
  const both = [...samples("liar"), ...samples("a")];
  assertEquals(
    buildFeatures(both, ESTIMATE, beliefOf, 12),
    buildFeatures(samples("a"), ESTIMATE, beliefOf, 12),
  );
  assertEquals(buildFeatures(samples("liar"), ESTIMATE, beliefOf, 12), null);
  assertEquals(buildFeatures(samples().slice(3), ESTIMATE, beliefOf, 12), null);
  assert(buildFeatures(samples().slice(2), ESTIMATE, beliefOf, 12) !== null);
});

Deno.test("buildFeatures keeps the newest of more samples than the context has room for", () => {
  const { context } = buildFeatures(samples(), ESTIMATE, () => NEAR, 9)!;
  // 80 s: log1p(80/10)/4.
  assertAlmostEquals(context[2]!, 0.54931, 1e-5);
});
