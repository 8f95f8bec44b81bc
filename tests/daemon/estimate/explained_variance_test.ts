import { assertAlmostEquals, assertEquals } from "@std/assert";
import { explainedVariance } from "../../../daemon/estimate/explained_variance.ts";

function explained(matrix: readonly (readonly number[])[], shared: readonly number[]): number {
  return explainedVariance(shared.length, (i, j) => matrix[i]![j]!, (i) => shared[i]!);
}

Deno.test("explainedVariance() is vᵀB⁻¹v", () => {
  assertAlmostEquals(explained([[4]], [2]), 1, 1e-12);
  // B⁻¹ of [[2, 1], [1, 3]] is [[3, −1], [−1, 2]]/5; with v = (1, 2): (3 − 2·2 + 4·2)/5.
  assertAlmostEquals(explained([[2, 1], [1, 3]], [1, 2]), 7 / 5, 1e-12);
  // A diagonal matrix: 1/1 + 4/2 + 9/3.
  assertAlmostEquals(explained([[1, 0, 0], [0, 2, 0], [0, 0, 3]], [1, 2, 3]), 6, 1e-12);
});

Deno.test("explainedVariance() counts what depends on others only once, and nothing of nothing", () => {
  assertAlmostEquals(explained([[4, 4], [4, 4]], [2, 2]), 1, 1e-12);
  assertEquals(explained([[0]], [0]), 0);
  assertEquals(explained([], []), 0);
});
