import { assertAlmostEquals, assertEquals } from "@std/assert";
import { expectationAt, isSound, type Outlook } from "../../../daemon/forecast/outlook.ts";

const OUTLOOK: Outlook = {
  estimate: {
    atSeconds: 10,
    offsetSeconds: 1,
    frequency: 1e-3,
    offsetVariance: 0,
    offsetFrequencyCovariance: 0,
    frequencyVariance: 0,
    biasVariance: 0,
    randomWalkVariance: 0,
  },
  horizonsSeconds: [0, 10],
  residualsSeconds: [0.1, 0.3],
  sigmasSeconds: [0.01, 0.05],
};

Deno.test("expectationAt follows the estimate's line and adds what the model foresees in between", () => {
  const { offsetSeconds, sigmaSeconds } = expectationAt(OUTLOOK, 15);
  assertAlmostEquals(offsetSeconds, 1.205, 1e-12); // 1 + 5 · 0.001 + (0.1 + 0.3)/2
  assertAlmostEquals(sigmaSeconds, 0.03, 1e-12);
});

Deno.test("expectationAt holds the last residual beyond the last horizon", () => {
  const { offsetSeconds, sigmaSeconds } = expectationAt(OUTLOOK, 110);
  assertAlmostEquals(offsetSeconds, 1.4, 1e-12); // 1 + 100 · 0.001 + 0.3
  assertEquals(sigmaSeconds, 0.05);
});

Deno.test("isSound refuses what is no number and a spread of nothing", () => {
  assertEquals(isSound(OUTLOOK), true);
  assertEquals(isSound({ ...OUTLOOK, residualsSeconds: [NaN, 0] }), false);
  assertEquals(isSound({ ...OUTLOOK, sigmasSeconds: [0.1, Infinity] }), false);
  assertEquals(isSound({ ...OUTLOOK, sigmasSeconds: [0, 0.1] }), false);
});
