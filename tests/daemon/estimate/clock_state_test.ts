import { assert, assertAlmostEquals, assertEquals, assertGreater, assertLess } from "@std/assert";
import { ClockState } from "../../../daemon/estimate/clock_state.ts";
import { Random } from "../../../sim/random.ts";

const WALK = 2e-9;
const WHITE = 3e-9;
const DAY_SECONDS = 86_400;

/** The textbook's Kalman filter for offset and frequency (Bar-Shalom, Li and Kirubarajan, §5.2), all terms by hand. */
class Textbook {
  o = 0;
  f: number;
  oo = 1;
  of = 0;
  ff: number;

  constructor(frequency: number, variance: number) {
    this.f = frequency;
    this.ff = variance;
  }

  propagate(t: number): void {
    const { oo, of, ff } = this;
    this.o += t * this.f;
    this.oo = oo + 2 * t * of + t * t * ff + WALK ** 2 * t ** 3 / 3 + WHITE ** 2 * t;
    this.of = of + t * ff + WALK ** 2 * t * t / 2;
    this.ff = ff + WALK ** 2 * t;
  }

  correct(z: number, noise: number): void {
    const total = this.oo + noise, { oo, of } = this;
    const residual = z - this.o;
    this.o += oo / total * residual;
    this.f += of / total * residual;
    this.oo -= oo * oo / total;
    this.of -= of * oo / total;
    this.ff -= of * of / total;
  }
}

Deno.test("ClockState is the textbook's Kalman filter where a path has no bias and nothing queues", () => {
  const random = new Random(1);
  const state = new ClockState(WALK ** 2, 10e-6, (30e-6) ** 2);
  state.addPath({ variance: 1e-30, lifetimeSeconds: DAY_SECONDS });
  const textbook = new Textbook(10e-6, (30e-6) ** 2);
  const noise = (20e-6) ** 2;
  for (let poll = 0; poll < 200; poll++) {
    // Within a sigma: nothing is an outlier.
    const offsetSeconds = 12e-6 * 10 * poll + 20e-6 * (random.uniform() - 0.5);
    const observation = { slot: 0, offsetSeconds, excessSeconds: 0 };
    if (poll > 0) {
      state.propagate(10);
      textbook.propagate(10);
    }
    if (poll === 0) state.anchor(observation, noise);
    else state.correct(observation, noise, false);
    textbook.correct(offsetSeconds, noise);
    const { offsetSeconds: o, frequency, offsetVariance, covariance, frequencyVariance } = state.moments();
    assertAlmostEquals(o, textbook.o, 1e-10);
    assertAlmostEquals(frequency, textbook.f, 1e-12);
    assertAlmostEquals(offsetVariance / textbook.oo, 1, 1e-6);
    if (poll > 0) assertAlmostEquals(covariance / textbook.of, 1, 1e-5);
    assertAlmostEquals(frequencyVariance / textbook.ff, 1, 1e-6);
  }
});

Deno.test("ClockState averages the biases of two paths by what is known of them, and says what they leave open", () => {
  const state = new ClockState(WALK ** 2, 0, 1e-20);
  state.addPath({ variance: (100e-6) ** 2, lifetimeSeconds: 1e12 });
  state.addPath({ variance: (200e-6) ** 2, lifetimeSeconds: 1e12 });
  state.anchor({ slot: 0, offsetSeconds: 1, excessSeconds: 0 }, 1e-18);
  state.correct({ slot: 1, offsetSeconds: 1 + 250e-6, excessSeconds: 0 }, 1e-18, false);
  // Inverse variances weigh 4 to 1; variance 1/(1/100² + 1/200²).
  const { offsetSeconds, offsetVariance, biasVariance } = state.moments();
  assertAlmostEquals(offsetSeconds, 1 + 50e-6, 1e-9);
  assertAlmostEquals(Math.sqrt(biasVariance), 89.4427e-6, 1e-9);
  assertAlmostEquals(Math.sqrt(offsetVariance), 89.4427e-6, 1e-9);
  assertAlmostEquals(state.bias(0), -50e-6, 1e-9);
  assertAlmostEquals(state.bias(1), 200e-6, 1e-9);
  assertAlmostEquals(state.offsetCovariance(0), -((89.4427e-6) ** 2), 1e-13);
});

Deno.test("ClockState learns from an isolated sample about its path, and nothing about the clock", () => {
  const state = new ClockState(WALK ** 2, 0, 1e-16);
  for (let slot = 0; slot < 2; slot++) state.addPath({ variance: 1e-8, lifetimeSeconds: 1e12 });
  state.anchor({ slot: 0, offsetSeconds: 1, excessSeconds: 0 }, 1e-12);
  const before = state.moments();
  state.correct({ slot: 1, offsetSeconds: 1.0001, excessSeconds: 0 }, 1e-12, true);
  assertEquals(state.moments().offsetSeconds, before.offsetSeconds);
  assertAlmostEquals(state.moments().offsetVariance, before.offsetVariance, 1e-20);
  assertGreater(state.bias(1), 40e-6);
});

Deno.test("ClockState.forgetPath() leaves a path its prior, as if it had never spoken", () => {
  const state = new ClockState(WALK ** 2, 0, 1e-16);
  for (let slot = 0; slot < 2; slot++) state.addPath({ variance: 1e-8, lifetimeSeconds: 1e12 });
  state.anchor({ slot: 0, offsetSeconds: 1, excessSeconds: 0 }, 1e-12);
  state.correct({ slot: 1, offsetSeconds: 1.0001, excessSeconds: 0 }, 1e-12, true);
  state.forgetPath(1, { variance: 4e-8, lifetimeSeconds: 1e12 });
  assertEquals([state.bias(1), state.offsetCovariance(1)], [0, 0]);
  const { variance } = state.innovation({ slot: 1, offsetSeconds: 1, excessSeconds: 0 });
  assertAlmostEquals(variance, state.moments().offsetVariance + 4e-8, 1e-15);
});

Deno.test("ClockState learns that a path queues on one way only, and corrects by it", () => {
  const random = new Random(5);
  const state = new ClockState(WALK ** 2, 0, 1e-20);
  state.addPath({ variance: 1e-14, lifetimeSeconds: 1e12 });
  state.anchor({ slot: 0, offsetSeconds: 0, excessSeconds: 0 }, 1e-12);
  for (let poll = 0; poll < 300; poll++) {
    const excessSeconds = 1e-3 * random.uniform();
    state.correct({ slot: 0, offsetSeconds: 0.4 * excessSeconds, excessSeconds }, (20e-6) ** 2, false);
  }
  const { residualSeconds } = state.innovation({ slot: 0, offsetSeconds: 0.4e-3, excessSeconds: 1e-3 });
  assertLess(Math.abs(residualSeconds), 10e-6);
});

Deno.test("ClockState lets an outlier move it by less than its textbook gain would", () => {
  const moved = (sigmas: number) => {
    const state = new ClockState(WALK ** 2, 0, 1e-20);
    state.addPath({ variance: 1e-30, lifetimeSeconds: DAY_SECONDS });
    state.anchor({ slot: 0, offsetSeconds: 0, excessSeconds: 0 }, 1e-10);
    state.correct({ slot: 0, offsetSeconds: sigmas * Math.sqrt(2) * 1e-5, excessSeconds: 0 }, 1e-10, false);
    return state.moments().offsetSeconds / (sigmas * Math.sqrt(2) * 1e-5);
  };
  assertAlmostEquals(moved(1), 0.5, 1e-6);
  // At 10 sigmas the noise is taken for (4 + 100)/5 times as large: a gain of 1/(1 + 20.8).
  assertAlmostEquals(moved(10), 1 / 21.8, 1e-4);
});

Deno.test("ClockState stays symmetric enough to keep its variances positive through twenty thousand samples", () => {
  const random = new Random(9);
  const state = new ClockState(WALK ** 2, 0, 1e-9);
  for (let slot = 0; slot < 4; slot++) state.addPath({ variance: 1e-7, lifetimeSeconds: DAY_SECONDS });
  state.anchor({ slot: 0, offsetSeconds: 0, excessSeconds: 0 }, 1e-12);
  for (let poll = 0; poll < 20_000; poll++) {
    const magnitude = 10 ** (-9 + 8 * random.uniform());
    state.propagate(poll % 1000 === 0 ? 4000 : 0.01);
    const observation = {
      slot: poll % 4,
      offsetSeconds: magnitude * random.normal(),
      excessSeconds: 10 ** (-7 + 6 * random.uniform()),
    };
    state.correct(observation, 10 ** (-14 + 10 * random.uniform()), poll % 7 === 0);
    assert(state.isSound, `poll ${poll}`);
  }
});

Deno.test("ClockState knows when it has come to nonsense", () => {
  const state = new ClockState(WALK ** 2, 0, 1e-9);
  state.addPath({ variance: 1e-7, lifetimeSeconds: DAY_SECONDS });
  state.anchor({ slot: 0, offsetSeconds: 0, excessSeconds: 0 }, 1e-12);
  assertEquals(state.isSound, true);
  state.correct({ slot: 0, offsetSeconds: NaN, excessSeconds: 0 }, 1e-12, false);
  assertEquals(state.isSound, false);
});
