import { assertAlmostEquals, assertEquals } from "@std/assert";
import { combineRatios, pairedRatio, summarize } from "../../../bench/evaluate/summary.ts";

Deno.test("summarize() gives the mean and Student's 95 % interval, nulls left out", () => {
  const { mean, halfWidth, count } = summarize([4, null, 6, 8, 2]);
  assertEquals([mean, count], [5, 4]);
  // sd √(20/3), standard error half of that, t(3) = 3.18.
  assertAlmostEquals(halfWidth, 4.1054, 1e-3);
});

Deno.test("summarize() of one value knows no interval, of none no mean", () => {
  assertEquals(summarize([3]), { mean: 3, halfWidth: NaN, count: 1 });
  assertEquals(summarize([null]).count, 0);
});

Deno.test("pairedRatio() is exact where traces differ but the ratio does not", () => {
  const { ratio, low, high } = pairedRatio([1, 10, 100], [2, 20, 200]);
  for (const value of [ratio, low, high]) assertAlmostEquals(value, 0.5, 1e-12);
});

Deno.test("pairedRatio() is the geometric mean, with an interval on the ratio's scale", () => {
  const { ratio, low, high } = pairedRatio([2, 8], [1, 1]);
  assertAlmostEquals(ratio, 4, 1e-12);
  // Logs ln 2 and ln 8: sd ln 4 / √2, standard error ln 2, t(1) = 12.71.
  assertAlmostEquals(Math.log(high / ratio), 12.71 * Math.LN2, 1e-9);
  assertAlmostEquals(low * high, 16, 1e-9);
});

Deno.test("combineRatios() multiplies ratios and lets their uncertainties cancel in part", () => {
  const one = { ratio: 2, low: 1, high: 4 };
  const { ratio, high } = combineRatios([one, { ratio: 8, low: 4, high: 16 }]);
  assertAlmostEquals(ratio, 4, 1e-12);
  // √(ln²2 + ln²2)/2
  assertAlmostEquals(high, 4 * 2 ** Math.SQRT1_2, 1e-9);
});
