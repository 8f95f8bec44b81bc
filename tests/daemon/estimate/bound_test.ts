import { assert, assertAlmostEquals, assertEquals, assertGreater } from "@std/assert";
import { clampInto, halfWidthAbout, hardBound, votingServers } from "../../../daemon/estimate/bound.ts";
import { JointFilter } from "../../../daemon/estimate/joint_filter.ts";
import type { Sample } from "../../../daemon/estimate/sample.ts";
import { SampleWindow } from "../../../daemon/estimate/sample_window.ts";
import { ClockWorld } from "../../support/clock_world.ts";
import { drawnAsymmetry, ORDINARY_OSCILLATOR, path, track } from "../../support/tracking.ts";

/** A sample whose hard half width is `halfSeconds` + 1 µs of clock reading. */
function sample(source: string, offsetSeconds: number, halfSeconds: number, atSeconds = 0): Sample {
  return {
    source,
    atSeconds,
    offsetSeconds,
    delaySeconds: halfSeconds,
    rootDistanceSeconds: halfSeconds / 2,
  };
}

function windowOf(...samples: readonly Sample[]): SampleWindow {
  const window = new SampleWindow();
  for (const heard of samples) window.hear(heard.source, heard.atSeconds).trust(heard);
  return window;
}

function assertBound(
  window: SampleWindow,
  atSeconds: number,
  low: number,
  high: number,
  expected: { agreed: boolean; voters: number },
): void {
  const bound = hardBound(window, atSeconds, 0)!;
  assertAlmostEquals(bound.lowSeconds, low, 1e-12);
  assertAlmostEquals(bound.highSeconds, high, 1e-12);
  assertEquals({ agreed: bound.agreed, voters: bound.voters }, expected);
}

Deno.test("hardBound() knows nothing before the first sample", () => {
  assertEquals(hardBound(new SampleWindow(), 0, 0), null);
});

Deno.test("hardBound() of one server is half the round trip, root distance, clock reading and 50 ppm of the age", () => {
  const bound = hardBound(windowOf(sample("a", 0.025, 2e-3)), 10, 20e-6)!;
  // centre 0.025 + 20e-6 × 10; half width 1e-3 + 1e-3 + 1e-6 + 50e-6 × 10
  assertAlmostEquals(bound.lowSeconds, 0.022699, 1e-12);
  assertAlmostEquals(bound.highSeconds, 0.027701, 1e-12);
});

Deno.test("hardBound() uses a server's tightest sample, which an older one is for a while", () => {
  const window = windowOf(sample("a", 0, 1e-3, 0), sample("a", 0, 1.4e-3, 10));
  assertBound(window, 10, -1.401e-3, 1.401e-3, { agreed: true, voters: 1 });
  const closer = windowOf(sample("a", 0, 1e-3, 0), sample("a", 0, 1.6e-3, 10));
  assertBound(closer, 10, -1.501e-3, 1.501e-3, { agreed: true, voters: 1 });
});

Deno.test("hardBound() of two servers is where both agree", () => {
  const window = windowOf(sample("a", 0, 1e-3), sample("b", 1.5e-3, 1e-3));
  assertBound(window, 0, 0.499e-3, 1.001e-3, { agreed: true, voters: 2 });
});

Deno.test("hardBound() of three servers spans the points of any two: it does not prefer where all three agree", () => {
  const window = windowOf(sample("a", 0, 1e-3), sample("b", 1e-3, 1e-3), sample("c", 1.8e-3, 1e-3));
  // a∩b = [0, 1] and b∩c = [0.8, 2] ms; all three agree on [0.8, 1] only
  assertBound(window, 0, -0.001e-3, 2.001e-3, { agreed: true, voters: 3 });
});

Deno.test("hardBound() of four servers needs three to agree and ignores one liar", () => {
  const window = windowOf(
    sample("a", 0, 1e-3),
    sample("b", 0.5e-3, 1e-3),
    sample("c", -0.5e-3, 1e-3),
    sample("liar", 0.4, 1e-3),
  );
  assertBound(window, 0, -0.501e-3, 0.501e-3, { agreed: true, voters: 4 });
});

Deno.test("hardBound() falls back to the hull of all when too few agree, and says so", () => {
  const window = windowOf(sample("a", 0, 1e-3), sample("b", 0.01, 1e-3), sample("c", 0.02, 1e-3));
  assertBound(window, 0, -1.001e-3, 21.001e-3, { agreed: false, voters: 3 });
});

Deno.test("hardBound() lets the living vote alone when at least half of the known servers live", () => {
  const window = windowOf(sample("dead", 0.9, 1e-3, 0), sample("a", 0, 1e-3, 200));
  assertBound(window, 200, -1.001e-3, 1.001e-3, { agreed: true, voters: 1 });
});

Deno.test("hardBound() keeps the votes of silent servers rather than let a lonely liar win", () => {
  const silent = [sample("a", 0, 1e-3, 0), sample("b", 0, 1e-3, 0)];
  const window = windowOf(...silent, sample("liar", 0.5, 1e-3, 200));
  assertEquals(votingServers(window, 200).length, 3);
  assertBound(window, 200, -11.001e-3, 11.001e-3, { agreed: true, voters: 3 });
});

Deno.test("hardBound() keeps growing in holdover, when all servers are silent", () => {
  const window = windowOf(sample("a", 0, 1e-3), sample("b", 0, 1e-3));
  assertBound(window, 86_400, -4.321001, 4.321001, { agreed: true, voters: 2 });
});

Deno.test("hardBound() takes what a server says now for its word, also when that contradicts its past", () => {
  const window = windowOf(sample("a", 0, 1e-3, 0));
  window.find("a")!.doubt(sample("a", 1, 2e-3, 1));
  assertBound(window, 1, 0.997999, 1.002001, { agreed: true, voters: 1 });
});

Deno.test("clampInto() moves a centre no further than the bound's end, halfWidthAbout() covers all of the bound", () => {
  const bound = { lowSeconds: -1, highSeconds: 3 };
  assertEquals([clampInto(bound, 5), clampInto(bound, -5), clampInto(bound, 2)], [3, -1, 2]);
  assertEquals([halfWidthAbout(bound, 1), halfWidthAbout(bound, 3), halfWidthAbout(bound, 0)], [2, 4, 3]);
});

Deno.test("hardBound() holds the truth in every read from the first on, with fast oscillators and short paths", () => {
  let reads = 0;
  for (let seed = 1; seed <= 60; seed++) {
    const frequency = seed % 2 === 0 ? 45e-6 : -45e-6;
    const world = new ClockWorld(seed, { ...ORDINARY_OSCILLATOR, frequency });
    const oneWay = seed % 3 === 0 ? 30e-6 : 1e-3;
    const paths = Array.from(
      { length: 1 + seed % 4 },
      (_, server) => path(`s${server}`, oneWay, oneWay / 4, drawnAsymmetry(world, oneWay)),
    );
    const estimator = new JointFilter();
    track(world, paths, estimator, 60, 1, () => {
      const bound = hardBound(
        estimator.window,
        world.atSeconds,
        estimator.estimateAt(world.atSeconds)!.frequency,
      )!;
      assert(bound.lowSeconds <= world.trueOffsetSeconds && world.trueOffsetSeconds <= bound.highSeconds);
      reads++;
    });
  }
  assertGreater(reads, 10_000);
});

Deno.test("hardBound() holds the truth in every read when a minority lies, however it lies", () => {
  const lies: ((atSeconds: number) => number)[] = [
    () => 0.8e-3,
    () => 0.03,
    () => -3600,
    (at) => at > 60 ? 11.6e-6 * (at - 60) : 0, // a leap smear
    (at) => at > 60 ? 0.08 : 0,
    (at) => 2e-3 * Math.sin(at / 5),
  ];
  for (let seed = 1; seed <= 48; seed++) {
    const world = new ClockWorld(seed, ORDINARY_OSCILLATOR);
    const servers = 3 + seed % 4;
    const liars = Math.floor((servers - 1) / 2);
    const paths = Array.from({ length: servers }, (_, server) => {
      const lie = server < liars ? lies[(seed + server) % lies.length]! : () => 0;
      return path(`s${server}`, 1e-3, 0.3e-3, drawnAsymmetry(world, 1e-3), lie);
    });
    const estimator = new JointFilter();
    track(world, paths, estimator, 180, 4, () => {
      if (world.atSeconds < 1) return; // until everybody was asked once, the liars may be among themselves
      const bound = hardBound(
        estimator.window,
        world.atSeconds,
        estimator.estimateAt(world.atSeconds)!.frequency,
      )!;
      assert(bound.lowSeconds <= world.trueOffsetSeconds && world.trueOffsetSeconds <= bound.highSeconds);
    });
  }
});
