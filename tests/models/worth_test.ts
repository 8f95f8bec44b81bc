import { assertLess } from "@std/assert";
import type { Contender } from "../../bench/evaluate/contenders.ts";
import { type ModelFiles, ModelledContender } from "../../bench/evaluate/modelled_contender.ts";
import { pairedRatio } from "../../bench/evaluate/summary.ts";
import { scoreTrace } from "../../bench/evaluate/trace_score.ts";
import type { ModelRole } from "../../daemon/forecast/model_signature.ts";
import { runScenario } from "../../sim/world/run_scenario.ts";
import { type ScenarioName, SCENARIOS } from "../../sim/world/scenarios.ts";
import { zeroedWeights } from "./zeroed_weights.ts";

const FAMILIES: readonly ScenarioName[] = ["hpc_bimodal", "internet", "cloud"];
/** None of these seeds was trained on. */
const FIRST_HELD_OUT_SEED = 1000;
const TRACES = 16;
/** Often enough to see the error wander; every reading costs an inference. */
const READ_INTERVAL_SECONDS = 30;

/** The shipped models as they were before they learned, in `folder`. */
function zeroedModels(folder: string): ModelFiles {
  const zeroed = (role: ModelRole) => {
    const shipped = Deno.readFileSync(new URL(`../../models/${role}.onnx`, import.meta.url));
    const path = `${folder}/${role}.onnx`;
    Deno.writeFileSync(path, zeroedWeights(shipped, "together."));
    return path;
  };
  return { short_term: zeroed("short_term"), long_term: zeroed("long_term") };
}

/** How far the error wanders in each trace, s. */
function wanders(family: ScenarioName, { create }: Contender): number[] {
  const readIntervalSeconds = READ_INTERVAL_SECONDS;
  return Array.from({ length: TRACES }, (_, i) => {
    const settings = {
      scenario: SCENARIOS[family],
      seed: FIRST_HELD_OUT_SEED + i,
      create,
      readIntervalSeconds,
    };
    return scoreTrace([...runScenario(settings)], { standstillsAtSeconds: [], recoveredSeconds: 0 }).wander;
  });
}

Deno.test("without what the models learned the time wanders significantly more, in three families of unseen traces", async () => {
  const folder = Deno.makeTempDirSync({ prefix: "chronotick_zeroed_" });
  try {
    using shipped = await ModelledContender.start();
    using zeroed = await ModelledContender.start(zeroedModels(folder));
    for (const family of FAMILIES) {
      const { high } = pairedRatio(wanders(family, shipped), wanders(family, zeroed));
      assertLess(high, 1, `${family}: the upper end of the ratio's 95 % interval, trace by trace`);
    }
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});
