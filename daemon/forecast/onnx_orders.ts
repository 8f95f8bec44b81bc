/**
 * What the main thread and the models' thread say to each other.
 *
 * @module
 */
import type { Signature } from "./model_signature.ts";

/** A model to be loaded, its file's content. */
export interface LoadOrder {
  readonly kind: "load";
  readonly id: number;
  readonly model: string;
  readonly bytes: Uint8Array;
  /** What to run it with, by `readCarried`; null: the runtime finds that by itself. */
  readonly runtimeUrl: string | null;
}

/** A question to a loaded model. */
export interface RunOrder {
  readonly kind: "run";
  readonly id: number;
  readonly model: string;
  readonly inputs: Readonly<Record<string, Float32Array>>;
  /** Where somebody waits for the answer with `Atomics.wait`: its state, its length, and from `headerBytes` on itself. */
  readonly mailbox?: SharedArrayBuffer;
}

/** What the thread can be told to do. */
export type WorkerOrder = LoadOrder | RunOrder;

/** What came of an order. */
export type WorkerReport =
  | { readonly id: number; readonly signature: Signature }
  | { readonly id: number; readonly output: Float32Array; readonly tookSeconds: number }
  | { readonly id: number; readonly fault: string };

/** States and sizes of a mailbox. */
export const MAILBOX = { empty: 0, filled: 1, failed: 2, headerBytes: 8, maxFloats: 4096 } as const;
