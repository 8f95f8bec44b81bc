/**
 * The main thread's hold on a simulated network element that runs in a worker.
 *
 * @module
 */
import type { SocketAddress } from "../ffi/socket_address.ts";
import { SHARED_WORDS, SharedWord, type StationStart } from "./station_loop.ts";

const MAX_STOP_MS = 2000;

interface Waiter {
  readonly resolve: (answer: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** Starts a station's worker, passes it settings, and ends it. */
export class StationHost<Settings> implements Disposable {
  readonly #worker: Worker;
  readonly #port: MessagePort;
  readonly #shared = new Int32Array(new SharedArrayBuffer(4 * SHARED_WORDS));
  /** Who waits for the worker's next words, in order. */
  readonly #waiters: Waiter[] = [];
  #address: SocketAddress | undefined;
  #disposed = false;

  private constructor(workerUrl: URL, parameters: unknown, settings: Settings) {
    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    this.#port.onmessage = ({ data }) => {
      if (data instanceof Error) this.#fail(data);
      else this.#waiters.shift()?.resolve(data);
    };
    this.#worker = new Worker(workerUrl.href, { type: "module" });
    this.#worker.onerror = (event) => {
      event.preventDefault();
      this.#fail(new Error(event.message));
    };
    const start: StationStart<Settings> = { parameters, settings, port: port2, shared: this.#shared };
    this.#worker.postMessage(start, [port2]);
  }

  /** Resolves when the station listens; rejects with what prevented it. */
  static async start<Settings>(
    workerUrl: URL,
    parameters: unknown,
    settings: Settings,
  ): Promise<StationHost<Settings>> {
    const host = new StationHost(workerUrl, parameters, settings);
    try {
      host.#address = await host.#nextAnswer() as SocketAddress;
      return host;
    } catch (error) {
      host[Symbol.dispose]();
      throw error;
    }
  }

  /** Where the station can be reached. */
  get address(): SocketAddress {
    return this.#address!;
  }

  /** How many packets of its kind it has taken in; wraps after 2³¹. */
  get received(): number {
    return Atomics.load(this.#shared, SharedWord.RECEIVED);
  }

  /** Resolves when the station behaves as `settings` say: at its next turn, a few ms from now at most. */
  async configure(settings: Settings): Promise<void> {
    if (this.#disposed) throw new Error("Cannot change a simulated station that has been disposed.");
    this.#port.postMessage(settings);
    await this.#nextAnswer();
  }

  /** Ends the worker and waits, a few ms, until its sockets are closed. */
  [Symbol.dispose](): void {
    if (this.#disposed) return;
    this.#disposed = true;
    Atomics.store(this.#shared, SharedWord.STOP, 1);
    // A worker that never came to listen has nothing to close.
    if (this.#address !== undefined) Atomics.wait(this.#shared, SharedWord.STOPPED, 0, MAX_STOP_MS);
    this.#worker.terminate();
    this.#port.close();
    this.#rejectWaiters(new Error("Cannot hear from a simulated station that has been disposed."));
  }

  #nextAnswer(): Promise<unknown> {
    return new Promise((resolve, reject) => this.#waiters.push({ resolve, reject }));
  }

  /** An error that nobody waits to hear of ends the program, as any uncaught one does. */
  #fail(error: Error): void {
    if (this.#waiters.length === 0) throw error;
    this.#rejectWaiters(error);
  }

  #rejectWaiters(error: Error): void {
    for (const waiter of this.#waiters.splice(0)) waiter.reject(error);
  }
}
