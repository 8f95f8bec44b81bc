import { assertEquals, assertMatch } from "@std/assert";
import { plotTrace } from "../../../bench/evaluate/plot.ts";
import { Flag } from "../../../record/layout.ts";
import type { Reading } from "../../../sim/world/run_scenario.ts";

function reading(atSeconds: number, errorSeconds: number, flags: number = Flag.VALID): Reading {
  return {
    atSeconds,
    errorSeconds,
    sigmaSeconds: 10e-6,
    maxErrorSeconds: 1e-3,
    flags,
    aheadErrorSeconds: 0,
    aheadSigmaSeconds: 10e-6,
    isBlind: false,
    isOutage: false,
  };
}

Deno.test("plotTrace() draws a panel with a curve and a band for each contender, scaled by its band", () => {
  const quiet = Array.from({ length: 10 }, (_, i) => reading(300 + i, 0));
  const svg = plotTrace("a < b", [
    { title: "one", readings: quiet },
    { title: "two", readings: quiet.map((r) => ({ ...r, sigmaSeconds: 10e-3 })) },
  ]);
  assertEquals(svg.match(/<polyline /g)!.length, 2);
  assertEquals(svg.match(/<polygon /g)!.length, 2);
  assertEquals(svg.includes(">a &#60; b</text>"), true);
  // 1.96 sigma
  assertEquals(svg.includes(">+20 µs</text>"), true);
  assertEquals(svg.includes(">+20 ms</text>"), true);
  // No error is half the height of the panel of 116.
  assertMatch(svg, /<polyline points="[\d.]+,58\.0 /);
});

Deno.test("plotTrace() leaves out what is not valid and cuts what exceeds the panel", () => {
  const readings = [
    reading(300, 0),
    reading(400, 5, 0),
    ...Array.from({ length: 100 }, (_, i) => reading(500 + i, 0)),
    reading(600, 5),
  ];
  const points = plotTrace("t", [{ title: "one", readings }]).match(/<polyline points="([^"]+)"/)![1]!.split(
    " ",
  );
  assertEquals(points.length, 102);
  assertEquals(points.at(-1)!.endsWith(",0.0"), true);
});

Deno.test("plotTrace() of a long trace draws at most a thousand points a curve", () => {
  const readings = Array.from({ length: 43_200 }, (_, i) => reading(2 * i, 0));
  const svg = plotTrace("t", [{ title: "one", readings }]);
  const count = svg.match(/<polyline points="([^"]+)"/)![1]!.split(" ").length;
  assertEquals(count <= 1000 && count > 900, true);
  assertEquals(svg.includes(">20 h</text>"), true);
});
