import { assert, assertAlmostEquals, assertEquals, assertLess } from "@std/assert";
import { JointModel, UNKNOWN_FREQUENCY } from "../../../daemon/estimate/joint_model.ts";
import type { Sample } from "../../../daemon/estimate/sample.ts";

function sample(source: string, atSeconds: number, offsetSeconds: number, delaySeconds = 2e-3): Sample {
  return { source, atSeconds, offsetSeconds, delaySeconds, rootDistanceSeconds: 1e-4 };
}

function learn(model: JointModel, one: Sample): void {
  model.take(model.hear(one), [one]);
}

Deno.test("JointModel measures the first round trip against the floor that an earlier run knew", () => {
  const fresh = new JointModel(UNKNOWN_FREQUENCY);
  const informed = new JointModel(UNKNOWN_FREQUENCY, new Map([["a", 2e-3]]));
  const late = sample("a", 0, 0, 12e-3);
  for (const model of [fresh, informed]) learn(model, late);
  assertEquals(informed.find("a")!.excessSeconds(12e-3), 0.01);
  assertEquals(fresh.find("a")!.excessSeconds(12e-3), 0);
  // 10 ms of queueing on one way only would be an offset of 5 ms: who knows the floor says that it may be.
  const sigma = (model: JointModel) => Math.sqrt(model.estimate()!.offsetVariance);
  assert(sigma(informed) > 2e-3 && sigma(fresh) < 1e-3, `${sigma(informed)}, ${sigma(fresh)}`);
});

Deno.test("JointModel thinks again of what queued once the floor is known", () => {
  const model = new JointModel(UNKNOWN_FREQUENCY);
  // All queue for 6 ms on the way out, so they are 3 ms off; then one does not queue at all.
  for (let i = 0; i < 10; i++) learn(model, sample("a", i, 3e-3, 8e-3));
  assertAlmostEquals(model.estimate()!.offsetSeconds, 3e-3, 1e-6);
  learn(model, sample("a", 10, 0, 2e-3));
  assertLess(Math.abs(model.estimate()!.offsetSeconds), 1e-3);
});

Deno.test("JointModel takes a late answer as if it had come in time", () => {
  const offsets = [0, 20e-6, -10e-6, 5e-6, 0, 15e-6];
  const samples = offsets.map((offset, i) => sample("ab"[i % 2]!, i, offset));
  const [inTime, late] = [new JointModel(UNKNOWN_FREQUENCY), new JointModel(UNKNOWN_FREQUENCY)];
  for (const one of samples) learn(inTime, one);
  for (const i of [0, 1, 2, 4, 3, 5]) learn(late, samples[i]!);
  const { offsetSeconds, offsetVariance, biasVariance } = inTime.estimate()!;
  const tolerance = 0.1 * Math.sqrt(offsetVariance + biasVariance);
  assertAlmostEquals(late.estimate()!.offsetSeconds, offsetSeconds, tolerance);
});

Deno.test("JointModel forgets that an excluded server ever spoke", () => {
  const [all, honest] = [new JointModel(UNKNOWN_FREQUENCY), new JointModel(UNKNOWN_FREQUENCY)];
  for (let i = 0; i < 20; i++) {
    learn(all, sample("liar", i, 10e-3));
    for (const model of [all, honest]) learn(model, sample("a", i + 0.5, 0));
  }
  all.exclude(all.find("liar")!);
  assertAlmostEquals(all.estimate()!.offsetSeconds, honest.estimate()!.offsetSeconds, 1e-9);
});

Deno.test("JointModel begins anew when nothing it has can be used", () => {
  const model = new JointModel(UNKNOWN_FREQUENCY);
  for (let i = 0; i < 5; i++) learn(model, sample("a", i, 0));
  learn(model, sample("a", 5, NaN));
  assertEquals(model.estimate(), null);
  learn(model, sample("a", 6, 40e-6));
  assertAlmostEquals(model.estimate()!.offsetSeconds, 40e-6, 1e-9);
});

Deno.test("JointModel keeps no more than sixteen paths, the ones last heard of", () => {
  const model = new JointModel(UNKNOWN_FREQUENCY);
  for (let i = 0; i < 40; i++) learn(model, sample(`s${i}`, i, 0));
  assertEquals(model.paths.map(({ source }) => source), Array.from({ length: 16 }, (_, i) => `s${i + 24}`));
});
