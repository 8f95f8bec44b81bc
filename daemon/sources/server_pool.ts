/**
 * All configured NTP servers: names become addresses, every address is asked on its own schedule, in parallel.
 *
 * @module
 */
import { lookup } from "node:dns/promises";
import { Clock, nowNs } from "../../ffi/clocks.ts";
import { LibcError } from "../../ffi/errno.ts";
import { type SocketAddress, UdpSocket } from "../../ffi/udp_socket.ts";
import { AddressBook } from "./address_book.ts";
import type { Exchange } from "./measurement.ts";
import { NameResolver } from "./name_resolver.ts";
import { ntpExchange } from "./ntp_exchange.ts";
import type { ServerStatus } from "./ntp_server.ts";
import type { PollSchedule } from "./poll_schedule.ts";
import { formatHostPort, parseServerName, type ServerName } from "./server_name.ts";
import {
  type LostReason,
  type PoolContext,
  type PoolDependencies,
  ServerSlot,
  type SourceLog,
} from "./server_slot.ts";

export type { LostReason, PoolDependencies, SourceLog } from "./server_slot.ts";

/** What the configuration says about servers. */
export interface PoolSettings {
  /** `host[:port]` each. */
  readonly servers: readonly string[];
  readonly schedule: PollSchedule;
  readonly timeoutMs: number;
}

/** Settings, and whom to tell. */
export interface PoolOptions extends PoolSettings {
  /** An exchange was completed. */
  readonly onExchange: (exchange: Exchange) => void;
  /** Nothing more comes from a source that had been measured. */
  readonly onLost: (source: string, reason: LostReason) => void;
  /** A question of `askedAtRawNs` brought no usable answer. */
  readonly onUnanswered?: (source: string, askedAtRawNs: bigint) => void;
  readonly log: SourceLog;
  /** Closes the pool. */
  readonly signal?: AbortSignal;
}

/** One configured name. */
export interface NameStatus {
  /** `host:port`. */
  readonly name: string;
  /** Why it has no address, as one sentence; null when it has. */
  readonly fault: string | null;
  readonly servers: readonly ServerStatus[];
}

/**
 * Addresses asked of a pool's name, where every address is another operator. Any other name is one operator, who has
 * one vote in the selection, so only one of its addresses is asked at a time.
 */
const ADDRESSES_PER_POOL_NAME = 4;
const POOL_LABEL = "pool";
const NANOSECONDS_PER_SECOND = 1e9;

/** This machine's clock, timers, resolver and network. */
export const SYSTEM: PoolDependencies = {
  nowRawSeconds: () => Number(nowNs(Clock.MONOTONIC_RAW)) / NANOSECONDS_PER_SECOND,
  setTimer(callback, delayMs) {
    const timer = setTimeout(callback, delayMs);
    return () => clearTimeout(timer);
  },
  random: Math.random,
  lookup: async (host) => (await lookup(host, { all: true })).map(({ address }) => address),
  isRoutable,
  exchange: (request) => ntpExchange(request),
};

interface NamedSlots {
  readonly resolver: NameResolver;
  readonly slots: readonly ServerSlot[];
  readonly done: Promise<unknown>;
}

/** Runs from its construction until `close`. */
export class ServerPool implements AsyncDisposable {
  readonly #pool: PoolContext;
  readonly #book = new AddressBook();
  readonly #names = new Map<string, NamedSlots>();
  /** Names no longer configured whose last exchange is ending. */
  readonly #leaving = new Set<Promise<unknown>>();
  /**
   * The kernel stamps received packets only while some socket on the machine asks for it, and begins a little after
   * the first one has: this one is never read, it keeps the stamping on between the exchanges.
   */
  readonly #stampKeeper = UdpSocket.bind({ hostname: "127.0.0.1", port: 0 });
  #isClosed = false;

  /** Starts asking at once. */
  constructor(options: PoolOptions, dependencies: PoolDependencies = SYSTEM) {
    this.#pool = {
      world: dependencies,
      log: options.log,
      schedule: options.schedule,
      timeoutMs: options.timeoutMs,
      claims: new Set(),
      onExchange: options.onExchange,
      onLost: options.onLost,
      onUnanswered: options.onUnanswered ?? (() => {}),
    };
    this.reconfigure(options);
    if (options.signal?.aborted) void this.close();
    options.signal?.addEventListener("abort", () => void this.close(), { once: true });
  }

  /** Takes new settings; names that stay are asked on without a break. */
  reconfigure(settings: PoolSettings): void {
    if (this.#isClosed) return;
    this.#pool.schedule = settings.schedule;
    this.#pool.timeoutMs = settings.timeoutMs;
    const wanted = this.#parse(settings.servers);
    for (const key of [...this.#names.keys()]) if (!wanted.has(key)) this.#remove(key);
    for (const [key, name] of wanted) if (!this.#names.has(key)) this.#add(key, name);
    for (const slot of this.#slots()) slot.wake();
  }

  /** Asks every server some times in quick succession, as far as manners allow: something happened to the clock. */
  burst(): void {
    for (const slot of this.#slots()) {
      slot.server?.burst();
      slot.wake();
    }
  }

  /** A snapshot, in the order of the configuration. */
  status(): readonly NameStatus[] {
    return [...this.#names].map(([name, { resolver, slots }]) => ({
      name,
      fault: resolver.fault,
      servers: slots.flatMap(({ server }) => server === null ? [] : [server.status()]),
    }));
  }

  /** Stops; resolves when no exchange is under way any more. Nothing is called back after this call. */
  async close(): Promise<void> {
    this.#isClosed = true;
    for (const { resolver } of this.#names.values()) resolver.stop();
    for (const slot of this.#slots()) slot.stop();
    await Promise.all([...this.#leaving, ...[...this.#names.values()].map(({ done }) => done)]);
    this.#stampKeeper[Symbol.dispose]();
  }

  /** As {@linkcode close}. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #parse(servers: readonly string[]): Map<string, ServerName> {
    const names = new Map<string, ServerName>();
    for (const text of servers) {
      const name = parseServerName(text);
      if (name === null) {
        this.#pool.log.once(`name ${text}`, `Cannot ask "${text}": it is no host, host:port or [IPv6]:port.`);
      } else {
        names.set(formatHostPort(name.host, name.port), name);
      }
    }
    return names;
  }

  #add(key: string, name: ServerName): void {
    const resolver = new NameResolver(name, this.#book, this.#pool.world);
    const count = name.host.split(".").includes(POOL_LABEL) ? ADDRESSES_PER_POOL_NAME : 1;
    const slots = Array.from({ length: count }, () => new ServerSlot(resolver, this.#pool));
    this.#names.set(key, { resolver, slots, done: Promise.all(slots.map((slot) => slot.run())) });
  }

  #remove(key: string): void {
    const { resolver, slots, done } = this.#names.get(key)!;
    this.#names.delete(key);
    resolver.stop();
    for (const slot of slots) {
      slot.stop();
      if (slot.server?.isFound) this.#pool.onLost(slot.server.identity.source, "removed");
    }
    this.#leaving.add(done);
    void done.finally(() => this.#leaving.delete(done));
  }

  #slots(): ServerSlot[] {
    return [...this.#names.values()].flatMap(({ slots }) => slots);
  }
}

/** Connecting a UDP socket looks up the route and sends nothing. */
function isRoutable(address: SocketAddress): boolean {
  try {
    UdpSocket.connect(address)[Symbol.dispose]();
    return true;
  } catch (error) {
    if (error instanceof LibcError) return false;
    throw error;
  }
}
