import { assertEquals } from "@std/assert";
import { CoverageCounter } from "../../../daemon/forecast/coverage.ts";

Deno.test("CoverageCounter counts each interval that held, of 0.674, 1.96 and 3.29 sigmas", () => {
  const counter = new CoverageCounter();
  // λ = 2 and a claim of 3 µs make 6; with 8 µs of noise in the measurement, 10 µs is one sigma.
  const claimed = { claimedVariance: 9e-12, noiseVariance: 64e-12 };
  for (const micros of [6.7, -6.8, 19.5, -19.7, 32.8, 33, 0]) {
    counter.observe({ residualSeconds: micros * 1e-6, ...claimed }, 2);
  }
  assertEquals(counter.counts, [
    { promised: 0.5, held: 2, tested: 7 },
    { promised: 0.95, held: 4, tested: 7 },
    { promised: 0.999, held: 6, tested: 7 },
  ]);
});

Deno.test("CoverageCounter does not count what cannot be compared", () => {
  const counter = new CoverageCounter();
  counter.observe({ residualSeconds: NaN, claimedVariance: 1, noiseVariance: 1 }, 1);
  counter.observe({ residualSeconds: 0, claimedVariance: 0, noiseVariance: 0 }, 1);
  counter.observe({ residualSeconds: 0, claimedVariance: NaN, noiseVariance: 0 }, 1);
  assertEquals(counter.counts.map(({ tested }) => tested), [0, 0, 0]);
});
