import { assertAlmostEquals, assertEquals } from "@std/assert";
import { BareClock } from "../../../bench/evaluate/bare_clock.ts";
import type { Exchange } from "../../../daemon/sources/measurement.ts";

const BASE = { rawNs: 0n, utcNs: 0n };

/** Out and back in 10 ms each, by a server ahead by `offsetNs`. */
function exchange(atRawNs: bigint, offsetNs: bigint): Exchange {
  return {
    source: "a",
    t1RawNs: atRawNs,
    t2UtcNs: atRawNs + 10_000_000n + offsetNs,
    t3UtcNs: atRawNs + 10_000_000n + offsetNs,
    t4RawNs: atRawNs + 20_000_000n,
    stratum: 1,
    leap: 0,
    rootDelaySeconds: 0,
    rootDispersionSeconds: 0,
    precisionSeconds: 0,
  };
}

Deno.test("BareClock keeps the first answer for ever, with a bound that grows by 50 ppm", () => {
  const clock = new BareClock(BASE);
  assertEquals([clock.predict(0n).flags, clock.predict(0n).maxErrorSeconds], [0, Infinity]);
  clock.add(exchange(0n, 5_000_000n));
  clock.add(exchange(50_000_000_000n, 900_000_000n));
  clock.disrupt();
  const { offsetSeconds, frequency, maxErrorSeconds, flags } = clock.predict(100_020_000_000n);
  assertAlmostEquals(offsetSeconds, 5e-3, 1e-12);
  assertEquals([frequency, flags], [0, 1]);
  // Half of 20 ms, 50 ppm of 100 s, and 50 ppm of the 20 ms (RFC 5905 §8).
  assertAlmostEquals(maxErrorSeconds, 15.001e-3, 1e-9);
});
