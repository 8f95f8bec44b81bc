import { assertAlmostEquals, assertEquals } from "@std/assert";
import { fuse } from "../../../daemon/forecast/fusion.ts";

Deno.test("fuse weighs two models by inverse variance", () => {
  // Weights 1/1² and 1/2², so 4/5 and 1/5: 0.8 · 0 + 0.2 · 10 = 2.
  const fused = fuse([{ offsetSeconds: 100, sigmaSeconds: 1 }, { offsetSeconds: 110, sigmaSeconds: 2 }])!;
  assertAlmostEquals(fused.offsetSeconds, 102, 1e-12);
  // 0.8 · (1 + 4) + 0.2 · (4 + 64) = 17.6: their quarrel makes the result less certain.
  assertAlmostEquals(fused.sigmaSeconds ** 2, 17.6, 1e-12);
});

Deno.test("fuse takes nothing as more certain because two models agree", () => {
  const one = { offsetSeconds: 3, sigmaSeconds: 0.5 };
  assertEquals(fuse([one, one]), one);
  assertEquals(fuse([one]), one);
  assertEquals(fuse([]), null);
});

Deno.test("fuse keeps picoseconds of offsets as large as a year", () => {
  const year = 31_536_000;
  const fused = fuse([{ offsetSeconds: year, sigmaSeconds: 1e-6 }, {
    offsetSeconds: year,
    sigmaSeconds: 1e-3,
  }])!;
  assertEquals(fused.offsetSeconds, year);
});
