/**
 * A publisher without a daemon: publishes a made-up prediction until standard input ends. Arguments: the segment's
 * name, publications per second, and `busy` for a second thread that computes all the time. Prints `null` when it
 * publishes, and its statistics at the end.
 *
 * @module
 */

import { readClockPair } from "../ffi/clocks.ts";
import { type Prediction, unknownPrediction } from "../daemon/publish/prediction.ts";
import { Publisher } from "../daemon/publish/publisher.ts";
import { printJsonLine } from "./json_line.ts";
import { SOUND_FLAGS } from "./sound_record.ts";

const [shmName, frequencyHz, load] = Deno.args as [string, string, string];

if (load === "busy") new Worker(new URL("./busy_worker.ts", import.meta.url).href, { type: "module" });
const publisher = await Publisher.start(shmName, Number(frequencyHz), madeUpPrediction());
printJsonLine(null);
await Deno.stdin.read(new Uint8Array(1));
printJsonLine(publisher.statistics());
await publisher[Symbol.asyncDispose]();
// A thread that never rests would keep the process alive.
Deno.exit();

function madeUpPrediction(): Prediction {
  const { rawNs, realtimeNs } = readClockPair();
  const base = { rawNs, utcNs: realtimeNs };
  return {
    ...unknownPrediction(base),
    flags: SOUND_FLAGS,
    scale: "raw",
    offsetSeconds: 0.0123,
    frequency: 13e-6,
    offsetUncertaintySeconds: 120e-6,
    driftUncertainty: 0.1e-6,
    maxErrorSeconds: 0.0021,
    horizonSeconds: 3600,
    confidence: 0.99,
    source: 1,
    measurementCount: 42,
    lastSyncUtcSeconds: Number(realtimeNs) / 1e9 - 3.5,
  };
}
