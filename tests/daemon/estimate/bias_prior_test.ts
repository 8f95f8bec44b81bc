import { assertAlmostEquals, assertEquals, assertLess } from "@std/assert";
import { pathBiasVariance, serverErrorVariance } from "../../../daemon/estimate/bias_prior.ts";

Deno.test("pathBiasVariance() adds 10.5 % of half the floor and 8 % of the root distance, and what stamps are worth", () => {
  // 2 ms there and back: 105 µs. A root distance of 1.5 ms: 120 µs. Stamps: 4 µs.
  assertAlmostEquals(Math.sqrt(pathBiasVariance(2e-3, 1.5e-3)), Math.hypot(105e-6, 120e-6, 4e-6), 1e-12);
});

Deno.test("serverErrorVariance() believes a claim between 3 and 8 % of the floor, and nothing worse than 400 µs", () => {
  const sd = (floor: number, distance: number) =>
    Math.sqrt(serverErrorVariance(floor, distance) - (4e-6) ** 2);
  assertAlmostEquals(sd(2e-3, 0), 60e-6, 1e-12); // who claims to be perfect is believed up to a point
  assertAlmostEquals(sd(2e-3, 0.1), 160e-6, 1e-12);
  assertAlmostEquals(sd(50e-3, 0.1), 400e-6, 1e-12);
  assertAlmostEquals(sd(50e-3, 0), 400e-6, 1e-12);
});

Deno.test("serverErrorVariance() does not make a liar look better than half as good as an honest server", () => {
  assertLess(serverErrorVariance(10e-3, 5e-3), 4 * serverErrorVariance(10e-3, 0));
  assertEquals(serverErrorVariance(0, 0), (4e-6) ** 2);
});
