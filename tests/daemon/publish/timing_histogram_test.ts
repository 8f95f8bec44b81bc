import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { HISTOGRAM_BYTES, TimingHistogram } from "../../../daemon/publish/timing_histogram.ts";
import { Random } from "../../support/random.ts";

/** A bucket is as wide as an eighth of a doubling. */
const BUCKET_RATIO = 1.0906;

function histogramOf(durations: readonly number[]): TimingHistogram {
  const histogram = new TimingHistogram(new ArrayBuffer(HISTOGRAM_BYTES));
  for (const duration of durations) histogram.record(duration);
  return histogram;
}

Deno.test("TimingHistogram is all zeros before the first duration", () => {
  const zeros = { count: 0, minSeconds: 0, meanSeconds: 0, p99Seconds: 0, maxSeconds: 0 };
  assertEquals(histogramOf([]).summary(), zeros);
});

Deno.test("TimingHistogram's count, least, mean and most of four durations are exact", () => {
  const { count, minSeconds, meanSeconds, maxSeconds } = histogramOf([3e-6, 1e-6, 8e-6, 4e-6]).summary();
  assertEquals([count, minSeconds, maxSeconds], [4, 1e-6, 8e-6]);
  assertAlmostEquals(meanSeconds, 4e-6, 1e-18);
});

for (const [seed, medianSeconds, sigma] of [[1, 50e-6, 0.5], [2, 2e-3, 2], [3, 1e-6, 1.5]] as const) {
  Deno.test(`TimingHistogram's 99th percentile is that of the sorted durations to a bucket (seed ${seed})`, () => {
    const random = new Random(seed);
    const durations = Array.from({ length: 10_000 }, () => random.lognormal(medianSeconds, sigma));
    const exact = durations.toSorted((a, b) => a - b)[9899]!; // the 9900th of 10 000
    const { p99Seconds } = histogramOf(durations).summary();
    assert(p99Seconds >= exact && p99Seconds <= exact * BUCKET_RATIO, `${p99Seconds} for ${exact}`);
  });
}

Deno.test("TimingHistogram's 99th percentile of one duration is that duration", () => {
  assertEquals(histogramOf([123e-6]).summary().p99Seconds, 123e-6);
});

Deno.test("TimingHistogram counts what lies beyond its buckets in the outermost ones", () => {
  const { count, minSeconds, maxSeconds } = histogramOf([0, -1e-9, 1e-12, 1e6]).summary();
  assertEquals([count, minSeconds, maxSeconds], [4, -1e-9, 1e6]);
});

Deno.test("TimingHistogram can be summarised by whoever shares its memory", () => {
  const buffer = new SharedArrayBuffer(64 + 2 * HISTOGRAM_BYTES);
  const [first, second] = [64, 64 + HISTOGRAM_BYTES].map((offset) => new TimingHistogram(buffer, offset));
  first!.record(1e-3);
  second!.record(2e-3);
  assertEquals(new TimingHistogram(buffer, 64).summary(), first!.summary());
  assertEquals(new TimingHistogram(buffer, 64 + HISTOGRAM_BYTES).summary().maxSeconds, 2e-3);
});

Deno.test("TimingHistogram counts the durations above a threshold to the width of a bucket", () => {
  const histogram = histogramOf([1e-6, 0.9e-3, 1.2e-3, 5e-3, 2]);
  assertEquals([histogram.countAbove(1e-3), histogram.countAbove(1), histogram.countAbove(1000)], [3, 1, 0]);
});
