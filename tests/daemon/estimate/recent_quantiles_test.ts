import { assertEquals } from "@std/assert";
import { RecentQuantiles } from "../../../daemon/estimate/recent_quantiles.ts";
import { Random } from "../../../sim/random.ts";

Deno.test("RecentQuantiles ranks the last values as sorting them does", () => {
  const random = new Random(7);
  const quantiles = new RecentQuantiles(50);
  const all: number[] = [];
  for (let i = 0; i < 500; i++) {
    const value = Math.floor(20 * random.uniform()); // many are equal
    all.push(value);
    quantiles.add(value);
    const sorted = all.slice(-50).sort((a, b) => a - b);
    assertEquals(quantiles.count, sorted.length);
    assertEquals(quantiles.quantile(0.5), sorted[Math.floor((sorted.length - 1) / 2)]);
    assertEquals([quantiles.ranked(1), quantiles.ranked(sorted.length)], [sorted[0], sorted.at(-1)]);
  }
  quantiles.clear();
  assertEquals([quantiles.count, quantiles.quantile(0.5), quantiles.ranked(1)], [0, 0, 0]);
});
