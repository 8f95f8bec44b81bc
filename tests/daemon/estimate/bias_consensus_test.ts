import { assertAlmostEquals, assertEquals } from "@std/assert";
import { distanceInSigmas, inconsistentServer } from "../../../daemon/estimate/bias_consensus.ts";

const biases = (...sigmas: number[]) => sigmas.map((biasSeconds) => ({ biasSeconds, priorVariance: 1 }));

Deno.test("distanceInSigmas() measures from the weighted mean of the others", () => {
  const bias = { biasSeconds: 5, priorVariance: 3 };
  // The others: weights 1 and 1/4, so their mean is (0 + 10/4)/(5/4) = 2 with variance 4/5.
  const others = [{ biasSeconds: 0, priorVariance: 1 }, { biasSeconds: 10, priorVariance: 4 }];
  assertAlmostEquals(distanceInSigmas(bias, others), 3 / Math.sqrt(3.8), 1e-12);
});

Deno.test("inconsistentServer() finds the one that the others rule out, and the worst of two", () => {
  assertEquals(inconsistentServer(biases(0, 0.5, -0.5)), null);
  assertEquals(inconsistentServer(biases(0, 9, 0.5, -0.5)), 1);
  assertEquals(inconsistentServer(biases(-4.9, 0, 0.5, 12, -0.5)), 3);
});

Deno.test("inconsistentServer() cannot tell who of two is wrong, nor where the others quarrel too", () => {
  assertEquals(inconsistentServer(biases(0, 100)), null);
  assertEquals(inconsistentServer(biases(-100, 0, 100)), null);
});
