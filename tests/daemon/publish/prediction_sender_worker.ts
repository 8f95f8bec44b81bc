/**
 * Sends one prediction after the other, each with one number in all of its fields, until told to stop.
 *
 * @module
 */
/// <reference lib="deno.worker" />
import { PredictionSender } from "../../../daemon/publish/prediction_channel.ts";
import { uniformPrediction } from "./uniform_prediction.ts";

/** What the worker is given. */
export interface SenderOrder {
  readonly channel: SharedArrayBuffer;
  /** Its first word ends the worker when it is not 0. */
  readonly stop: Int32Array<SharedArrayBuffer>;
}

const MAX_IDLE_LOADS = 97;

self.onmessage = ({ data: { channel, stop } }: MessageEvent<SenderOrder>) => {
  const sender = new PredictionSender(channel);
  let number = 1;
  for (; Atomics.load(stop, 0) === 0; number++) {
    sender.send(uniformPrediction(number));
    // Pauses of changing length, so that a receiver meets every phase of a write and is not locked out for ever.
    for (let idle = number % MAX_IDLE_LOADS; idle > 0; idle--) Atomics.load(stop, 0);
  }
  self.postMessage(number - 1);
  self.close();
};
