import { assertAlmostEquals, assertEquals } from "@std/assert";
import { systemClockQuality } from "../../../daemon/sources/system_clock.ts";
import type { KernelClock } from "../../../ffi/clocks.ts";

function kernel(overrides: Partial<KernelClock>): KernelClock {
  return {
    synchronized: true,
    maxErrorSeconds: 0.03,
    estimatedErrorSeconds: 0.001,
    frequency: 0,
    pendingLeap: 0,
    taiOffsetSeconds: 37,
    ...overrides,
  };
}

Deno.test("systemClockQuality() takes the kernel's maximum error as the bound, and spreads sigma over it", () => {
  const { isTrustworthy, maxErrorSeconds, sigmaSeconds } = systemClockQuality(kernel({}));
  assertEquals([isTrustworthy, maxErrorSeconds], [true, 0.03]);
  // An error anywhere within ± 0.03 s has a standard deviation of 0.03/√3 s.
  assertAlmostEquals(sigmaSeconds, 0.017320508, 1e-9);
});

Deno.test("systemClockQuality() takes the kernel's estimate for sigma where that is larger", () => {
  assertEquals(systemClockQuality(kernel({ estimatedErrorSeconds: 0.02 })).sigmaSeconds, 0.02);
});

Deno.test("systemClockQuality() knows no bound of a clock that nobody disciplines", () => {
  const quality = systemClockQuality(kernel({ synchronized: false }));
  assertEquals(quality, { isTrustworthy: false, maxErrorSeconds: Infinity, sigmaSeconds: 16 });
});

Deno.test("systemClockQuality() does not believe in a maximum error of 0", () => {
  const quality = systemClockQuality(kernel({ maxErrorSeconds: 0 }));
  assertEquals(quality, { isTrustworthy: false, maxErrorSeconds: Infinity, sigmaSeconds: 16 });
});
