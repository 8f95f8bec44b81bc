import { assertAlmostEquals, assertEquals } from "@std/assert";
import { LastSample } from "../../../bench/evaluate/last_sample.ts";
import { MinimumFilter } from "../../../bench/evaluate/minimum_filter.ts";
import { PlainKalman } from "../../../bench/evaluate/plain_kalman.ts";
import { SelectedServer } from "../../../bench/evaluate/selected_server.ts";
import type { Sample } from "../../../daemon/estimate/sample.ts";
import type { Exchange } from "../../../daemon/sources/measurement.ts";
import { Flag } from "../../../record/layout.ts";

function sample(atSeconds: number, offsetSeconds: number, delaySeconds: number): Sample {
  return { source: "a", atSeconds, offsetSeconds, delaySeconds, rootDistanceSeconds: 0 };
}

Deno.test("LastSample believes the last answer, with half its round trip as sigma", () => {
  const estimator = new LastSample();
  assertEquals(estimator.estimateAt(0), null);
  estimator.add(sample(0, 1, 0.1));
  estimator.add(sample(10, 2, 0.4));
  const estimate = estimator.estimateAt(10)!;
  assertEquals([estimate.offsetSeconds, estimate.frequency], [2, 0]);
  assertAlmostEquals(estimate.offsetVariance, 0.04, 1e-12);
  estimator.disrupt();
  assertEquals(estimator.estimateAt(10), null);
});

Deno.test("MinimumFilter believes the shortest of the last eight round trips", () => {
  const estimator = new MinimumFilter();
  estimator.add(sample(0, 5, 0.001));
  for (let i = 1; i <= 7; i++) estimator.add(sample(i, i, 0.1 + Math.abs(i - 3) / 100));
  assertEquals(estimator.estimateAt(7)!.offsetSeconds, 5);
  estimator.add(sample(8, 8, 0.2));
  // The first has left the window; of the others the one at 3 s was shortest.
  assertEquals(estimator.estimateAt(8)!.offsetSeconds, 3);
});

Deno.test("MinimumFilter carries its offset with the frequency of the windows' shortest", () => {
  const estimator = new MinimumFilter();
  // Every eighth is short and lies on a line of 20 ppm, the others are 1 ms off.
  for (let i = 0; i < 80; i++) {
    const isShort = i % 8 === 4;
    estimator.add(sample(10 * i, 20e-6 * 10 * i + (isShort ? 0 : 1e-3), isShort ? 0.01 : 0.02));
  }
  const estimate = estimator.estimateAt(800)!;
  assertAlmostEquals(estimate.frequency, 20e-6, 1e-12);
  assertAlmostEquals(estimate.offsetSeconds, 0.016, 1e-9);
});

Deno.test("PlainKalman weighs a second sample by the round trips: R = (round trip / 2)²", () => {
  const estimator = new PlainKalman();
  estimator.add(sample(0, 0, 2));
  estimator.add(sample(0, 1, 4));
  // Variances 1 and 4: gain 1/5, what is left 4/5.
  const estimate = estimator.estimateAt(0)!;
  assertAlmostEquals(estimate.offsetSeconds, 0.2, 1e-12);
  assertAlmostEquals(estimate.offsetVariance, 0.8, 1e-12);
});

Deno.test("PlainKalman learns a frequency, and begins anew after three answers out of all reason", () => {
  const estimator = new PlainKalman();
  for (let i = 0; i < 200; i++) estimator.add(sample(10 * i, 30e-6 * 10 * i, 1e-3));
  assertAlmostEquals(estimator.estimateAt(1990)!.frequency, 30e-6, 1e-9);
  for (let i = 200; i < 202; i++) estimator.add(sample(10 * i, 1 + 30e-6 * 10 * i, 1e-3));
  assertEquals(estimator.estimateAt(2010)!.offsetSeconds < 0.9, true);
  estimator.add(sample(2020, 1 + 30e-6 * 2020, 1e-3));
  assertAlmostEquals(estimator.estimateAt(2020)!.offsetSeconds, 1.0606, 1e-9);
});

const BASE = { rawNs: 0n, utcNs: 0n };

/** Answer of a server whose clock is `offsetSeconds` ahead, `at` s after the base. */
function exchange(source: string, at: number, offsetSeconds: number, delaySeconds: number): Exchange {
  const ns = (seconds: number) => BigInt(Math.round(seconds * 1e9));
  return {
    source,
    t1RawNs: ns(at),
    t2UtcNs: ns(at + delaySeconds / 2 + offsetSeconds),
    t3UtcNs: ns(at + delaySeconds / 2 + offsetSeconds),
    t4RawNs: ns(at + delaySeconds),
    stratum: 1,
    leap: 0,
    rootDelaySeconds: 0,
    rootDispersionSeconds: 0,
    precisionSeconds: 0,
  };
}

Deno.test("SelectedServer follows the nearest server that the majority does not contradict", () => {
  const keeper = new SelectedServer(BASE, () => new LastSample());
  assertEquals(keeper.predict(0n).flags, 0);
  for (let at = 0; at < 100; at += 10) {
    keeper.add(exchange("liar", at, 0.5, 0.002));
    keeper.add(exchange("far", at, 0.001, 0.08));
    keeper.add(exchange("near", at, 0.002, 0.02));
  }
  const prediction = keeper.predict(90_020_000_000n);
  assertEquals(prediction.flags, Flag.VALID);
  assertAlmostEquals(prediction.offsetSeconds, 0.002, 1e-9);
  // Half the round trip and 50 ppm of the exchange itself.
  assertAlmostEquals(prediction.maxErrorSeconds, 0.010001, 1e-9);
});

Deno.test("SelectedServer gives a server up that has fallen silent", () => {
  const keeper = new SelectedServer(BASE, () => new LastSample());
  keeper.add(exchange("near", 0, 0.002, 0.02));
  for (let at = 0; at < 200; at += 10) keeper.add(exchange("far", at, 0.001, 0.08));
  assertAlmostEquals(keeper.predict(200_000_000_000n).offsetSeconds, 0.001, 1e-9);
});
