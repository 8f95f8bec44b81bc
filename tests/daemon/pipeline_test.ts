import { assert, assertAlmostEquals, assertEquals, assertGreater, assertLess } from "@std/assert";
import type { Estimate } from "../../daemon/estimate/estimator.ts";
import { JointFilter } from "../../daemon/estimate/joint_filter.ts";
import type { Forecast, Forecaster } from "../../daemon/forecast/forecaster.ts";
import { Pipeline } from "../../daemon/pipeline.ts";
import type { Prediction } from "../../daemon/publish/prediction.ts";
import type { KernelClock } from "../../ffi/clocks.ts";
import { CorrectionSource, Flag, warmupPercent } from "../../record/layout.ts";
import { BASE, type ExchangeDescription, exchangeOf, rawNsAt } from "./exchange_of.ts";

type Options = ConstructorParameters<typeof Pipeline>[0];

const OPTIONS: Options = {
  warmupSeconds: 10,
  holdoverAfterSeconds: 5,
  horizonSeconds: 60,
  maxUncertaintySeconds: 0.01,
  sources: 1,
  settleSeconds: 0,
};

/** A kernel whose clock nobody disciplines. */
const LOOSE: KernelClock = {
  synchronized: false,
  maxErrorSeconds: 16,
  estimatedErrorSeconds: 16,
  frequency: 0,
  pendingLeap: 0,
  taiOffsetSeconds: 0,
};

/** One whose clock is disciplined to within 50 ms. */
const DISCIPLINED: KernelClock = {
  ...LOOSE,
  synchronized: true,
  maxErrorSeconds: 0.05,
  estimatedErrorSeconds: 0.001,
};

function pipelineOf(
  exchanges: readonly ExchangeDescription[],
  { options = {}, forecaster = null }: { options?: Partial<Options>; forecaster?: Forecaster | null } = {},
): Pipeline {
  const pipeline = new Pipeline({ ...OPTIONS, ...options }, BASE, forecaster);
  for (const exchange of exchanges) pipeline.add(exchangeOf(exchange));
  return pipeline;
}

function predictAt(pipeline: Pipeline, atSeconds: number, kernel = LOOSE): Prediction {
  return pipeline.predict(rawNsAt(atSeconds), kernel);
}

/** The names of the flags set, warm-up percentage apart. */
function flagsOf({ flags }: Prediction): string[] {
  return (Object.keys(Flag) as (keyof typeof Flag)[]).filter((name) => (flags & Flag[name]) !== 0).sort();
}

function intervalOf({ offsetSeconds, maxErrorSeconds }: Prediction): [number, number] {
  return [offsetSeconds - maxErrorSeconds, offsetSeconds + maxErrorSeconds];
}

Deno.test("Pipeline knows nothing before the first measurement where nobody disciplines the kernel's clock", () => {
  const prediction = predictAt(pipelineOf([]), 3);
  assertEquals(flagsOf(prediction), ["DEGRADED", "SYSTEM_CLOCK", "UNSYNCHRONIZED"]);
  const { scale, maxErrorSeconds, confidence, source, measurementCount, lastSyncUtcSeconds } = prediction;
  assertEquals([maxErrorSeconds, confidence], [Infinity, 0]);
  assertEquals([scale, source, measurementCount, lastSyncUtcSeconds], ["realtime", 0, 0, 0]);
  assertEquals(warmupPercent(prediction.flags), 0);
});

Deno.test("Pipeline serves the kernel's clock, with the kernel's bound, until something is measured", () => {
  const prediction = predictAt(pipelineOf([]), 3, DISCIPLINED);
  assertEquals(flagsOf(prediction), ["DEGRADED", "SYSTEM_CLOCK", "VALID"]);
  assertEquals([prediction.scale, prediction.offsetSeconds], ["realtime", 0]);
  assertEquals([prediction.maxErrorSeconds, prediction.source], [0.05, CorrectionSource.NO_DATA]);
  // An error anywhere within ± 50 ms has a standard deviation of 50/√3 ms, and is within 10 ms by erf(0.2449) = 27.1 %.
  assertAlmostEquals(prediction.offsetUncertaintySeconds, 0.028868, 1e-6);
  assertAlmostEquals(prediction.confidence, 0.271, 1e-3);
});

Deno.test("Pipeline does not believe a kernel that claims a maximum error of 0", () => {
  const prediction = predictAt(pipelineOf([]), 3, { ...DISCIPLINED, maxErrorSeconds: 0 });
  assertEquals(flagsOf(prediction), ["DEGRADED", "SYSTEM_CLOCK", "UNSYNCHRONIZED"]);
});

Deno.test("Pipeline misses nothing where the system clock is all that is configured", () => {
  const prediction = predictAt(pipelineOf([], { options: { sources: 0 } }), 3, DISCIPLINED);
  assertEquals(flagsOf(prediction), ["SYSTEM_CLOCK", "VALID", "WARMUP_COMPLETE"]);
  assertEquals(warmupPercent(prediction.flags), 100);
});

Deno.test("Pipeline is valid from the first exchange on, within half its round trip", () => {
  const pipeline = pipelineOf([{ atSeconds: 2, offsetSeconds: 0.025, delaySeconds: 4e-3 }]);
  const prediction = predictAt(pipeline, 2);
  assertEquals(flagsOf(prediction), ["NTP_READY", "VALID"]);
  assertEquals([prediction.scale, prediction.source], ["raw", CorrectionSource.NTP]);
  assertAlmostEquals(prediction.offsetSeconds, 0.025, 1e-9);
  // Half of 4 ms; 50 ppm of the 4 ms that the exchange took; 1 µs for reading clocks.
  assertAlmostEquals(prediction.maxErrorSeconds, 2e-3 + 0.2e-6 + 1e-6, 1e-9);
  assertEquals(prediction.measurementCount, 1);
  // The server answered half-way, by its own clock: 2026-05-04T00:00:00Z + 2 s − 2 ms + 25 ms.
  assertAlmostEquals(prediction.lastSyncUtcSeconds, 1_777_852_802.023, 1e-6);
  assertGreater(prediction.offsetUncertaintySeconds, 0);
  assertLess(prediction.offsetUncertaintySeconds, 2e-3);
  assertEquals(prediction.horizonSeconds, 60);
});

Deno.test("Pipeline adds what the server says of its own distance from the reference clock to the bound", () => {
  const distant = { rootDelaySeconds: 0.03, rootDispersionSeconds: 0.004, precisionSeconds: 0.001 };
  const near = predictAt(pipelineOf([{ atSeconds: 2 }]), 2).maxErrorSeconds;
  const far = predictAt(pipelineOf([{ atSeconds: 2, ...distant }]), 2).maxErrorSeconds;
  assertAlmostEquals(far - near, 0.015 + 0.004 + 0.001, 1e-9);
});

Deno.test("Pipeline counts the warm-up in percent from the first exchange", () => {
  const pipeline = pipelineOf([{ atSeconds: 100 }]);
  const percents = [100, 102.5, 105, 109.99, 110, 120].map((at) => {
    pipeline.add(exchangeOf({ atSeconds: at }));
    return warmupPercent(predictAt(pipeline, at).flags);
  });
  assertEquals(percents, [0, 25, 50, 99, 100, 100]);
  assertEquals(flagsOf(predictAt(pipeline, 120)), ["NTP_READY", "VALID", "WARMUP_COMPLETE"]);
});

Deno.test("Pipeline holds the last measurement over when the servers fall silent, in bounds that grow by 50 ppm", () => {
  const pipeline = pipelineOf([{ atSeconds: 0 }]);
  assert(!flagsOf(predictAt(pipeline, 5)).includes("HOLDOVER"));
  const early = predictAt(pipeline, 5.001);
  assertEquals(flagsOf(early), ["DEGRADED", "HOLDOVER", "NTP_READY", "VALID"]);
  const late = predictAt(pipeline, 1005.001);
  assertEquals(flagsOf(late), ["DEGRADED", "HOLDOVER", "NTP_READY", "VALID", "WARMUP_COMPLETE"]);
  assertAlmostEquals(late.maxErrorSeconds - early.maxErrorSeconds, 0.05, 1e-9);
  assertGreater(late.offsetUncertaintySeconds, early.offsetUncertaintySeconds);
  pipeline.add(exchangeOf({ atSeconds: 1006 }));
  assertEquals(flagsOf(predictAt(pipeline, 1006)), ["NTP_READY", "VALID", "WARMUP_COMPLETE"]);
});

Deno.test("Pipeline prefers the kernel's clock to a holdover whose bound has grown beyond the kernel's", () => {
  const pipeline = pipelineOf([{ atSeconds: 0 }]);
  const held = predictAt(pipeline, 900, DISCIPLINED); // 0.5 + 45 ms
  assertEquals([held.scale, flagsOf(held).includes("HOLDOVER")], ["raw", true]);
  const left = predictAt(pipeline, 1100, DISCIPLINED); // 0.5 + 55 ms
  assertEquals(flagsOf(left), ["DEGRADED", "NTP_READY", "SYSTEM_CLOCK", "VALID", "WARMUP_COMPLETE"]);
  assertEquals([left.scale, left.maxErrorSeconds], ["realtime", 0.05]);
});

Deno.test("Pipeline does not trade a measurement for the kernel's clock while servers answer", () => {
  const pipeline = pipelineOf([{ atSeconds: 0, delaySeconds: 0.5 }]);
  const prediction = predictAt(pipeline, 0, DISCIPLINED);
  assertEquals([prediction.scale, flagsOf(prediction)], ["raw", ["NTP_READY", "VALID"]]);
});

Deno.test("Pipeline flags a leap second that a majority announces, and allows for it around midnight", () => {
  const announced = (leap: 0 | 1, atSeconds: number) =>
    ["a", "b", "c"].map((source) => ({ source, atSeconds, leap: source === "c" ? 0 : leap } as const));
  const monthEnd = 28 * 86_400; // the base is 2026-05-04T00:00:00Z
  const calm = predictAt(pipelineOf(announced(0, monthEnd - 10)), monthEnd - 10);
  assert(!flagsOf(calm).includes("LEAP_PENDING"));
  const pending = predictAt(pipelineOf(announced(1, monthEnd - 10)), monthEnd - 10);
  assert(flagsOf(pending).includes("LEAP_PENDING"));
  assertEquals(pending.maxErrorSeconds, calm.maxErrorSeconds);
  const ambiguous = predictAt(pipelineOf(announced(1, monthEnd - 1)), monthEnd - 1);
  assertAlmostEquals(ambiguous.maxErrorSeconds - calm.maxErrorSeconds, 1, 1e-9);
});

Deno.test("Pipeline serves no valid time while a minority of the sources has answered, until they had time to", () => {
  const options = { sources: 4, settleSeconds: 2 };
  const answers = (count: number) =>
    ["liar", "b", "c"].slice(0, count).map((source) => ({ source, atSeconds: 0.1 } as const));
  const isValid = (count: number, atSeconds: number) =>
    flagsOf(predictAt(pipelineOf(answers(count), { options }), atSeconds)).includes("VALID");
  assertEquals([1, 2, 3].map((count) => isValid(count, 0.2)), [false, false, true]);
  assertEquals(isValid(1, 1.9), false);
  assertEquals(isValid(1, 2), true);
  assertEquals(predictAt(pipelineOf(answers(1), { options }), 0.2).confidence, 0);
});

Deno.test("Pipeline has no valid time after a disruption until the next exchange", () => {
  const pipeline = pipelineOf([{ atSeconds: 0 }, { atSeconds: 1 }]);
  pipeline.disrupt(rawNsAt(2), 7, "suspend");
  for (const kernel of [LOOSE, DISCIPLINED]) {
    const prediction = predictAt(pipeline, 2.5, kernel);
    assertEquals(flagsOf(prediction), [
      "DEGRADED",
      "DISRUPTED",
      "NTP_READY",
      "SYSTEM_CLOCK",
      "UNSYNCHRONIZED",
    ]);
    assertEquals([prediction.maxErrorSeconds, prediction.confidence], [Infinity, 0]);
    assertEquals(prediction.disruptionsSeen, 7);
  }
  pipeline.add(exchangeOf({ atSeconds: 3, offsetSeconds: 0.1 }));
  const recovered = predictAt(pipeline, 3);
  assertEquals(flagsOf(recovered), ["NTP_READY", "VALID"]);
  assertAlmostEquals(recovered.offsetSeconds, 0.1, 1e-6);
  assertEquals(recovered.disruptionsSeen, 7);
});

Deno.test("Pipeline flags a step that an answer shows until a fresh answer confirms it", () => {
  const pipeline = pipelineOf([0, 1, 2, 3].map((atSeconds) => ({ atSeconds })));
  assertEquals(pipeline.add(exchangeOf({ atSeconds: 4 })), false);
  assertEquals(pipeline.add(exchangeOf({ atSeconds: 5, offsetSeconds: 0.3 })), true);
  const stepped = predictAt(pipeline, 5);
  assertEquals(flagsOf(stepped), ["DISRUPTED", "NTP_READY"]);
  assertLess(stepped.maxErrorSeconds, 0.6e-3);
  assertEquals([stepped.confidence, pipeline.disruptions.clock_step], [0, 1]);
  // Anywhere in the one answer's interval of ± 0.5 ms: 1/√12 ms at least.
  assertGreater(stepped.offsetUncertaintySeconds, 0.288e-3);
  assertEquals(pipeline.add(exchangeOf({ atSeconds: 5.3, offsetSeconds: 0.3 })), false);
  const confirmed = predictAt(pipeline, 5.3);
  assertEquals(flagsOf(confirmed), ["NTP_READY", "VALID"]);
  assertAlmostEquals(confirmed.offsetSeconds, 0.3, 1e-6);
});

Deno.test("Pipeline keeps what it knows over a pause, and serves it once it is confirmed", () => {
  const steady = [0, 1, 2, 3].map((atSeconds) => ({ atSeconds }));
  const pipeline = pipelineOf(steady);
  pipeline.disrupt(rawNsAt(4), 1, "pause");
  assertEquals(flagsOf(predictAt(pipeline, 4)), ["DISRUPTED", "NTP_READY"]);
  assertEquals(predictAt(pipeline, 4).maxErrorSeconds, Infinity);
  pipeline.add(exchangeOf({ atSeconds: 4.5 }));
  const undisturbed = pipelineOf([...steady, { atSeconds: 4.5 }]);
  assertEquals(predictAt(pipeline, 5).offsetSeconds, predictAt(undisturbed, 5).offsetSeconds);
  assertEquals(flagsOf(predictAt(pipeline, 5)), ["NTP_READY", "VALID"]);
});

Deno.test("Pipeline counts how its intervals held, and widens sigma where they did not", () => {
  const restless = (spreadSeconds: number) => {
    const pipeline = pipelineOf([]);
    for (let at = 0; at < 300; at++) {
      const offsetSeconds = spreadSeconds * Math.sin(at / 3);
      pipeline.add(exchangeOf({ atSeconds: at, offsetSeconds, delaySeconds: 100e-6 }));
      predictAt(pipeline, at);
    }
    const { offsetVariance, biasVariance } = pipeline.estimator.estimateAt(299)!;
    const { offsetUncertaintySeconds } = predictAt(pipeline, 299);
    return { ...pipeline.honesty, offsetVariance, biasVariance, variance: offsetUncertaintySeconds ** 2 };
  };
  const [calm, wild] = [restless(0), restless(20e-6)];
  assertEquals(calm.scale, 1);
  // Never narrower than λ²·identifiable + bias.
  assertGreater(wild.variance, 0.999 * (wild.scale ** 2 * wild.offsetVariance + wild.biasVariance));
  assertEquals(calm.coverage.map(({ held }) => held), [299, 299, 299]);
  assertGreater(wild.scale, 1.2);
  assertGreater(wild.correctionSeconds!, calm.correctionSeconds!);
});

Deno.test("Pipeline takes no exchange for a recovery that began before the disruption", () => {
  const pipeline = pipelineOf([{ atSeconds: 0 }]);
  pipeline.disrupt(rawNsAt(2), 1, "suspend");
  pipeline.add(exchangeOf({ atSeconds: 2.4, delaySeconds: 0.5 }));
  assert(flagsOf(predictAt(pipeline, 2.5, DISCIPLINED)).includes("DISRUPTED"));
  assertEquals(pipeline.measurementCount, 1);
});

Deno.test("Pipeline leaves a disruption to whoever disciplines the kernel where it has no source of its own", () => {
  const pipeline = pipelineOf([], { options: { sources: 0 } });
  pipeline.disrupt(rawNsAt(2), 1, "suspend");
  assertEquals(flagsOf(predictAt(pipeline, 3, DISCIPLINED)), ["SYSTEM_CLOCK", "VALID", "WARMUP_COMPLETE"]);
});

/** A model that always says the same: how far the estimate is off, or nothing. */
function saying(
  offsetSeconds: number | null,
  source: CorrectionSource = CorrectionSource.FUSION,
): Forecaster {
  const forecast: Forecast | null = offsetSeconds === null
    ? null
    : { offsetSeconds, sigmaSeconds: 1e-6, source };
  const health = forecast === null ? "waiting" : "ready";
  return { follow: () => {}, attend: () => {}, forecast: () => forecast, health };
}

const STEADY: ExchangeDescription[] = [0, 1, 2, 3].map((atSeconds) => ({ atSeconds, offsetSeconds: 0.025 }));

Deno.test("Pipeline lets a model move the centre by what it says", () => {
  const alone = predictAt(pipelineOf(STEADY), 3);
  const moved = predictAt(pipelineOf(STEADY, { forecaster: saying(1e-6) }), 3);
  assertAlmostEquals(moved.offsetSeconds - alone.offsetSeconds, 1e-6, 1e-12);
  assertEquals([alone.source, moved.source], [CorrectionSource.NTP, CorrectionSource.FUSION]);
});

for (const offsetSeconds of [10, -10, Infinity, NaN]) {
  Deno.test(`Pipeline holds a model that says ${offsetSeconds} s within one sigma, and its bound where it was`, () => {
    const forecaster = saying(offsetSeconds);
    const alone = predictAt(pipelineOf(STEADY), 3);
    const moved = predictAt(pipelineOf(STEADY, { forecaster }), 3);
    const shift = moved.offsetSeconds - alone.offsetSeconds;
    assert(Math.abs(shift) <= alone.offsetUncertaintySeconds * (1 + 1e-9), `${shift}`);
    const [low, high] = intervalOf(moved);
    const [lowAlone, highAlone] = intervalOf(alone);
    assert(low <= lowAlone + 1e-12 && high >= highAlone - 1e-12);
    assert(moved.maxErrorSeconds < 2 * alone.maxErrorSeconds);
  });
}

Deno.test("Pipeline keeps a model inside a hard bound that is narrower than one sigma", () => {
  class UnsureFilter extends JointFilter {
    override estimateAt(atSeconds: number): Estimate | null {
      const estimate = super.estimateAt(atSeconds);
      return estimate && { ...estimate, offsetVariance: 1e-8 };
    }
  }
  const predict = (forecaster: Forecaster | null) => {
    const pipeline = new Pipeline(OPTIONS, BASE, forecaster, new UnsureFilter());
    for (const exchange of STEADY) pipeline.add(exchangeOf({ ...exchange, delaySeconds: 2e-6 }));
    return predictAt(pipeline, 3);
  };
  const [alone, moved] = [predict(null), predict(saying(1))];
  assertLess(alone.maxErrorSeconds, 1e-4);
  const [, high] = intervalOf(alone);
  assertAlmostEquals(moved.offsetSeconds, high, 1e-12);
  // What the bound pulled back is uncertain by as much.
  assertGreater(moved.offsetUncertaintySeconds, alone.offsetUncertaintySeconds);
});

Deno.test("Pipeline does without a model that has nothing to say", () => {
  const alone = predictAt(pipelineOf(STEADY), 3);
  assertEquals(predictAt(pipelineOf(STEADY, { forecaster: saying(null) }), 3), alone);
});

Deno.test("Pipeline widens the bound over servers that contradict each other, and says that it is degraded", () => {
  const pipeline = pipelineOf([
    { source: "a", atSeconds: 0, offsetSeconds: 0 },
    { source: "b", atSeconds: 0, offsetSeconds: 0.3 },
  ]);
  const prediction = predictAt(pipeline, 0);
  assert(flagsOf(prediction).includes("DEGRADED"));
  const [low, high] = intervalOf(prediction);
  assert(low <= -0.5e-3 && high >= 0.3005, `${low} … ${high}`);
  // The truth may be anywhere in 0.301 s: 0.301/√12.
  assertGreater(prediction.offsetUncertaintySeconds, 0.0868);
  assertLess(prediction.confidence, 0.2);
});

Deno.test("Pipeline keeps to the majority against a liar", () => {
  const round = (atSeconds: number) => [
    { source: "a", atSeconds },
    { source: "b", atSeconds },
    { source: "c", atSeconds },
    { source: "liar", atSeconds, offsetSeconds: 0.04 },
  ];
  const prediction = predictAt(pipelineOf([0, 1, 2].flatMap(round)), 2);
  assertEquals(flagsOf(prediction), ["NTP_READY", "VALID"]);
  assertAlmostEquals(prediction.offsetSeconds, 0, 1e-6);
  assertLess(prediction.maxErrorSeconds, 1e-3);
});

Deno.test("Pipeline flags a PTP hardware clock among the servers that tell the truth, and only there", () => {
  const phc = { source: "phc:/dev/ptp0", atSeconds: 0, delaySeconds: 2e-6 };
  const servers = ["a", "b", "c"].map((source) => ({ source, atSeconds: 0 }));
  assert(flagsOf(predictAt(pipelineOf([phc]), 0)).includes("PHC"));
  assert(flagsOf(predictAt(pipelineOf([...servers, phc]), 0)).includes("PHC"));
  const wrong = pipelineOf([...servers, { ...phc, offsetSeconds: 0.3 }]);
  assert(!flagsOf(predictAt(wrong, 0)).includes("PHC"));
});
