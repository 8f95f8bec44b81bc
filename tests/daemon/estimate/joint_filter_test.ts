import { assert, assertAlmostEquals, assertEquals, assertGreater, assertLess } from "@std/assert";
import { JointFilter } from "../../../daemon/estimate/joint_filter.ts";
import type { Sample } from "../../../daemon/estimate/sample.ts";
import { ClockWorld, type PathModel } from "../../support/clock_world.ts";
import { drawnAsymmetry, ORDINARY_OSCILLATOR, path, track } from "../../support/tracking.ts";

function symmetricPaths(servers: number): PathModel[] {
  return Array.from({ length: servers }, (_, server) => path(`s${server}`, 1e-3, 0.3e-3));
}

function error(estimator: JointFilter, world: ClockWorld): number {
  return estimator.estimateAt(world.atSeconds)!.offsetSeconds - world.trueOffsetSeconds;
}

function sigma(estimator: JointFilter, world: ClockWorld): number {
  const { offsetVariance, biasVariance } = estimator.estimateAt(world.atSeconds)!;
  return Math.sqrt(offsetVariance + biasVariance);
}

function tracked(seed: number, paths: readonly PathModel[], untilSeconds: number, intervalSeconds = 1) {
  const world = new ClockWorld(seed, ORDINARY_OSCILLATOR);
  const estimator = new JointFilter();
  track(world, paths, estimator, untilSeconds, intervalSeconds);
  return { world, estimator };
}

for (const [servers, limitSeconds] of [[4, 40e-6], [1, 80e-6]] as const) {
  Deno.test(`JointFilter is off by less than ${limitSeconds * 1e6} µs on average ten seconds after the start with ${servers} server(s)`, () => {
    let total = 0;
    let reads = 0;
    for (let seed = 1; seed <= 60; seed++) {
      const world = new ClockWorld(seed, ORDINARY_OSCILLATOR);
      const estimator = new JointFilter();
      track(world, symmetricPaths(servers), estimator, 20, 1, () => {
        if (world.atSeconds < 10) return;
        total += Math.abs(error(estimator, world));
        reads++;
      });
    }
    assertLess(total / reads, limitSeconds);
  });

  Deno.test(`JointFilter's 95 % interval holds the truth in 94 to 99 % of reads with ${servers} server(s) of drawn asymmetry`, () => {
    let covered = 0;
    let reads = 0;
    for (let seed = 1; seed <= 400; seed++) {
      const world = new ClockWorld(seed, ORDINARY_OSCILLATOR);
      const paths = Array.from(
        { length: servers },
        (_, server) => path(`s${server}`, 1e-3, 0.3e-3, drawnAsymmetry(world, 1e-3)),
      );
      const estimator = new JointFilter();
      track(world, paths, estimator, 15, 1, () => {
        if (Math.abs(error(estimator, world)) <= 1.96 * sigma(estimator, world)) covered++;
        reads++;
      });
    }
    assertGreater(covered / reads, 0.94);
    assertLess(covered / reads, 0.99);
  });
}

Deno.test("JointFilter learns the frequency to 0.2 ppm in ten minutes, and says how well it did", () => {
  for (let seed = 1; seed <= 10; seed++) {
    const { world, estimator } = tracked(seed, symmetricPaths(1), 600, 10);
    const { frequency, frequencyVariance } = estimator.estimateAt(world.atSeconds)!;
    assertLess(Math.abs(frequency - world.trueFrequency), 0.2e-6);
    assertLess(Math.abs(frequency - world.trueFrequency), 4 * Math.sqrt(frequencyVariance));
    assertLess(Math.sqrt(frequencyVariance), 0.4e-6);
  }
});

Deno.test("JointFilter gives little weight to samples that queued, even when all queue on one way", () => {
  const queued: PathModel = {
    ...path("a", 0.35e-3, 0),
    queueUp: (random) =>
      random.uniform() < 0.8 ? 2e-3 + random.exponential(20e-6) : random.exponential(20e-6),
    queueDown: (random) => random.exponential(20e-6),
  };
  for (let seed = 1; seed <= 10; seed++) {
    const { world, estimator } = tracked(seed, [queued], 120);
    assertLess(Math.abs(error(estimator, world)), 100e-6); // four of five samples are off by 1 ms
  }
});

Deno.test("JointFilter excludes a falseticker among four and names it", () => {
  const paths = [...symmetricPaths(3), path("liar", 1e-3, 0.3e-3, 0, () => 0.03)];
  const { world, estimator } = tracked(1, paths, 30);
  assertLess(Math.abs(error(estimator, world)), 100e-6);
  const selection = estimator.selection!;
  assertEquals([...selection.survivors].sort(), ["s0", "s1", "s2"]);
  assertEquals(selection.falsetickers.map(({ source, reason }) => [source, reason]), [[
    "liar",
    "above majority",
  ]]);
});

Deno.test("JointFilter says within a tenth of a sigma the same with a falseticker among four as without it", () => {
  const world = new ClockWorld(1, ORDINARY_OSCILLATOR);
  const wandering = path("liar", 1e-3, 0.3e-3, 0, (at) => 0.03 + 5e-3 * Math.sin(at));
  const [all, honest] = [new JointFilter(), new JointFilter()];
  for (let round = 0; round < 30; round++) {
    all.add(world.ask(wandering));
    for (const server of symmetricPaths(3)) {
      const sample = world.ask(server);
      all.add(sample);
      honest.add(sample);
    }
    const alone = honest.estimateAt(world.atSeconds)!;
    const difference = all.estimateAt(world.atSeconds)!.offsetSeconds - alone.offsetSeconds;
    assertLess(Math.abs(difference), 0.1 * sigma(honest, world), `round ${round}`);
    world.advanceTo(world.atSeconds + 1);
  }
});

Deno.test("JointFilter is not pulled by a liar that stays within everybody's bounds", () => {
  const paths = [path("liar", 0.7e-3, 0.1e-3, 0, () => 1.5e-3), ...symmetricPaths(3)];
  const { world, estimator } = tracked(2, paths, 60);
  assertEquals(estimator.selection?.survivors.length, 4);
  assertLess(Math.abs(error(estimator, world)), 150e-6);
});

Deno.test("JointFilter admits that it cannot tell which of two quarrelling servers is right", () => {
  const paths = [path("a", 1e-3, 0.1e-3), path("b", 1e-3, 0.1e-3, 0, () => 0.02)];
  const { world, estimator } = tracked(3, paths, 60);
  assertEquals(estimator.selection?.majority, false);
  assertLess(Math.abs(error(estimator, world)), 1.96 * sigma(estimator, world));
});

for (const servers of [1, 4]) {
  Deno.test(`JointFilter follows a step of 50 ms within one round of ${servers} server(s), and keeps the frequency`, () => {
    const { world, estimator } = tracked(4, symmetricPaths(servers), 300, 10);
    const before = estimator.estimateAt(world.atSeconds)!.frequency;
    world.step(-0.05);
    track(world, symmetricPaths(servers), estimator, world.atSeconds + 5, 10);
    assertEquals(estimator.regimeChanges, 1);
    assertLess(Math.abs(error(estimator, world)), 0.5e-3);
    assertAlmostEquals(estimator.estimateAt(world.atSeconds)!.frequency, before, 1e-6);
  });

  Deno.test(`JointFilter follows a step of 0.8 ms, within the bound of each of ${servers} server(s), in two minutes`, () => {
    const { world, estimator } = tracked(5, symmetricPaths(servers), 300, 10);
    world.step(0.8e-3);
    track(world, symmetricPaths(servers), estimator, world.atSeconds + 160, 10);
    assertLess(Math.abs(error(estimator, world)), 0.3e-3);
  });

  Deno.test(`JointFilter re-learns a frequency that jumps by 50 ppm with ${servers} server(s)`, () => {
    const { world, estimator } = tracked(6, symmetricPaths(servers), 120);
    world.step(0, 50e-6);
    track(world, symmetricPaths(servers), estimator, world.atSeconds + 60);
    assertAlmostEquals(estimator.estimateAt(world.atSeconds)!.frequency, world.trueFrequency, 3e-6);
    assertLess(Math.abs(error(estimator, world)), 0.2e-3);
  });

  Deno.test(`JointFilter sees no step in an hour of jitter with ${servers} server(s)`, () => {
    for (let seed = 1; seed <= 3; seed++) {
      const { estimator } = tracked(seed, symmetricPaths(servers), 3600, 10);
      assertEquals(estimator.regimeChanges, 0);
    }
  });
}

Deno.test("JointFilter does not call one server's step the clock's", () => {
  const paths = [...symmetricPaths(3), path("stepper", 1e-3, 0.3e-3, 0, (at) => at > 100 ? 1.2e-3 : 0)];
  const { world, estimator } = tracked(7, paths, 200);
  assertEquals(estimator.regimeChanges, 0);
  assertLess(Math.abs(error(estimator, world)), 150e-6);
});

Deno.test("JointFilter does not jump from server to server: different path biases move it by microseconds", () => {
  const biases = [150e-6, -120e-6, 80e-6, -200e-6];
  const paths = biases.map((bias, server) => path(`s${server}`, 1e-3, 20e-6, bias));
  const { world, estimator } = tracked(8, paths, 30);
  for (let round = 0; round < 40; round++) {
    world.advanceTo(world.atSeconds + 1);
    for (const server of paths) {
      const sample = world.ask(server);
      const before = estimator.estimateAt(sample.atSeconds)!.offsetSeconds;
      estimator.add(sample);
      assertLess(Math.abs(estimator.estimateAt(sample.atSeconds)!.offsetSeconds - before), 10e-6);
    }
  }
});

Deno.test("JointFilter does not care in which order the answers of a round come in", () => {
  const world = new ClockWorld(9, ORDINARY_OSCILLATOR);
  const paths = symmetricPaths(4);
  const forward = new JointFilter();
  const backward = new JointFilter();
  for (let round = 0; round < 30; round++) {
    const answers = paths.map((server) => world.ask(server));
    for (const answer of answers) forward.add(answer);
    for (const answer of answers.toReversed()) backward.add(answer);
    world.advanceTo(world.atSeconds + 1);
  }
  const [a, b] = [forward, backward].map((estimator) => estimator.estimateAt(world.atSeconds)!);
  assertAlmostEquals(a!.offsetSeconds, b!.offsetSeconds, 0.01 * sigma(forward, world));
  assertAlmostEquals(a!.frequency, b!.frequency, 0.01 * Math.sqrt(a!.frequencyVariance));
});

Deno.test("JointFilter knows nothing before the first sample, and something honest after it", () => {
  const estimator = new JointFilter();
  assertEquals(estimator.estimateAt(0), null);
  estimator.add({
    source: "a",
    atSeconds: 5,
    offsetSeconds: 0.1,
    delaySeconds: 0.02,
    rootDistanceSeconds: 0,
  });
  const { offsetSeconds, frequency, offsetVariance, biasVariance } = estimator.estimateAt(5)!;
  assertEquals([offsetSeconds, frequency], [0.1, 0]);
  assertGreater(Math.sqrt(offsetVariance + biasVariance), 0.95e-3);
  // An hour later the unknown frequency (30 ppm) dominates: 108 ms.
  assertAlmostEquals(Math.sqrt(estimator.estimateAt(3605)!.offsetVariance), 0.108, 1e-3);
});

Deno.test("JointFilter is untouched by samples that are no numbers", () => {
  const { world, estimator } = tracked(10, symmetricPaths(2), 30);
  const before = estimator.estimateAt(world.atSeconds)!;
  const sample = world.ask(path("s0", 1e-3, 0.3e-3));
  for (const value of [NaN, Infinity, -Infinity]) {
    for (const field of ["atSeconds", "offsetSeconds", "delaySeconds", "rootDistanceSeconds"] as const) {
      const poisoned: Sample = { ...sample, [field]: value };
      estimator.add(poisoned);
    }
  }
  assertEquals(estimator.estimateAt(before.atSeconds), before);
});

Deno.test("JointFilter stays finite whatever the finite samples", () => {
  const world = new ClockWorld(11, ORDINARY_OSCILLATOR);
  const estimator = new JointFilter();
  const extremes = [0, 1e-12, 1e-6, 1, 1e6, 1e10];
  for (let round = 0; round < 3000; round++) {
    const pick = () => extremes[Math.floor(world.random.uniform() * extremes.length)]!;
    const signed = () => world.random.uniform() < 0.5 ? pick() : -pick();
    const sample = {
      source: `s${round % 20}`,
      atSeconds: round % 500 === 0 ? signed() : round,
      offsetSeconds: signed(),
      delaySeconds: pick(),
      rootDistanceSeconds: pick(),
    };
    estimator.add(sample);
    const estimate = estimator.estimateAt(round + 1)!;
    assert(Object.values(estimate).every(Number.isFinite), JSON.stringify({ sample, estimate }));
    assert(estimate.offsetVariance >= 0 && estimate.frequencyVariance > 0 && estimate.biasVariance >= 0);
    assertLess(Math.abs(estimate.frequency), 501e-6);
  }
});

Deno.test("JointFilter.disrupt() forgets the offset, keeps the frequency and refuses exchanges begun before", () => {
  const { world, estimator } = tracked(12, symmetricPaths(1), 300, 10);
  const before = estimator.estimateAt(world.atSeconds)!.frequency;
  const [server] = symmetricPaths(1);
  const underWay = world.ask(server!);
  estimator.disrupt(underWay.atSeconds - 0.1e-3);
  assertEquals(estimator.estimateAt(world.atSeconds), null);
  estimator.add(underWay);
  assertEquals(estimator.estimateAt(world.atSeconds), null);
  assertEquals(estimator.selection, null);
  world.step(-3600);
  estimator.add(world.ask(server!));
  assertAlmostEquals(error(estimator, world), 0, 1.5e-3);
  assertAlmostEquals(estimator.estimateAt(world.atSeconds)!.frequency, before, 1e-6);
  assertEquals(estimator.regimeChanges, 0);
});

Deno.test("JointFilter holds over: an hour later the truth is within three sigmas", () => {
  for (let seed = 1; seed <= 10; seed++) {
    const { world, estimator } = tracked(seed, symmetricPaths(4), 600, 10);
    world.advanceTo(4200);
    assertLess(Math.abs(error(estimator, world)), 3 * sigma(estimator, world));
    assertLess(sigma(estimator, world), 1.3e-3);
  }
});

Deno.test("JointFilter's interval holds the truth when a server comes back after an hour of random walk", () => {
  let covered = 0;
  for (let seed = 1; seed <= 100; seed++) {
    const world = new ClockWorld(seed, { ...ORDINARY_OSCILLATOR, randomWalk: 3e-9 });
    const estimator = new JointFilter();
    const server = path("a", 100e-6, 20e-6, drawnAsymmetry(world, 100e-6));
    track(world, [server], estimator, 600, 10);
    world.advanceTo(4200);
    estimator.add(world.ask(server));
    if (Math.abs(error(estimator, world)) <= 1.96 * sigma(estimator, world)) covered++;
  }
  assertGreater(covered, 93);
});
