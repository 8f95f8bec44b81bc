import { assertEquals, assertStringIncludes } from "@std/assert";
import { modelKind, type Signature, signatureFault } from "../../../daemon/forecast/model_signature.ts";

const SHORT: Signature = {
  inputs: [
    { name: "context", type: "float32", shape: [1, 100, 5] },
    { name: "globals", type: "float32", shape: [1, 8] },
  ],
  outputs: [{ name: "quantiles", type: "float32", shape: [1, 4, 9] }],
};
const GENERAL: Signature = {
  inputs: [{ name: "context", type: "float32", shape: [1, 512] }],
  outputs: [{ name: "quantiles", type: "float32", shape: [1, 9, 64] }],
};

Deno.test("modelKind tells models of residuals and of one series apart", () => {
  assertEquals(modelKind(SHORT, "short_term", 100), "residual");
  assertEquals(modelKind(GENERAL, "long_term", 512), "univariate");
});

Deno.test("modelKind refuses what fits neither", () => {
  assertEquals(modelKind(SHORT, "short_term", 300), null, "another context than configured");
  assertEquals(modelKind(SHORT, "long_term", 100), null, "as many horizons as the other place has");
  assertEquals(modelKind(GENERAL, "long_term", 100), null);
  const open = { ...GENERAL, outputs: [{ name: "samples", type: "float32", shape: [1, "paths", 64] }] };
  assertEquals(modelKind(open, "long_term", 512), null, "dimensions that are left open");
  const single = { ...GENERAL, outputs: [{ name: "quantiles", type: "float32", shape: [1, 1, 64] }] };
  assertEquals(modelKind(single, "long_term", 512), null, "no spread");
  const double = { ...GENERAL, inputs: [{ name: "context", type: "float64", shape: [1, 512] }] };
  assertEquals(modelKind(double, "long_term", 512), null);
  const renamed = { ...SHORT, inputs: SHORT.inputs.map((port) => ({ ...port, name: `${port.name}_0` })) };
  assertEquals(modelKind(renamed, "short_term", 100), null);
});

Deno.test("signatureFault says what a model is like and what it should be like", () => {
  const fault = signatureFault(GENERAL, "short_term", 100);
  assertStringIncludes(fault, "takes context float32[1,512] and gives quantiles float32[1,9,64]");
  assertStringIncludes(
    fault,
    "context float32[1,100,5] and globals float32[1,8] in, quantiles float32[1,4,9] out",
  );
  assertStringIncludes(fault, "context float32[1,100] in, quantiles or samples float32[1,PATHS,STEPS] out");
});
