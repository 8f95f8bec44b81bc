import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import type { Estimate } from "../../../daemon/estimate/estimator.ts";
import { JointFilter } from "../../../daemon/estimate/joint_filter.ts";
import type { Answer, Infer } from "../../../daemon/forecast/infer.ts";
import type { ModelAdapter } from "../../../daemon/forecast/model_adapter.ts";
import { ModelForecaster } from "../../../daemon/forecast/model_forecaster.ts";
import type { ModelRole } from "../../../daemon/forecast/model_signature.ts";
import { CorrectionSource } from "../../../record/layout.ts";

/** Answers when it is told to. */
class Puppet implements Infer {
  readonly waiting = new Map<ModelRole, (answer: Answer) => void>();
  readonly asked: ModelRole[] = [];
  readonly givenUp: ModelRole[] = [];

  ask(
    role: ModelRole,
    _inputs: Readonly<Record<string, Float32Array>>,
    answered: (answer: Answer) => void,
  ): void {
    this.asked.push(role);
    this.waiting.set(role, answered);
  }

  giveUp(role: ModelRole): void {
    this.givenUp.push(role);
    this.waiting.delete(role);
  }

  /** The residual, in s, for all times. */
  answer(role: ModelRole, residualSeconds: number): void {
    const answered = this.waiting.get(role)!;
    this.waiting.delete(role);
    answered({ output: Float32Array.of(residualSeconds) });
  }
}

/** Asks for nothing, and takes the answer for a residual with a sigma of 1 ms. */
const PLAIN: ModelAdapter = {
  ask: ({ estimate }) => ({
    inputs: {},
    interpret: (output) => ({
      estimate,
      horizonsSeconds: [0],
      residualsSeconds: [output[0]!],
      sigmasSeconds: [1e-3],
    }),
  }),
};

function steadyEstimator(): JointFilter {
  const estimator = new JointFilter();
  for (let at = 1; at <= 10; at++) {
    estimator.add({
      source: "a",
      atSeconds: at,
      offsetSeconds: 1,
      delaySeconds: 1e-3,
      rootDistanceSeconds: 1e-3,
    });
  }
  return estimator;
}

function scene() {
  const puppet = new Puppet();
  const reports: string[] = [];
  const forecaster = new ModelForecaster(2, puppet, (role, trouble) => reports.push(`${role}: ${trouble}`));
  forecaster.equip({ role: "short_term", adapter: PLAIN, intervalSeconds: 1, horizonSeconds: 5 });
  forecaster.equip({ role: "long_term", adapter: PLAIN, intervalSeconds: 30, horizonSeconds: 60 });
  const estimator = steadyEstimator();
  forecaster.follow(estimator);
  const attend = (at: number) => forecaster.attend(estimator, at);
  const forecast = (at: number) => forecaster.forecast(estimator.estimateAt(at) as Estimate);
  return { puppet, reports, forecaster, estimator, attend, forecast };
}

Deno.test("ModelForecaster asks each model at its interval, and none before it has answered", () => {
  const { puppet, attend } = scene();
  attend(11);
  attend(11.5);
  assertEquals(puppet.asked, ["short_term", "long_term"]);
  puppet.answer("short_term", 0);
  puppet.answer("long_term", 0);
  attend(11.9);
  assertEquals(puppet.asked.length, 2);
  attend(12);
  assertEquals(puppet.asked, ["short_term", "long_term", "short_term"]);
});

Deno.test("ModelForecaster climbs the ladder with each model that answers", () => {
  const { puppet, forecaster, attend, forecast } = scene();
  attend(11);
  assertEquals(forecast(11), null);
  assertEquals(forecaster.health, "waiting");
  puppet.answer("long_term", 2e-6);
  assertEquals(forecast(11)!.source, CorrectionSource.GPU_MODEL);
  puppet.answer("short_term", 4e-6);
  assertEquals(forecast(11)!.source, CorrectionSource.FUSION);
  // Equal sigmas: the mean of 2 and 4 µs.
  assertAlmostEquals(forecast(11)!.offsetSeconds, 3e-6, 1e-12);
  assertEquals(forecaster.health, "ready");
});

Deno.test("ModelForecaster uses an answer for its interval and horizon and not longer", () => {
  const { puppet, attend, forecast } = scene();
  attend(11);
  puppet.answer("short_term", 4e-6);
  puppet.answer("long_term", 2e-6);
  assertEquals(forecast(17)!.source, CorrectionSource.FUSION); // 1 + 5 s
  assertEquals(forecast(17.1)!.source, CorrectionSource.GPU_MODEL);
  assertEquals(forecast(101)!.source, CorrectionSource.GPU_MODEL); // 30 + 60 s
  assertEquals(forecast(101.1), null);
});

Deno.test("ModelForecaster drops a rung while a model answers NaN, and says so once", () => {
  const { puppet, reports, forecaster, attend, forecast } = scene();
  attend(11);
  puppet.answer("long_term", 2e-6);
  for (let at = 12; at < 15; at++) {
    puppet.answer("short_term", NaN);
    attend(at);
  }
  assertEquals(forecast(15)!.source, CorrectionSource.GPU_MODEL);
  assertEquals(forecaster.health, "failing");
  puppet.answer("short_term", 1e-6);
  assertEquals(forecast(15)!.source, CorrectionSource.FUSION);
  assertEquals(forecaster.health, "ready");
  assertEquals(reports, ["short_term: it answers with what is no number", "short_term: null"]);
});

Deno.test("ModelForecaster does not use a late answer, and gives a model up after three missed deadlines", () => {
  const { puppet, reports, forecaster, attend, forecast } = scene();
  attend(11);
  puppet.answer("long_term", 2e-6);
  attend(12); // the first deadline passes
  assertEquals(forecaster.health, "failing");
  assertEquals(puppet.givenUp, []);
  puppet.answer("short_term", 1e-6);
  assertEquals(forecast(12)!.source, CorrectionSource.GPU_MODEL);
  attend(12.5); // asked again, as if nothing had happened
  assertEquals(puppet.asked.filter((role) => role === "short_term").length, 2);
  attend(13.5);
  attend(14.5);
  assertEquals(puppet.givenUp, ["short_term"]);
  attend(50);
  assertEquals(puppet.asked.filter((role) => role === "short_term").length, 2);
  assertEquals(reports, ["short_term: it takes longer than 1 s to answer"]);
});

Deno.test("ModelForecaster forgets what was said before a disruption, and what was asked then", () => {
  const { puppet, forecaster, estimator, attend, forecast } = scene();
  attend(11);
  puppet.answer("long_term", 2e-6);
  estimator.disrupt(12);
  forecaster.follow(estimator);
  puppet.answer("short_term", 4e-6);
  for (let at = 13; at < 16; at++) {
    estimator.add({
      source: "a",
      atSeconds: at,
      offsetSeconds: 5,
      delaySeconds: 1e-3,
      rootDistanceSeconds: 1e-3,
    });
  }
  assertEquals(forecast(16), null);
});

Deno.test("ModelForecaster without one of its models is failing from the start", () => {
  const reports: string[] = [];
  const forecaster = new ModelForecaster(
    1,
    new Puppet(),
    (role, trouble) => reports.push(`${role}: ${trouble}`),
  );
  forecaster.lack("long_term", "there is no such file");
  assertEquals(forecaster.health, "failing");
  assert(reports[0] === "long_term: there is no such file");
});

Deno.test("ModelForecaster says who speaks with what weight, and why the other is silent", () => {
  const { puppet, forecaster, attend } = scene();
  attend(11);
  const waiting = { state: "waiting", trouble: null, weight: 0, answerAgeSeconds: null } as const;
  assertEquals(forecaster.standings(11), [{ role: "short_term", ...waiting }, {
    role: "long_term",
    ...waiting,
  }]);
  puppet.answer("short_term", 4e-6);
  puppet.answer("long_term", 2e-6);
  // Equal sigmas.
  assertEquals(
    forecaster.standings(13).map(({ state, weight, answerAgeSeconds }) => [state, weight, answerAgeSeconds]),
    [["speaking", 0.5, 2], ["speaking", 0.5, 2]],
  );
  attend(12);
  puppet.answer("short_term", NaN);
  assertEquals(forecaster.standings(12), [
    {
      role: "short_term",
      state: "silent",
      trouble: "it answers with what is no number",
      weight: 0,
      answerAgeSeconds: null,
    },
    { role: "long_term", state: "speaking", trouble: null, weight: 1, answerAgeSeconds: 1 },
  ]);
});
