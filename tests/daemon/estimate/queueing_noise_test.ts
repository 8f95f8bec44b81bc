import { assertAlmostEquals, assertGreater, assertLess } from "@std/assert";
import { QueueingNoise } from "../../../daemon/estimate/queueing_noise.ts";
import { Random } from "../../../sim/random.ts";

const FLOOR_SECONDS = 1e-3;

function learned(share: number): QueueingNoise {
  const random = new Random(2);
  const noise = new QueueingNoise();
  for (let i = 0; i < 1000; i++) {
    const excess = random.exponential(0.2e-3);
    noise.notice(excess, FLOOR_SECONDS);
    noise.learn(excess, share * excess * (random.uniform() < 0.5 ? -1 : 1));
  }
  return noise;
}

Deno.test("QueueingNoise learns which share of its queueing a sample is off", () => {
  for (const share of [0.1, 0.3]) {
    const noise = learned(share);
    // At 0.3 ms, where nothing is rare: the share's square, and the part for what is rare on top.
    const sd = Math.sqrt(noise.variance(0.3e-3)) / 0.3e-3;
    assertGreater(sd, share);
    assertLess(sd, Math.sqrt(share ** 2 + 0.1) + 0.02);
  }
});

Deno.test("QueueingNoise never believes that queueing tells nothing, nor more than physics allows", () => {
  const sd = (noise: QueueingNoise) => Math.sqrt(noise.variance(10e-3)) / 10e-3;
  assertGreater(sd(learned(0)), 0.3); // 10 ms is rare where 0.2 ms is usual
  assertLess(sd(learned(0.7)), 0.56); // √(0.2 + 0.1)
});

Deno.test("QueueingNoise tells how finely the floor is known by the fifth least of the excesses", () => {
  const noise = new QueueingNoise();
  noise.notice(0, FLOOR_SECONDS);
  assertAlmostEquals(noise.grainSeconds, 2 * 0.05 * FLOOR_SECONDS / 3, 1e-12);
  for (let i = 1; i <= 99; i++) noise.notice(i * 1e-5, FLOOR_SECONDS);
  // 40 µs with the weight of 100 samples, 50 µs with that of 2.
  assertAlmostEquals(noise.grainSeconds, (100 * 4e-5 + 2 * 5e-5) / 102, 1e-12);
  assertAlmostEquals(noise.medianSeconds, 49e-5, 1e-12);
});

Deno.test("QueueingNoise forgets what it learned", () => {
  const noise = learned(0.3);
  noise.restart();
  const fresh = new QueueingNoise();
  for (const one of [noise, fresh]) one.notice(1e-4, FLOOR_SECONDS);
  assertAlmostEquals(noise.variance(1e-3), fresh.variance(1e-3), 1e-20);
});
