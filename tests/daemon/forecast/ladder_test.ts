import { assert, assertEquals } from "@std/assert";
import type { Config } from "../../../daemon/config.ts";
import { ModelHost } from "../../../daemon/forecast/model_host.ts";
import { Pipeline } from "../../../daemon/pipeline.ts";
import { CorrectionSource, Flag } from "../../../record/layout.ts";
import type { KernelClock } from "../../../ffi/clocks.ts";
import { BASE, exchangeOf, rawNsAt } from "../exchange_of.ts";

const KERNEL: KernelClock = {
  synchronized: false,
  maxErrorSeconds: 16,
  estimatedErrorSeconds: 16,
  frequency: 0,
  pendingLeap: 0,
  taiOffsetSeconds: 0,
};
const FIRST_AT = 10;

/** The short-term model is `short`, the long-term one, if any, the general forecaster `long`. */
function models(short: string, long: string | null = null): Config["models"] {
  const pathOf = (name: string) =>
    decodeURIComponent(new URL(`models/${name}.onnx`, import.meta.url).pathname);
  return {
    enabled: true,
    shortTerm: {
      enabled: true,
      path: pathOf(short),
      intervalSeconds: 1,
      horizonSeconds: 5,
      contextLength: 100,
    },
    longTerm: {
      enabled: long !== null,
      path: long && pathOf(long),
      intervalSeconds: 30,
      horizonSeconds: 60,
      contextLength: 16,
    },
  };
}

/** A pipeline that has measured ten times, once a second, and what its models' trouble is, as it is told. */
async function scene(config: Config["models"]) {
  const host = (await ModelHost.start(config))!;
  const troubles: string[] = [];
  const told = Promise.withResolvers<void>();
  const forecaster = host.createForecaster((role, trouble) => {
    troubles.push(`${role}: ${trouble}`);
    told.resolve();
  });
  const options = {
    warmupSeconds: 0,
    holdoverAfterSeconds: 60,
    horizonSeconds: 60,
    maxUncertaintySeconds: 0.01,
    sources: 1,
    settleSeconds: 0,
  };
  const pipeline = new Pipeline(options, BASE, forecaster);
  for (let at = 1; at <= FIRST_AT; at++) pipeline.add(exchangeOf({ atSeconds: at, offsetSeconds: 500e-6 }));
  const predict = (at: number) => pipeline.predict(rawNsAt(at), KERNEL);
  return { host, predict, troubles, told: told.promise };
}

/** Until the models have answered: they run in a thread of their own. */
async function until(condition: () => boolean): Promise<void> {
  const LONGEST_MS = 20_000;
  for (const start = performance.now(); !condition();) {
    assert(performance.now() - start < LONGEST_MS, "the models do not answer");
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

Deno.test("the pipeline is moved by two models that answer, and says that they are ready", async () => {
  const { host, predict, troubles } = await scene(models("steady", "trend"));
  using _ = host;
  predict(11);
  await until(() => predict(11).source === CorrectionSource.FUSION);
  const { flags } = predict(11);
  assertEquals([flags & Flag.MODELS_READY, flags & Flag.DEGRADED], [Flag.MODELS_READY, 0]);
  assertEquals(troubles, []);
});

Deno.test("the pipeline goes on without a model that answers NaN, degraded, and it is said once", async () => {
  const { host, predict, troubles, told } = await scene(models("nan"));
  using _ = host;
  predict(11);
  await told;
  for (let at = 12; at < 15; at++) {
    const { source, flags } = predict(at);
    assertEquals(source, CorrectionSource.NTP);
    assertEquals(flags & (Flag.VALID | Flag.DEGRADED | Flag.MODELS_READY), Flag.VALID | Flag.DEGRADED);
  }
  assertEquals(troubles, ["short_term: it answers with what is no number"]);
});

Deno.test("the pipeline never waits for a model that hangs, and the other one takes over", async () => {
  const { host, predict, troubles } = await scene(models("slow", "trend"));
  using _ = host;
  const start = performance.now();
  for (let at = 11; at <= 14; at++) {
    const { source, flags } = predict(at);
    assertEquals(source, CorrectionSource.NTP);
    assert((flags & Flag.VALID) !== 0);
  }
  assert(performance.now() - start < 1000, "four predictions at once");
  assert(troubles.includes("short_term: it takes longer than 1 s to answer"));
  // By 14 s the slow one was given up; from the next question on the other one answers from a new thread.
  let at = 44;
  await until(() => predict(at += 0.001).source === CorrectionSource.GPU_MODEL);
  assertEquals(predict(at).flags & (Flag.VALID | Flag.DEGRADED), Flag.VALID | Flag.DEGRADED);
});
