import { assert, assertEquals, assertInstanceOf, assertRejects, assertStringIncludes } from "@std/assert";
import type { Config } from "../../../daemon/config.ts";
import type { Answer } from "../../../daemon/forecast/infer.ts";
import { Inference } from "../../../daemon/forecast/inference.ts";
import { ModelError, ModelHost } from "../../../daemon/forecast/model_host.ts";

const CONTEXT = new Float32Array(500);
const GLOBALS = new Float32Array(8);
const INPUTS = { context: CONTEXT, globals: GLOBALS };

function pathOf(name: string): string {
  return decodeURIComponent(new URL(`models/${name}.onnx`, import.meta.url).pathname);
}

function ask(inference: Inference): Promise<Answer> {
  return new Promise((resolve) => inference.ask("short_term", INPUTS, resolve));
}

/** Only the short-term model, which is `name`. */
function only(name: string): Config["models"] {
  return {
    enabled: true,
    shortTerm: {
      enabled: true,
      path: pathOf(name),
      intervalSeconds: 1,
      horizonSeconds: 5,
      contextLength: 100,
    },
    longTerm: { enabled: false, path: null, intervalSeconds: 30, horizonSeconds: 60, contextLength: 300 },
  };
}

Deno.test("Inference loads a model by its bytes, tells its signature and runs it", async () => {
  using inference = new Inference();
  const signature = await inference.load("short_term", Deno.readFileSync(pathOf("steady")));
  assertEquals(signature, {
    inputs: [
      { name: "context", type: "float32", shape: [1, 100, 5] },
      { name: "globals", type: "float32", shape: [1, 8] },
    ],
    outputs: [{ name: "quantiles", type: "float32", shape: [1, 4, 9] }],
  });
  const answer = await ask(inference);
  assert("output" in answer);
  // What make_models.py put in: 0.5 + k/4, k = −4 … 4, for each of four horizons.
  const row = [-0.5, -0.25, 0, 0.25, 0.5, 0.75, 1, 1.25, 1.5];
  assertEquals([...answer.output], [...row, ...row, ...row, ...row]);
});

Deno.test("Inference answers a simulator at once", async () => {
  using inference = new Inference();
  await inference.load("short_term", Deno.readFileSync(pathOf("steady")));
  let answer: Answer | null = null;
  inference.blocking().ask("short_term", INPUTS, (given) => answer = given);
  assertEquals((answer as { output: Float32Array } | null)?.output[4], 0.5);
});

Deno.test("Inference says what is wrong with a question, and goes on", async () => {
  using inference = new Inference();
  await inference.load("short_term", Deno.readFileSync(pathOf("steady")));
  const wrong = await new Promise<Answer>((resolve) =>
    inference.ask("short_term", { context: new Float32Array(4), globals: GLOBALS }, resolve)
  );
  assert("fault" in wrong);
  assert("output" in await ask(inference));
});

Deno.test("Inference.giveUp() ends a model that hangs, and the others answer again", async () => {
  using inference = new Inference();
  await inference.load("long_term", Deno.readFileSync(pathOf("slow")));
  await inference.load("short_term", Deno.readFileSync(pathOf("steady")));
  const hanging = new Promise<Answer>((resolve) => inference.ask("long_term", INPUTS, resolve));
  const behind = ask(inference);
  inference.giveUp("long_term");
  assert("fault" in await hanging);
  assert("fault" in await behind);
  assert("output" in await ask(inference));
});

Deno.test("ModelHost refuses a model of another shape and says which it expects", async () => {
  const error = await assertRejects(() => ModelHost.start(only("wrong_shape")), ModelError);
  assertInstanceOf(error, ModelError);
  assertStringIncludes(error.message, `Cannot use ${pathOf("wrong_shape")} as the short-term model:`);
  assertStringIncludes(error.message, "context float32[1,50,5]");
  assertStringIncludes(error.message, "Expected: context float32[1,100,5] and globals float32[1,8] in");
});

Deno.test("ModelHost refuses a file that is no model", async () => {
  const path = await Deno.makeTempFile({ suffix: ".onnx" });
  try {
    await Deno.writeTextFile(path, "no model at all");
    const models = only("steady");
    await assertRejects(
      () => ModelHost.start({ ...models, shortTerm: { ...models.shortTerm, path } }),
      ModelError,
      `Cannot use ${path} as the short-term model:`,
    );
  } finally {
    await Deno.remove(path);
  }
});

Deno.test("ModelHost is not there when no model is enabled", async () => {
  assertEquals(await ModelHost.start({ ...only("steady"), enabled: false }), null);
});
