import { assertAlmostEquals, assertEquals } from "@std/assert";
import { ServerPath } from "../../../daemon/estimate/server_path.ts";

const DISTANCE_SECONDS = 1e-3;

function heard(path: ServerPath, atSeconds: number, delaySeconds: number) {
  const rootDistanceSeconds = DISTANCE_SECONDS;
  return path.hear({ source: path.source, atSeconds, offsetSeconds: 0, delaySeconds, rootDistanceSeconds });
}

/** A path whose round trip was 2 ms until 12 ms became the rule at 100 s. */
function detoured(): ServerPath {
  const path = new ServerPath("a", 0, 2e-3, DISTANCE_SECONDS);
  for (let at = 0; at < 200; at++) heard(path, at, (at < 100 ? 2e-3 : 12e-3) + (at % 7) * 5e-6);
  return path;
}

Deno.test("ServerPath.hear() tells how far the floor fell", () => {
  const path = new ServerPath("a", 0, 5e-3, DISTANCE_SECONDS);
  assertEquals(heard(path, 1, 6e-3), { kind: "nothing" });
  assertEquals(path.excessSeconds(6e-3), 6e-3 - 5e-3);
  const fall = heard(path, 2, 4e-3);
  assertEquals(fall.kind, "lower floor");
  assertAlmostEquals(fall.kind === "lower floor" ? fall.fallSeconds : NaN, 1e-3, 1e-15);
  assertEquals(path.excessSeconds(4e-3), 0);
});

Deno.test("ServerPath measures the past against the route of that time", () => {
  const path = detoured();
  path.rewind(0);
  assertAlmostEquals(path.excessSeconds(12e-3), 10e-3, 1e-12);
  assertEquals([path.changesRouteBy(99), path.changesRouteBy(150)], [false, true]);
  // The way may have got longer on one side only: 10 ms of round trip are ± 5 ms of offset.
  assertAlmostEquals(Math.sqrt(path.enterRouteOf(150)), 5e-3, 0.1e-3);
  assertAlmostEquals(path.excessSeconds(12e-3), 0, 0.1e-3);
  assertEquals(path.changesRouteBy(1e9), false);
});

Deno.test("ServerPath's bias may be half of a detour, beyond what the shortest way leaves open", () => {
  const path = detoured();
  path.rewind(0);
  const before = path.biasPrior.variance;
  path.enterRouteOf(150);
  assertAlmostEquals(Math.sqrt(path.biasPrior.variance - before), 5e-3, 0.1e-3);
});

Deno.test("ServerPath holds who jumped for off by as much, on probation for ten minutes, and not to be believed before", () => {
  const path = new ServerPath("a", 0, 2e-3, DISTANCE_SECONDS);
  heard(path, 1000, 2e-3);
  assertEquals(path.isMutedAt(500), false);
  path.jump(1000, 0.01);
  path.enterRouteOf(1000);
  assertEquals([500, 1599, 1601].map((at) => path.isMutedAt(at)), [true, true, false]);
  assertAlmostEquals(Math.sqrt(path.biasPrior.variance), 0.01, 0.1e-3);
  heard(path, 1000 + 21_600, 2e-3);
  // After its lifetime of six hours, 1/e of the variance is left.
  assertAlmostEquals(Math.sqrt(path.biasPrior.variance), 0.01 / Math.sqrt(Math.E), 0.1e-3);
});

Deno.test("ServerPath is muted until it is let in, and what it said until then does not count", () => {
  const path = new ServerPath("a", 0, 2e-3, DISTANCE_SECONDS);
  path.mute();
  assertEquals([path.isMuted, path.isExcluded, path.isMutedAt(1e9)], [true, true, true]);
  path.letIn(100);
  assertEquals([path.isMuted, path.isExcluded, path.isMutedAt(100), path.isMutedAt(101)], [
    false,
    false,
    true,
    false,
  ]);
});
