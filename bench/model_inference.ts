/**
 * How long the two models take.
 *
 * @module
 */
import { CHANNELS, GLOBALS } from "../daemon/forecast/features.ts";
import { Inference } from "../daemon/forecast/inference.ts";
import type { ModelRole } from "../daemon/forecast/model_signature.ts";
import type { BenchContext } from "./bench_context.ts";
import type { Group } from "./figure.ts";
import { median } from "./statistics.ts";

const MODELS: readonly { role: ModelRole; samples: number }[] = [
  { role: "short_term", samples: 100 },
  { role: "long_term", samples: 300 },
];
/** Until V8 has compiled what runs often. */
const WARMUP_QUESTIONS = 300;
const QUESTIONS = { usual: 2000, long: 20_000 };
const GOAL_MS = 0.5;

/** From a question to its answer in the models' own thread and back, one model after the other. */
export async function measureModels({ isLong, progress }: BenchContext): Promise<Group> {
  using inference = new Inference();
  for (const { role } of MODELS) {
    await inference.load(role, await Deno.readFile(new URL(`../models/${role}.onnx`, import.meta.url)));
  }
  const questions = isLong ? QUESTIONS.long : QUESTIONS.usual;
  progress.begin(`${questions} inferences of both models`);
  const durations = { short_term: [] as number[], long_term: [] as number[], both: [] as number[] };
  for (let question = -WARMUP_QUESTIONS; question < questions; question++) {
    const [short, long] = [await askMs(inference, MODELS[0]!), await askMs(inference, MODELS[1]!)];
    if (question < 0) continue;
    durations.short_term.push(short);
    durations.long_term.push(long);
    durations.both.push(short + long);
    if (question % 100 === 0) progress.advance(question / questions);
  }
  const figure = (name: keyof typeof durations, what: string) => ({
    name,
    what,
    value: median(durations[name]),
    unit: "ms",
  });
  return {
    name: "models",
    title: `one inference, from the question to the answer in another thread, median of ${questions}`,
    figures: [
      figure("short_term", "the short-term model"),
      figure("long_term", "the long-term model"),
      { ...figure("both", "both, one after the other"), goal: { of: "value", atMost: GOAL_MS } },
    ],
  };
}

async function askMs(
  inference: Inference,
  { role, samples }: { role: ModelRole; samples: number },
): Promise<number> {
  const inputs = {
    context: new Float32Array(samples * CHANNELS).fill(0.3),
    globals: new Float32Array(GLOBALS).fill(0.1),
  };
  const beganMs = performance.now();
  await new Promise<void>((resolve, reject) =>
    inference.ask(role, inputs, (answer) => {
      if ("fault" in answer) reject(new Error(`Cannot time the ${role} model: ${answer.fault}.`));
      else resolve();
    })
  );
  return performance.now() - beganMs;
}
