/**
 * The main thread's side of the models: one thread for all of them, replaced when a model hangs.
 *
 * @module
 */
import { startWorker, urlOfCarried } from "../../cli/part.ts";
import type { Answer, Infer } from "./infer.ts";
import type { ModelRole, Signature } from "./model_signature.ts";
import { HISTOGRAM_BYTES, TimingHistogram } from "../publish/timing_histogram.ts";
import { MAILBOX, type WorkerOrder, type WorkerReport } from "./onnx_orders.ts";

/** A model that is not loaded by then never will be, ms. */
const LOAD_TIMEOUT_MS = 30_000;
/** Questions under way at most; each model has one at a time. */
const MAX_UNDER_WAY = 4;
/** A simulator waits for an answer at most so long, ms. */
const BLOCKING_TIMEOUT_MS = 10_000;
/** What the models are run with. */
const RUNTIME = "ort-wasm-simd-threaded.wasm";

type Settle = (report: WorkerReport) => void;

/** Runs ONNX graphs in a thread of their own. */
export class Inference implements Infer, Disposable {
  /** How long the answers took in their own thread, all models together. */
  readonly durations = new TimingHistogram(new ArrayBuffer(HISTOGRAM_BYTES));
  readonly #models = new Map<string, Uint8Array>();
  readonly #underWay = new Map<number, Settle>();
  #worker: Worker;
  #nextId = 0;

  constructor() {
    this.#worker = this.#start();
  }

  /**
   * Loads a model and tells what it takes and gives.
   *
   * @throws {Error} the runtime cannot use it: why, to complete "Cannot use …:"
   */
  async load(role: ModelRole, bytes: Uint8Array): Promise<Signature> {
    const loaded = Promise.withResolvers<WorkerReport>();
    const timer = setTimeout(
      () => loaded.reject(new Error(`it takes longer than ${LOAD_TIMEOUT_MS} ms to load`)),
      LOAD_TIMEOUT_MS,
    );
    try {
      this.#orderLoad(role, bytes, loaded.resolve);
      const report = await loaded.promise;
      if ("fault" in report) throw new Error(report.fault);
      if (!("signature" in report)) throw new Error("the runtime answered out of turn");
      this.#models.set(role, bytes);
      return report.signature;
    } finally {
      clearTimeout(timer);
    }
  }

  /** See {@linkcode Infer.ask}. */
  ask(
    role: ModelRole,
    inputs: Readonly<Record<string, Float32Array>>,
    answered: (answer: Answer) => void,
  ): void {
    if (this.#underWay.size >= MAX_UNDER_WAY) return answered({ fault: "too many questions are under way" });
    this.#order((id) => ({ kind: "run", id, model: role, inputs }), (report) => {
      if ("output" in report) {
        this.durations.record(report.tookSeconds);
        answered({ output: report.output });
      } else {
        answered({ fault: "fault" in report ? report.fault : "the runtime answered out of turn" });
      }
    });
  }

  /** The same models for simulators, whose time waits for nobody: each answer comes at once, this thread sleeps for it. */
  blocking(): Infer {
    return {
      ask: (role, inputs, answered) => answered(this.#askBlocking(role, inputs)),
      giveUp: (role) => this.giveUp(role),
    };
  }

  #askBlocking(role: ModelRole, inputs: Readonly<Record<string, Float32Array>>): Answer {
    const mailbox = new SharedArrayBuffer(
      MAILBOX.headerBytes + MAILBOX.maxFloats * Float32Array.BYTES_PER_ELEMENT,
    );
    const [state, length] = [0, 1];
    const header = new Int32Array(mailbox, 0, 2);
    this.#worker.postMessage({ kind: "run", id: -1, model: role, inputs, mailbox } satisfies WorkerOrder);
    Atomics.wait(header, state, MAILBOX.empty, BLOCKING_TIMEOUT_MS);
    if (Atomics.load(header, state) !== MAILBOX.filled) return { fault: "it gives no answer" };
    return { output: new Float32Array(mailbox, MAILBOX.headerBytes, header[length]).slice() };
  }

  /** Ends the thread that the model hangs in, and loads the others in a new one. */
  giveUp(role: ModelRole): void {
    this.#models.delete(role);
    this.#worker.terminate();
    const interrupted = [...this.#underWay.values()];
    this.#underWay.clear();
    this.#worker = this.#start();
    for (const [model, bytes] of this.#models) {
      this.#orderLoad(model, bytes, () => {});
    }
    for (const settle of interrupted) settle({ id: -1, fault: "another model kept it from answering" });
  }

  /** Ends the thread. */
  [Symbol.dispose](): void {
    this.#underWay.clear();
    this.#worker.terminate();
  }

  #orderLoad(model: string, bytes: Uint8Array, settle: Settle): void {
    this.#order((id) => ({ kind: "load", id, model, bytes, runtimeUrl: urlOfCarried(RUNTIME) }), settle);
  }

  #order(make: (id: number) => WorkerOrder, settle: Settle): void {
    const id = this.#nextId++;
    this.#underWay.set(id, settle);
    this.#worker.postMessage(make(id));
  }

  #start(): Worker {
    const worker = startWorker(new URL("./onnx_worker.ts", import.meta.url), "models");
    worker.onmessage = ({ data }: MessageEvent<WorkerReport>) => {
      const settle = this.#underWay.get(data.id);
      this.#underWay.delete(data.id);
      settle?.(data);
    };
    worker.onerror = (event) => {
      event.preventDefault();
      const interrupted = [...this.#underWay.values()];
      this.#underWay.clear();
      for (const settle of interrupted) {
        settle({ id: -1, fault: `the runtime failed with "${event.message}"` });
      }
    };
    return worker;
  }
}
