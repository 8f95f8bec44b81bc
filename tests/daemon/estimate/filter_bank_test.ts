import { assertAlmostEquals, assertEquals, assertGreater, assertLess } from "@std/assert";
import { FilterBank } from "../../../daemon/estimate/filter_bank.ts";
import { Random } from "../../../sim/random.ts";

const PRIOR = { frequency: 0, variance: (30e-6) ** 2 };
const NOISE = (5e-6) ** 2;

/** A bank that followed a clock whose frequency walks with level `walk` for `polls` times 10 s. */
function followed(walk: number, polls: number): FilterBank {
  const random = new Random(4);
  const bank = new FilterBank(PRIOR);
  bank.addPath({ variance: 1e-30, lifetimeSeconds: 1e12 });
  let offset = 0, frequency = 5e-6;
  for (let poll = 0; poll < polls; poll++) {
    const observation = { slot: 0, offsetSeconds: offset + 5e-6 * random.normal(), excessSeconds: 0 };
    bank.propagateTo(10 * poll);
    if (poll === 0) bank.anchor(observation, NOISE);
    else bank.correct(observation, NOISE, false, 1);
    offset += 10 * frequency;
    frequency += walk * Math.sqrt(10) * random.normal();
  }
  return bank;
}

Deno.test("FilterBank finds out how restless the oscillator is", () => {
  const quiet = Math.sqrt(followed(0.5e-9, 200).estimate().randomWalkVariance);
  const heated = Math.sqrt(followed(60e-9, 200).estimate().randomWalkVariance);
  assertLess(quiet, 4e-9);
  assertGreater(heated, 30e-9);
});

Deno.test("FilterBank knows the frequency of a quiet clock to a fraction of a ppb per poll, and no better than it says", () => {
  const { frequency, frequencyVariance } = followed(0, 200).estimate();
  assertAlmostEquals(frequency, 5e-6, 3 * Math.sqrt(frequencyVariance));
  assertLess(Math.sqrt(frequencyVariance), 20e-9);
});

Deno.test("FilterBank passes over times that are past", () => {
  const bank = followed(0, 20);
  const before = bank.estimate();
  bank.propagateTo(5);
  assertEquals(bank.estimate(), before);
});

Deno.test("FilterBank loses the offset after a step, and keeps what it knew of the frequency", () => {
  const bank = followed(0, 100);
  const before = bank.estimate();
  bank.forgetOffset((10e-6) ** 2);
  assertEquals(bank.isAnchored, false);
  bank.propagateTo(2000);
  bank.anchor({ slot: 0, offsetSeconds: 7, excessSeconds: 0 }, NOISE);
  const { offsetSeconds, frequency, frequencyVariance } = bank.estimate();
  assertAlmostEquals(offsetSeconds, 7, 1e-9);
  assertAlmostEquals(frequency, before.frequency, 1e-12);
  assertAlmostEquals(frequencyVariance, before.frequencyVariance + (10e-6) ** 2, 1e-14);
});

Deno.test("FilterBank says so when none of its hypotheses can be used any more", () => {
  const bank = followed(0, 10);
  assertEquals(bank.isSound, true);
  bank.correct({ slot: 0, offsetSeconds: NaN, excessSeconds: 0 }, NOISE, false, 1);
  assertEquals(bank.isSound, false);
});
