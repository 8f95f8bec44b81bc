import { assertAlmostEquals, assertEquals } from "@std/assert";
import { jackknife, quantileOf, split } from "../../../bench/evaluate/jackknife.ts";

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

Deno.test("jackknife() gives a mean the interval that Student's t gives it", () => {
  // 1, 2, 3, 4: mean 2.5, standard error sqrt(5/3)/2 = 0.6455, t of 3 degrees of freedom 3.18.
  const { value, halfWidth } = jackknife([1, 2, 3, 4], mean);
  assertEquals(value, 2.5);
  assertAlmostEquals(halfWidth, 3.18 * 0.645_497, 1e-5);
});

Deno.test("jackknife() of a single part claims no interval", () => {
  assertEquals(jackknife([7], mean), { value: 7, halfWidth: NaN });
});

Deno.test("split() makes parts of nearly the same size, in order, and none that is empty", () => {
  assertEquals(split([1, 2, 3, 4, 5, 6, 7], 3), [[1, 2], [3, 4], [5, 6, 7]]);
  assertEquals(split([1, 2], 10), [[1], [2]]);
  assertEquals(split([], 10), []);
});

Deno.test("quantileOf() is the smallest value that the share does not exceed, and leaves its input alone", () => {
  const values = Float64Array.of(5, 1, 4, 2, 3);
  assertEquals([0, 0.5, 0.6, 0.61, 1].map((share) => quantileOf(values, share)), [1, 3, 3, 4, 5]);
  assertEquals([...values], [5, 1, 4, 2, 3]);
  assertEquals(quantileOf(new Float64Array(), 0.5), NaN);
});
