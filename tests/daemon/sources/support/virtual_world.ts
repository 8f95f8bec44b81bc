import type { ExchangeOutcome, ExchangeRequest } from "../../../../daemon/sources/ntp_exchange.ts";
import type { PoolDependencies } from "../../../../daemon/sources/server_pool.ts";
import { failed, measured } from "./outcomes.ts";

/** How a server of the virtual world answers; `"silent"` lets the question time out. */
export type Behaviour = () => ExchangeOutcome | "silent";

/** One question asked. */
export interface Asked {
  readonly address: string;
  readonly at: number;
}

const ROUND_TRIP_SECONDS = 0.01;
/** Promise chains between two timers are shorter than this. */
const MICROTASK_TURNS = 60;
const START = 1000;

/** Names, servers and a clock that moves only by `advance`. */
export class VirtualWorld implements PoolDependencies {
  now = START;
  readonly asked: Asked[] = [];
  readonly lookups: Asked[] = [];
  /** Addresses by name; an Error is thrown, `"hangs"` never resolves. */
  readonly names = new Map<string, readonly string[] | Error | "hangs">();
  /** Behaviour by `address:port`; others answer well. */
  readonly servers = new Map<string, Behaviour>();
  readonly unroutable = new Set<string>();
  /** Whether exchanges end when they are aborted; otherwise they go on to their answer. */
  heedsAbort = true;
  #timers: { at: number; callback: () => void }[] = [];

  readonly nowRawSeconds = (): number => this.now;
  readonly random = (): number => 0;
  readonly isRoutable = (address: { hostname: string }): boolean => !this.unroutable.has(address.hostname);

  readonly setTimer = (callback: () => void, delayMs: number): () => void => {
    const timer = { at: this.now + delayMs / 1000, callback };
    this.#timers.push(timer);
    return () => this.#timers = this.#timers.filter((other) => other !== timer);
  };

  readonly lookup = (host: string): Promise<readonly string[]> => {
    this.lookups.push({ address: host, at: this.now });
    const found = this.names.get(host) ?? new Error("getaddrinfo ENOTFOUND");
    if (found === "hangs") return new Promise(() => {});
    return found instanceof Error ? Promise.reject(found) : Promise.resolve(found);
  };

  readonly exchange = (request: ExchangeRequest): Promise<ExchangeOutcome> => {
    const address = `${request.address.hostname}:${request.address.port}`;
    this.asked.push({ address, at: this.now });
    const outcome = (this.servers.get(address) ?? (() => measured(request.source)))();
    return new Promise((resolve) => {
      const isSilent = outcome === "silent";
      const delayMs = isSilent ? request.timeoutMs : ROUND_TRIP_SECONDS * 1000;
      const cancel = this.setTimer(() => resolve(isSilent ? failed("timeout") : outcome), delayMs);
      request.signal?.addEventListener("abort", () => {
        if (!this.heedsAbort) return;
        cancel();
        resolve(failed("aborted"));
      }, { once: true });
    });
  };

  /** Lets `seconds` pass, everything that is due happening in its order. */
  async advance(seconds: number): Promise<void> {
    const end = this.now + seconds;
    await settle();
    for (let next = this.#takeDue(end); next !== undefined; next = this.#takeDue(end)) {
      this.now = Math.max(this.now, next.at);
      next.callback();
      await settle();
    }
    this.now = end;
  }

  /** Timers set and not yet due. */
  get pendingTimers(): number {
    return this.#timers.length;
  }

  /** The addresses asked since `from`, each once, in order of first use. */
  askedSince(from: number): string[] {
    return [...new Set(this.asked.filter(({ at }) => at >= from).map(({ address }) => address))];
  }

  #takeDue(end: number): { at: number; callback: () => void } | undefined {
    const next = this.#timers.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
    this.#timers = this.#timers.filter((other) => other !== next);
    return next;
  }
}

/** Lets everything happen that waits for no timer. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < MICROTASK_TURNS; turn++) await Promise.resolve();
}
