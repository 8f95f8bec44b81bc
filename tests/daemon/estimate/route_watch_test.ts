import { assertAlmostEquals, assertEquals } from "@std/assert";
import { type RouteChange, RouteWatch } from "../../../daemon/estimate/route_watch.ts";
import { Random } from "../../../sim/random.ts";

const JITTER_SECONDS = 0.2e-3;

/** What a watch tells of round trips that take `baseOf` and queue a little; each entry with when it was told. */
function changesIn(count: number, baseOf: (atSeconds: number) => number, seed = 1) {
  const random = new Random(seed);
  const watch = new RouteWatch();
  const changes: (RouteChange & { readonly toldAtSeconds: number })[] = [];
  let floor = baseOf(0) + JITTER_SECONDS;
  for (let atSeconds = 0; atSeconds < count; atSeconds++) {
    const delaySeconds = baseOf(atSeconds) + random.exponential(JITTER_SECONDS);
    const change = watch.observe({ atSeconds, delaySeconds }, floor, 0.14e-3);
    floor = change?.floorSeconds ?? Math.min(floor, delaySeconds);
    if (change !== null) changes.push({ ...change, toldAtSeconds: atSeconds });
  }
  return changes;
}

Deno.test("RouteWatch notices a longer way within half a minute of polls, and since when", () => {
  const changes = changesIn(300, (at) => at < 150 ? 20e-3 : 32e-3);
  assertEquals(changes.length, 1);
  const [{ sinceSeconds, floorSeconds, toldAtSeconds }] = changes as [typeof changes[number]];
  assertAlmostEquals(sinceSeconds, 150, 20);
  assertAlmostEquals(floorSeconds, 32e-3, 0.1e-3);
  assertEquals(toldAtSeconds > 165 && toldAtSeconds < 210, true, `${toldAtSeconds}`);
});

Deno.test("RouteWatch notices a shorter way by the fourth answer on it", () => {
  const changes = changesIn(120, (at) => at < 100 ? 32e-3 : 20e-3);
  assertEquals(changes.map(({ sinceSeconds, toldAtSeconds }) => [sinceSeconds, toldAtSeconds]), [[100, 103]]);
});

Deno.test("RouteWatch takes neither queueing nor a burst of congestion for another way", () => {
  for (let seed = 1; seed <= 10; seed++) {
    assertEquals(changesIn(2000, () => 20e-3, seed), []);
    const random = new Random(seed);
    const congested = (at: number) => 20e-3 + (at % 200 >= 160 ? random.exponential(10e-3) : 0);
    assertEquals(changesIn(2000, congested, seed), []);
  }
});
