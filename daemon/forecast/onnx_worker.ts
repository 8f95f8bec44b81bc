/**
 * The thread that runs the models, so that no inference ever delays anything else.
 *
 * @module
 */
import { setFlagsFromString } from "node:v8";
import type { InferenceSession } from "onnxruntime-web/wasm";
import { readCarried } from "../../cli/part.ts";
import {
  type LoadOrder,
  MAILBOX,
  type RunOrder,
  type WorkerOrder,
  type WorkerReport,
} from "./onnx_orders.ts";
import type { Signature } from "./model_signature.ts";

declare const self: {
  onmessage: ((event: MessageEvent<WorkerOrder>) => unknown) | null;
  postMessage(report: WorkerReport): void;
};

/** Dimensions for which a graph names no number. */
const OPEN = "?";

// Compiled by several threads at once, the runtime keeps some 20 MB more for good.
setFlagsFromString("--wasm-num-compilation-tasks=1");
// The runtime takes a location for a browser's and fails on it ("Invalid URL").
delete (globalThis as { location?: unknown }).location;
const onnx = await import("onnxruntime-web/wasm");
onnx.env.wasm.numThreads = 1;
onnx.env.logLevel = "error";

const sessions = new Map<string, InferenceSession>();

let done = Promise.resolve();
// One order after the other: a question must not overtake the loading of its model.
self.onmessage = ({ data }) => done = done.then(() => obey(data));

async function obey(order: WorkerOrder): Promise<void> {
  try {
    if (order.kind === "load") self.postMessage({ id: order.id, signature: await load(order) });
    else await runAndAnswer(order);
  } catch (error) {
    const fault = error instanceof Error ? error.message : String(error);
    if (order.kind === "run" && order.mailbox !== undefined) settle(order.mailbox, MAILBOX.failed, 0);
    else self.postMessage({ id: order.id, fault });
  }
}

async function load({ model, bytes, runtimeUrl }: LoadOrder): Promise<Signature> {
  if (runtimeUrl !== null && sessions.size === 0) onnx.env.wasm.wasmBinary = await readCarried(runtimeUrl);
  const session = await onnx.InferenceSession.create(bytes, { executionProviders: ["wasm"] });
  sessions.set(model, session);
  return { inputs: session.inputMetadata.map(portOf), outputs: session.outputMetadata.map(portOf) };
}

function portOf(metadata: InferenceSession.ValueMetadata) {
  return metadata.isTensor
    ? { name: metadata.name, type: metadata.type, shape: metadata.shape.map((size) => size ?? OPEN) }
    : { name: metadata.name, type: "no tensor", shape: [] };
}

async function runAndAnswer(order: RunOrder): Promise<void> {
  const began = performance.now();
  const output = await run(order);
  answer(order, output, (performance.now() - began) / 1000);
}

async function run({ model, inputs }: RunOrder): Promise<Float32Array> {
  const session = sessions.get(model);
  if (session === undefined) throw new Error("it is not loaded");
  const feeds = Object.fromEntries(session.inputMetadata.map((metadata) => {
    const shape = metadata.isTensor ? metadata.shape.map(Number) : [];
    return [metadata.name, new onnx.Tensor("float32", inputs[metadata.name] ?? new Float32Array(), shape)];
  }));
  const output = (await session.run(feeds))[session.outputNames[0] ?? ""];
  if (!(output?.data instanceof Float32Array)) throw new Error("it answers with no tensor of float32");
  return output.data;
}

function answer({ id, mailbox }: RunOrder, output: Float32Array, tookSeconds: number): void {
  if (mailbox === undefined) return self.postMessage({ id, output, tookSeconds });
  if (output.length > MAILBOX.maxFloats) return settle(mailbox, MAILBOX.failed, 0);
  new Float32Array(mailbox, MAILBOX.headerBytes).set(output);
  settle(mailbox, MAILBOX.filled, output.length);
}

function settle(mailbox: SharedArrayBuffer, state: number, length: number): void {
  const header = new Int32Array(mailbox, 0, 2);
  header[1] = length;
  Atomics.store(header, 0, state);
  Atomics.notify(header, 0);
}
