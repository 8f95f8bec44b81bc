// The expected figures were solved as dense normal equations in exact rational arithmetic (Python's fractions), with
// every bias and slope an unknown of its own: another way than the elimination under test.
import { assertAlmostEquals, assertEquals, assertGreater, assertLess } from "@std/assert";
import { fitLine } from "../../../../bench/evaluate/least_squares/line_fit.ts";
import { ServerSums } from "../../../../bench/evaluate/least_squares/server_sums.ts";

type Row = readonly [weight: number, time: number, queue: number, offset: number];

function sums(biasVariance: number, rows: readonly Row[]): ServerSums {
  const server = new ServerSums(biasVariance);
  for (const row of rows) server.add(...row);
  return server;
}

function assertClose(actual: number, expected: number): void {
  assertAlmostEquals(actual, expected, Math.abs(expected) * 1e-9);
}

const RISING: readonly Row[] = [[1e10, -2, 0, 0], [1e10, -1, 0, 10e-6], [1e10, 0, 0, 30e-6]];

Deno.test("fitLine() draws the least-squares line through three points", () => {
  const fit = fitLine([sums(1e-8, RISING)], { frequency: 0, variance: 1 });
  assertClose(fit.offset, 2.8333333332583332e-5);
  assertClose(fit.frequency, 1.499999999925e-5);
  assertClose(fit.offsetVariance, 8.333333333083333e-11);
  assertClose(fit.covariance, 4.99999999975e-11);
  assertClose(fit.frequencyVariance, 4.99999999975e-11);
  assertClose(fit.biasVariance, 1e-8);
  assertEquals(fit.noiseInflation, 1);
});

Deno.test("fitLine() weighs the frequency's prior in", () => {
  const fit = fitLine([sums(1e-8, RISING)], { frequency: 20e-6, variance: 1e-10 });
  assertClose(fit.offset, 3e-5);
  assertClose(fit.frequency, 1.6666666666666667e-5);
  assertClose(fit.offsetVariance, 6.666666666666667e-11);
  assertClose(fit.covariance, 3.3333333333333335e-11);
});

Deno.test("fitLine() shares the offsets of two servers between line, biases and queueing", () => {
  const first = sums(1e-8, [[1e10, -1.5, 10e-6, 100e-6], [0.25e10, -0.5, 20e-6, 112e-6]]);
  const second = sums(4e-8, [[1e10, -2, 10e-6, -20e-6], [1e10, -1, 20e-6, -15e-6], [1e10, 0, 40e-6, -30e-6]]);
  const fit = fitLine([first, second], { frequency: 5e-6, variance: 625e-12 });
  assertClose(fit.offset, 7.517310215171327e-5);
  assertClose(fit.frequency, -1.9348315343495137e-6);
  assertClose(fit.biasVariance, 8.000055497594165e-9);
  assertClose(fit.offsetVariance, 1.6008163178583272e-10);
  assertClose(fit.covariance, 7.37506295617614e-11);
  assertClose(fit.frequencyVariance, 5.504360781797961e-11);
  const path = first.pathFit(fit, { biasWeight: 1e8, slopeWeight: 12 });
  assertClose(path.bias, 2.421518567625657e-5);
  assertClose(path.slope, 0.025225807663811325);
});

Deno.test("fitLine() inflates its variances by residuals that are larger than the weights promise", () => {
  const scattered: readonly Row[] = [[1e10, -2, 0, 0], [1e10, -1, 0, 100e-6], [1e10, 0, 0, 0]];
  const fit = fitLine([sums(1e-8, scattered)], { frequency: 0, variance: 1 });
  assertClose(fit.offset, 3.3333333333333335e-5);
  assertClose(fit.noiseInflation, 200 / 3);
  assertClose(fit.offsetVariance, 8.333333333083333e-11 * 200 / 3);
  assertClose(fit.biasVariance, 1e-8);
});

Deno.test("fitLine() lets three servers outvote a fourth whose bias is out of all proportion, even with the shortest path", () => {
  const honest = [0, 30e-6, -30e-6].map((offset) =>
    sums(1e-8, [[1e10, -1, 0, offset], [1e10, 0, 0, offset]])
  );
  const liar = sums(0.25e-8, [[1e10, -1, 0, 5e-3], [1e10, 0, 0, 5e-3]]);
  const fit = fitLine([liar, ...honest], { frequency: 0, variance: 625e-12 });
  assertLess(Math.abs(fit.offset), 50e-6);
  assertLess(Math.sqrt(fit.biasVariance), 100e-6);
});

Deno.test("fitLine() does not average two servers that quarrel into certainty", () => {
  const [up, down] = [12.5e-3, -12.5e-3].map((offset) => sums(1e-8, [[1e10, 0, 0, offset]]));
  const fit = fitLine([up!, down!], { frequency: 0, variance: 625e-12 });
  assertAlmostEquals(fit.offset, 0, 1e-9);
  assertGreater(Math.sqrt(fit.biasVariance), 12e-3);
});

Deno.test("fitLine() never reports a frequency beyond 500 ppm", () => {
  const steep: readonly Row[] = [[1e12, -100, 0, -0.2], [1e12, 0, 0, 0]];
  assertEquals(fitLine([sums(1e-8, steep)], { frequency: 0, variance: 625e-12 }).frequency, 500e-6);
});

Deno.test("fitLine() believes three far servers rather than the near one that is 30 ms away from them", () => {
  const at = (sd: number, offset: number) => sums(sd ** 2, [[1e9, -1, 0, offset], [1e9, 0, 0, offset]]);
  const liar = at(0.7e-3, 30e-3);
  const fit = fitLine([liar, at(2.1e-3, 0), at(3.5e-3, 1e-3), at(4e-3, -1e-3)], {
    frequency: 0,
    variance: 625e-12,
  });
  assertLess(Math.abs(fit.offset), 2e-3);
});

Deno.test("fitLine() gives a frequency prior up that the samples contradict", () => {
  // 70 ppm over 40 s with 10 µs: known to 0.3 ppm, while the prior says 20 ± 1 ppm.
  const samples = Array.from({ length: 5 }, (_, k): Row => [1e10, -10 * k, 0, -700e-6 * k]);
  const fit = fitLine([sums(1e-8, samples)], { frequency: 20e-6, variance: 1e-12 });
  assertAlmostEquals(fit.frequency, 70e-6, 1e-6);
});

Deno.test("fitLine() never knows the frequency worse than its prior, though rounding says so", () => {
  for (const time of [-4.4e6, -2e7, -7e7]) {
    const rows = [3e-5, 7e-5, 1e-5, 9e-5, 2e-5].map((queue, k): Row => [(1 + k) * 1e11, time, queue, 0]);
    const fit = fitLine([sums(1e-8, rows)], { frequency: 0, variance: 625e-12 });
    assertGreater(fit.frequencyVariance, 0);
    assertLess(fit.frequencyVariance, 625e-12 * (1 + 1e-9));
  }
});
