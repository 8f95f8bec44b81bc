import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import type { Estimate } from "../../../daemon/estimate/estimator.ts";
import type { View } from "../../../daemon/forecast/model_adapter.ts";
import { UnivariateModel } from "../../../daemon/forecast/univariate_model.ts";

const ESTIMATE: Estimate = {
  atSeconds: 100,
  offsetSeconds: 1,
  frequency: 0,
  offsetVariance: 1e-12,
  offsetFrequencyCovariance: 0,
  frequencyVariance: 1e-18,
  biasVariance: 0,
  randomWalkVariance: 0,
};

/** A sample a second; the residual is 10 µs up to 50 s and 30 µs from there on. */
const VIEW: View = {
  samples: Array.from({ length: 100 }, (_, i) => ({
    source: "a",
    atSeconds: i + 1,
    offsetSeconds: 1 + (i < 50 ? 10e-6 : 30e-6) + 5e-6,
    delaySeconds: 1e-3,
    rootDistanceSeconds: 1e-3,
  })),
  estimate: ESTIMATE,
  beliefOf: () => ({ biasSeconds: 5e-6, biasVariance: 1e-12, floorSeconds: 1e-3, noiseVariance: () => 0 }),
};

Deno.test("UnivariateModel resamples the residuals uniformly, in microseconds, the last point now", () => {
  const model = new UnivariateModel({ contextLength: 4, stepSeconds: 30, paths: 3, steps: 1 });
  const { context } = model.ask(VIEW)!.inputs;
  assertEquals(context!.length, 4);
  [10, 10, 30, 30].forEach((value, i) => assertAlmostEquals(context![i]!, value, 1e-3)); // at 10, 40, 70, 100 s
});

Deno.test("UnivariateModel reads median and spread from deciles", () => {
  const model = new UnivariateModel({ contextLength: 4, stepSeconds: 30, paths: 9, steps: 2 });
  // The deciles of a normal distribution of mean 7 and sd 2 µs for both steps, as [1, 9, 2].
  const z = [-1.28155, -0.84162, -0.52440, -0.25335, 0, 0.25335, 0.52440, 0.84162, 1.28155];
  const output = Float32Array.from(z.flatMap((value) => [7 + 2 * value, 7 + 2 * value]));
  const outlook = model.ask(VIEW)!.interpret(output);
  assertEquals(outlook.horizonsSeconds, [30, 60]);
  outlook.residualsSeconds.forEach((residual) => assertAlmostEquals(residual, 7e-6, 1e-11));
  outlook.sigmasSeconds.forEach((sigma) => assertAlmostEquals(sigma, 2e-6, 2e-9));
});

Deno.test("UnivariateModel puts sample paths in order itself", () => {
  const model = new UnivariateModel({ contextLength: 4, stepSeconds: 30, paths: 5, steps: 1 });
  const outlook = model.ask(VIEW)!.interpret(Float32Array.of(3, 1, 5, 2, 4));
  assertAlmostEquals(outlook.residualsSeconds[0]!, 3e-6, 1e-12);
  // Least and largest of five stand at 1/6 and 5/6: half their distance, 2 µs, is 0.9674 sigma.
  assertAlmostEquals(outlook.sigmasSeconds[0]!, 2e-6 / 0.9674, 2e-9);
});

Deno.test("UnivariateModel asks nothing with less than eight samples", () => {
  const model = new UnivariateModel({ contextLength: 4, stepSeconds: 30, paths: 3, steps: 1 });
  assertEquals(model.ask({ ...VIEW, samples: VIEW.samples.slice(0, 7) }), null);
  assertEquals(model.ask({ ...VIEW, beliefOf: () => null }), null);
  assert(model.ask({ ...VIEW, samples: VIEW.samples.slice(0, 8) }) !== null);
});
