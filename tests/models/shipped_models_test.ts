import { assert, assertAlmostEquals, assertEquals, assertLess, assertStringIncludes } from "@std/assert";
import { CHANNELS, GLOBALS } from "../../daemon/forecast/features.ts";
import type { Answer } from "../../daemon/forecast/infer.ts";
import { Inference } from "../../daemon/forecast/inference.ts";
import { HORIZONS, modelKind, type ModelRole, QUANTILES } from "../../daemon/forecast/model_signature.ts";
import type { FitReport } from "../../models/model_card.ts";

const CONTEXT_LENGTH: Record<ModelRole, number> = { short_term: 100, long_term: 300 };
const MASK = CHANNELS - 1;
const MAX_BYTES = 500_000;
const QUESTIONS = 200;

function fileOf(role: ModelRole, extension: string): URL {
  return new URL(`../../models/${role}.${extension}`, import.meta.url);
}

async function ask(inference: Inference, role: ModelRole, inputs: Record<string, Float32Array>) {
  const answer = await new Promise<Answer>((resolve) => inference.ask(role, inputs, resolve));
  if ("fault" in answer) throw new Error(answer.fault);
  return answer.output;
}

/** The question of reference that fit.py states: all samples there, every other number a sine or cosine of its index. */
function referenceInputs(role: ModelRole): Record<string, Float32Array> {
  return {
    context: Float32Array.from(
      { length: CHANNELS * CONTEXT_LENGTH[role] },
      (_, i) => i % CHANNELS === MASK ? 1 : Math.sin(i),
    ),
    globals: Float32Array.from({ length: GLOBALS }, (_, j) => Math.cos(j)),
  };
}

/** Numbers far from anything seen in training, the same in every run. */
function wildInputs(role: ModelRole, question: number): Record<string, Float32Array> {
  const wild = (i: number) => 5 * Math.sin(12.9898 * i + 78.233 * question);
  return {
    context: Float32Array.from(
      { length: CHANNELS * CONTEXT_LENGTH[role] },
      (_, i) => i % CHANNELS === MASK ? Number(i > 10 * CHANNELS * (question % 10)) : wild(i),
    ),
    globals: Float32Array.from({ length: GLOBALS }, (_, j) => wild(1000 + j)),
  };
}

for (const role of ["short_term", "long_term"] as const) {
  Deno.test(`models/${role}.onnx is small, has the documented signature and answers as PyTorch did`, async () => {
    const bytes = Deno.readFileSync(fileOf(role, "onnx"));
    assertLess(bytes.length, MAX_BYTES);
    using inference = new Inference();
    const signature = await inference.load(role, bytes);
    assertEquals(modelKind(signature, role, CONTEXT_LENGTH[role]), "residual");
    const { reference } = JSON.parse(Deno.readTextFileSync(fileOf(role, "json"))) as FitReport;
    const output = await ask(inference, role, referenceInputs(role));
    assertEquals(output.length, HORIZONS[role].length * QUANTILES.length);
    assertEquals(reference.length, output.length);
    const size = Math.max(...reference.map(Math.abs));
    output.forEach((value, i) => assertAlmostEquals(value, reference[i]!, 1e-4 * size, `number ${i}`));
  });

  Deno.test(`models/${role}.onnx gives quantiles in their order, whatever it is asked`, async () => {
    using inference = new Inference();
    await inference.load(role, Deno.readFileSync(fileOf(role, "onnx")));
    for (let question = 0; question < QUESTIONS; question++) {
      const output = await ask(inference, role, wildInputs(role, question));
      output.forEach((value, i) => {
        assert(Number.isFinite(value));
        if (i % QUANTILES.length > 0) assert(value >= output[i - 1]!, `question ${question}, number ${i}`);
      });
    }
  });

  Deno.test(`models/${role}.md is the card of this file`, async () => {
    const digest = await crypto.subtle.digest("SHA-256", Deno.readFileSync(fileOf(role, "onnx")));
    const sha256 = Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
    assertStringIncludes(Deno.readTextFileSync(fileOf(role, "md")), sha256);
  });
}
