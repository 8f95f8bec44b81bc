import { assertAlmostEquals } from "@std/assert";
import { addFlicker, addGaussMarkov, addRandomWalk, addWhite } from "../../../sim/world/noise.ts";
import { Random } from "../../../sim/random.ts";
import { allanDeviation } from "./support/allan_deviation.ts";

type AddNoise = (frequency: Float64Array, level: number, random: Random) => void;

/** Root mean square over `records` independent records, so that their scatter averages out. */
function deviationOf(add: AddNoise, level: number, averaged: number, records = 12, seconds = 20_000): number {
  const variances = Array.from({ length: records }, (_, seed) => {
    const frequency = new Float64Array(seconds);
    add(frequency, level, new Random(seed));
    return allanDeviation(frequency, averaged) ** 2;
  });
  return Math.sqrt(variances.reduce((sum, variance) => sum + variance, 0) / records);
}

Deno.test("allanDeviation() gives the figures of the NBS test data in NIST SP 1065, table 30", () => {
  const frequency = [892, 809, 823, 798, 671, 644, 883, 903, 677];
  assertAlmostEquals(allanDeviation(frequency, 1), 91.22945, 5e-6);
  assertAlmostEquals(allanDeviation(frequency, 2), 85.95287, 5e-6);
});

// Tolerances are some four standard errors of what the records give.

Deno.test("addWhite() has the Allan deviation level/√τ", () => {
  assertAlmostEquals(deviationOf(addWhite, 2e-9, 1), 2e-9, 0.02e-9);
  assertAlmostEquals(deviationOf(addWhite, 2e-9, 100), 0.2e-9, 0.01e-9);
});

Deno.test("addRandomWalk() has the Allan deviation level·√(τ/3)", () => {
  // With steps once a second exactly level·√((2τ² + 1)/(6τ)): the sum of the squares of a triangle's heights.
  assertAlmostEquals(deviationOf(addRandomWalk, 1e-9, 10), 1.8303e-9, 0.05e-9);
  assertAlmostEquals(deviationOf(addRandomWalk, 1e-9, 300), 10.0e-9, 0.8e-9);
  assertAlmostEquals(deviationOf(addRandomWalk, 1e-9, 1200), 20.0e-9, 3e-9);
});

Deno.test("addFlicker() has the same Allan deviation, its floor, over decades of τ", () => {
  // Of seven Gauss–Markov processes the Allan variance is the sum of s²·(2x − 3 + 4e⁻ˣ − e⁻²ˣ)/x², x = τ/T.
  assertAlmostEquals(deviationOf(addFlicker, 1e-9, 10), 0.916e-9, 0.02e-9);
  assertAlmostEquals(deviationOf(addFlicker, 1e-9, 100), 0.991e-9, 0.05e-9);
  assertAlmostEquals(deviationOf(addFlicker, 1e-9, 1000), 0.998e-9, 0.12e-9);
});

Deno.test("addGaussMarkov() has its deviation from the first value on, and forgets at its rate", () => {
  const process = { deviation: 2, correlationSeconds: 50 };
  let first = 0, product = 0;
  const records = 4000;
  for (let seed = 0; seed < records; seed++) {
    const values = new Float64Array(51);
    addGaussMarkov(values, process, new Random(seed));
    first += values[0]! ** 2 / records;
    product += values[0]! * values[50]! / records;
  }
  assertAlmostEquals(first, 4, 0.36);
  assertAlmostEquals(product, 4 / Math.E, 0.28);
});
