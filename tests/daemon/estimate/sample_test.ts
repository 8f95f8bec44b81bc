import { assertAlmostEquals, assertEquals } from "@std/assert";
import { isUsable, toSample } from "../../../daemon/estimate/sample.ts";
import { rawSecondsSince, type TimeBase, utcNsAt } from "../../../daemon/estimate/time_base.ts";
import type { Exchange } from "../../../daemon/sources/measurement.ts";

const BASE: TimeBase = { rawNs: 5_000_000_000n, utcNs: 1_700_000_000_000_000_000n };

/** Asked 2 s after the base of a server that is 25 ms ahead: 1 ms there, 0.5 ms in the server, 2 ms back. */
const EXCHANGE: Exchange = {
  source: "host|192.0.2.1:123",
  t1RawNs: 7_000_000_000n,
  t2UtcNs: 1_700_000_002_026_000_000n,
  t3UtcNs: 1_700_000_002_026_500_000n,
  t4RawNs: 7_003_500_000n,
  stratum: 2,
  leap: 0,
  rootDelaySeconds: 0.010,
  rootDispersionSeconds: 0.002,
  precisionSeconds: 2 ** -20,
};

Deno.test("toSample() computes offset and delay of RFC 5905 §8, relative to the base, at t4", () => {
  const sample = toSample(EXCHANGE, BASE);
  assertEquals(sample.source, "host|192.0.2.1:123");
  assertEquals(sample.atSeconds, 2.0035);
  assertEquals(sample.offsetSeconds, 0.0245); // 25 ms less half of the 1 ms that the way back is longer
  assertEquals(sample.delaySeconds, 0.003);
});

Deno.test("toSample() puts the server's error and what the oscillator may drift meanwhile into the root distance", () => {
  // 0.010/2 + 0.002 + 2^-20 + 50e-6 × 0.0035
  assertAlmostEquals(toSample(EXCHANGE, BASE).rootDistanceSeconds, 0.00700112867431640625, 1e-15);
});

Deno.test("toSample() keeps nanoseconds a hundred days and thirty years from the base", () => {
  const daysNs = 100n * 86_400_000_000_000n;
  const yearsNs = 946_728_000_000_000_000n;
  const far = {
    ...EXCHANGE,
    t1RawNs: EXCHANGE.t1RawNs + daysNs,
    t4RawNs: EXCHANGE.t4RawNs + daysNs,
    t2UtcNs: EXCHANGE.t2UtcNs + daysNs + yearsNs,
    t3UtcNs: EXCHANGE.t3UtcNs + daysNs + yearsNs,
  };
  const sample = toSample(far, { ...BASE, utcNs: BASE.utcNs + yearsNs });
  assertEquals(sample.offsetSeconds, 0.0245);
  assertEquals(sample.atSeconds, 8_640_002.0035);
});

Deno.test("toSample() holds a round trip shorter than the server's own pause against the server", () => {
  const impossible = { ...EXCHANGE, t3UtcNs: EXCHANGE.t2UtcNs + 4_500_000n };
  const sample = toSample(impossible, BASE);
  assertEquals(sample.delaySeconds, 0);
  // 1 ms more than the honest exchange has
  assertAlmostEquals(sample.rootDistanceSeconds, 0.00800112867431640625, 1e-15);
});

Deno.test("isUsable() refuses every figure that is not finite, negative delays and absurd times", () => {
  const sample = toSample(EXCHANGE, BASE);
  assertEquals(isUsable(sample), true);
  for (const value of [NaN, Infinity, -Infinity, 1e11]) {
    assertEquals(isUsable({ ...sample, atSeconds: value }), false);
    assertEquals(isUsable({ ...sample, offsetSeconds: value }), false);
    assertEquals(isUsable({ ...sample, delaySeconds: value }), false);
    assertEquals(isUsable({ ...sample, rootDistanceSeconds: value }), false);
  }
  assertEquals(isUsable({ ...sample, delaySeconds: -1e-9 }), false);
  assertEquals(isUsable({ ...sample, rootDistanceSeconds: -1e-9 }), false);
});

Deno.test("a TimeBase converts raw instants to seconds and offsets to UTC", () => {
  assertEquals(rawSecondsSince(BASE, 5_000_000_001n), 1e-9);
  assertEquals(rawSecondsSince(BASE, 4_000_000_000n), -1);
  assertEquals(utcNsAt(BASE, 7_000_000_000n, 0.025), 1_700_000_002_025_000_000n);
  assertEquals(utcNsAt(BASE, 7_000_000_000n, -1e-9), 1_700_000_001_999_999_999n);
});
