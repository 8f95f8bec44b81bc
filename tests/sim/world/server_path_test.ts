import { assertAlmostEquals, assertEquals } from "@std/assert";
import { checkOneWay, drawDelaySeconds, type OneWay } from "../../../sim/path.ts";
import { Random } from "../../../sim/random.ts";
import { NETWORKS } from "../../../sim/world/kinds.ts";
import { drawPaths, type NetworkParameters } from "../../../sim/world/server_path.ts";

const DRAWS = 20_001;

function sortedDelays(way: OneWay): number[] {
  const random = new Random(3);
  return Array.from({ length: DRAWS }, () => drawDelaySeconds({ ...way, lossProbability: 0 }, random)!)
    .sort((a, b) => a - b);
}

function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.round(share * (sorted.length - 1))]!;
}

Deno.test("drawPaths() gives paths that a UDP relay would take, the nearest first", () => {
  for (const network of Object.values(NETWORKS)) {
    const paths = drawPaths(network, 6, new Random(1));
    for (const { outbound, inbound } of paths) [outbound, inbound].forEach(checkOneWay);
    const floors = paths.map(({ floorSeconds }) => floorSeconds);
    assertEquals(floors, floors.toSorted((a, b) => a - b));
  }
});

Deno.test("drawPaths() draws floors within the network's range, each order of magnitude as likely", () => {
  const network = { ...NETWORKS.internet, baseSeconds: [1e-3, 100e-3] as const };
  const floors = drawPaths(network, 2000, new Random(2)).map(({ floorSeconds }) => floorSeconds / 2);
  assertEquals(floors.every((floor) => floor >= 1e-3 && floor < 100e-3), true);
  // The median of a log-uniform range is the geometric mean of its ends (± 4 standard errors).
  assertAlmostEquals(Math.log10(quantile(floors, 0.5)), -2, 0.09);
});

Deno.test("drawPaths() makes one way longer than the other by the network's asymmetry", () => {
  const paths = drawPaths(NETWORKS.internet, 4000, new Random(3));
  const shares = paths.map(({ outbound, floorSeconds }) => outbound.delaySeconds / (floorSeconds / 2) - 1);
  const deviation = Math.sqrt(shares.reduce((sum, share) => sum + share ** 2, 0) / shares.length);
  // A normal distribution held within 2.5 sd has sd 0.989.
  assertAlmostEquals(deviation, 0.0791, 0.004);
  for (const { outbound, inbound, floorSeconds } of paths) {
    assertAlmostEquals(outbound.delaySeconds + inbound.delaySeconds, floorSeconds, 1e-12);
    assertEquals(inbound.delaySeconds > 0 && outbound.delaySeconds > 0, true);
  }
});

const BARE: NetworkParameters = {
  ...NETWORKS.lan,
  asymmetry: 0,
  baseSeconds: [1e-3, 1.0000001e-3],
  outboundShare: [0.25, 0.25],
  stampMeanSeconds: 0,
  tail: { ...NETWORKS.lan.tail, probability: 0 },
};

Deno.test("a path's everyday jitter is lognormal and divided between the ways by the outbound share", () => {
  const [path] = drawPaths({ ...BARE, jitterMedianSeconds: 100e-6, jitterSigma: 1 }, 1, new Random(4));
  const out = sortedDelays(path!.outbound);
  // Median 100 µs × 2 × share; 84.13 % lie below e times that.
  assertAlmostEquals(quantile(out, 0.5), 1.050e-3, 2e-6);
  assertAlmostEquals(quantile(out, 0.8413), 1.1359e-3, 7e-6);
  assertAlmostEquals(quantile(sortedDelays(path!.inbound), 0.5), 1.150e-3, 6e-6);
});

Deno.test("a path's tail is Pareto: of the packets in it 2^-shape wait twice the least", () => {
  const tail = { probability: 0.5, leastSeconds: 10e-3, shape: 1.5 };
  const [path] = drawPaths({ ...BARE, jitterMedianSeconds: 0, tail }, 1, new Random(5));
  const waits = sortedDelays(path!.outbound).map((delay) => delay - 1e-3);
  const inTail = waits.filter((wait) => wait > 1e-6);
  assertAlmostEquals(inTail.length / DRAWS, 0.5, 0.015);
  assertEquals(inTail[0]! >= 4.999e-3, true);
  assertAlmostEquals(inTail.filter((wait) => wait > 10e-3).length / inTail.length, 0.3536, 0.02);
});

Deno.test("a bimodal link sends four packets in five the long way out and none the long way home", () => {
  const network = { ...BARE, jitterMedianSeconds: 0, secondWay: { probability: 0.8, extraSeconds: 2e-3 } };
  const [path] = drawPaths(network, 1, new Random(6));
  const out = sortedDelays(path!.outbound);
  assertAlmostEquals(out.filter((delay) => delay > 2.999e-3).length / DRAWS, 0.8, 0.012);
  assertAlmostEquals(out.filter((delay) => delay < 1.0001e-3).length / DRAWS, 0.105, 0.01);
  assertAlmostEquals(quantile(sortedDelays(path!.inbound), 0.9), 1e-3, 1e-8);
});

Deno.test("power save delays one answer in twenty by up to its longest sleep", () => {
  const network = { ...BARE, jitterMedianSeconds: 0, powerSave: { probability: 0.05, maxSeconds: 0.1 } };
  const [path] = drawPaths(network, 1, new Random(7));
  const home = sortedDelays(path!.inbound);
  assertAlmostEquals(home.filter((delay) => delay > 0.051).length / DRAWS, 0.025, 0.0045);
  assertEquals(home.at(-1)! < 0.12, true);
});

Deno.test("a path loses its share of the exchanges, on the way out", () => {
  const [path] = drawPaths({ ...BARE, lossProbability: 0.03 }, 1, new Random(8));
  const random = new Random(9);
  let lost = 0;
  for (let i = 0; i < 10_000; i++) if (drawDelaySeconds(path!.outbound, random) === null) lost++;
  assertAlmostEquals(lost, 300, 69);
  assertEquals(path!.inbound.lossProbability, undefined);
});
