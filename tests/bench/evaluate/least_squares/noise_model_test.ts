import { assertAlmostEquals, assertEquals } from "@std/assert";
import {
  pathBiasVariance,
  queueing,
  sampleVariance,
} from "../../../../bench/evaluate/least_squares/noise_model.ts";

Deno.test("pathBiasVariance() is 12 % of half the floor and a server's own error: 15 µs near, 400 µs beyond 3 ms", () => {
  assertAlmostEquals(pathBiasVariance(2e-3), 120e-6 ** 2 + 15e-6 ** 2, 1e-18);
  assertAlmostEquals(pathBiasVariance(10e-3), 600e-6 ** 2 + 15e-6 ** 2 + 400e-6 ** 2, 1e-18);
});

Deno.test("pathBiasVariance() does not jump where servers begin to count as public", () => {
  assertAlmostEquals(pathBiasVariance(2.75e-3), 165e-6 ** 2 + 15e-6 ** 2 + 200e-6 ** 2, 1e-18);
});

Deno.test("queueing() is the round trip above the floor and what the floor itself holds", () => {
  const path = { floorSeconds: 2e-3, unseenSeconds: 0.1e-3 };
  assertAlmostEquals(queueing(2.5e-3, path), 0.6e-3, 1e-15);
  assertEquals(queueing(1.9e-3, path), 0.1e-3);
});

Deno.test("sampleVariance() is that of the stamps and of a uniform shift within ± half the queueing", () => {
  assertAlmostEquals(sampleVariance(0), 9e-12, 1e-24);
  assertAlmostEquals(sampleVariance(12e-6), 9e-12 + 12e-12, 1e-24);
});
