import { assertEquals, assertGreaterOrEqual, assertStrictEquals } from "@std/assert";
import {
  createChannelBuffer,
  PredictionReceiver,
  PredictionSender,
} from "../../../daemon/publish/prediction_channel.ts";
import { somePrediction } from "./some_prediction.ts";
import { uniformPrediction } from "./uniform_prediction.ts";

const HUNTED = 20_000;
/** For a machine on which hardly any processor is left. */
const MAX_HUNT_MS = 180_000;

function channel(): { readonly sender: PredictionSender; readonly receiver: PredictionReceiver } {
  const buffer = createChannelBuffer();
  return { sender: new PredictionSender(buffer), receiver: new PredictionReceiver(buffer) };
}

Deno.test("PredictionReceiver.latest() is null before the first prediction", () => {
  assertEquals(channel().receiver.latest(), null);
});

Deno.test("PredictionReceiver.latest() gives every field as it was sent, and how many were sent", () => {
  const { sender, receiver } = channel();
  sender.send(somePrediction());
  assertEquals(receiver.latest(), { ...somePrediction(), totalPredictions: 1 });
  const extreme = somePrediction({
    scale: "realtime",
    base: { rawNs: 2n ** 63n - 1n, utcNs: -(2n ** 63n) },
    maxErrorSeconds: Infinity,
    flags: 2 ** 32 - 1,
    offsetSeconds: -0.1,
  });
  sender.send(extreme);
  assertEquals(receiver.latest(), { ...extreme, totalPredictions: 2 });
});

Deno.test("PredictionReceiver.latest() decodes a prediction once", () => {
  const { sender, receiver } = channel();
  sender.send(somePrediction());
  assertStrictEquals(receiver.latest(), receiver.latest());
});

Deno.test("PredictionReceiver.latest() gives the prediction before while a new one is being written", () => {
  const buffer = createChannelBuffer();
  const receiver = new PredictionReceiver(buffer);
  new PredictionSender(buffer).send(somePrediction());
  const before = receiver.latest();
  Atomics.add(new Int32Array(buffer), 0, 1); // the sequence is odd: a write is under way
  new Float64Array(buffer).fill(666, 1);
  assertStrictEquals(receiver.latest(), before);
});

Deno.test("no prediction is ever a mixture of two while another thread sends one after the other", async () => {
  const buffer = createChannelBuffer();
  const receiver = new PredictionReceiver(buffer);
  const stop = new Int32Array(new SharedArrayBuffer(4));
  const worker = new Worker(new URL("./prediction_sender_worker.ts", import.meta.url), { type: "module" });
  const { promise: sent, resolve } = Promise.withResolvers<number>();
  worker.onmessage = ({ data }: MessageEvent<number>) => resolve(data);
  worker.postMessage({ channel: buffer, stop });
  while (receiver.latest() === null) await new Promise((resolve) => setTimeout(resolve, 1));

  let received = 0;
  let mixtures = 0;
  let last = 0;
  for (const end = performance.now() + MAX_HUNT_MS; received < HUNTED && performance.now() < end;) {
    const { totalPredictions, ...prediction } = receiver.latest()!;
    if (totalPredictions === last) continue;
    received++;
    const { scale, base, ...numbers } = uniformPrediction(totalPredictions);
    const isWhole = prediction.scale === scale && prediction.base.rawNs === base.rawNs &&
      prediction.base.utcNs === base.utcNs &&
      (Object.keys(numbers) as (keyof typeof numbers)[]).every((key) => prediction[key] === numbers[key]);
    if (!isWhole || totalPredictions < last) mixtures++;
    last = totalPredictions;
  }
  Atomics.store(stop, 0, 1);
  const total = await sent;
  assertEquals(mixtures, 0);
  assertEquals(received, HUNTED);
  assertGreaterOrEqual(total, received);
  assertEquals(receiver.latest()?.totalPredictions, total);
});
