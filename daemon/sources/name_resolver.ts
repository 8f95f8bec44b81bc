/**
 * A server's name and the addresses behind it, looked up again when they are needed, but not too often.
 *
 * @module
 */
import { isIP } from "node:net";
import type { SocketAddress } from "../../ffi/udp_socket.ts";
import { type AddressBook, addressKey, type AddressRecord } from "./address_book.ts";
import { addressScope } from "./address_scope.ts";
import type { ServerIdentity } from "./ntp_server.ts";
import type { SetTimer } from "./poll_timer.ts";
import { formatHostPort, type ServerName } from "./server_name.ts";

/** Successful lookups of a name are at least this far apart. */
const LOOKUP_INTERVAL_SECONDS = 30;
/** Failed ones are repeated after this, doubled each time up to the maximum. */
const LOOKUP_RETRY_MIN_SECONDS = 1;
const LOOKUP_RETRY_MAX_SECONDS = 64;
/** A resolver that takes longer has failed. */
const LOOKUP_TIMEOUT_SECONDS = 10;
/** Addresses of one name that are looked at. */
const MAX_ADDRESSES_PER_LOOKUP = 32;

/** The outside world of a lookup. */
export interface ResolverDependencies {
  nowRawSeconds(): number;
  readonly setTimer: SetTimer;
  /** All addresses of a host name, numeric; rejects when there are none. */
  lookup(host: string): Promise<readonly string[]>;
  /** Whether this machine has a route there; sends nothing. */
  isRoutable(address: SocketAddress): boolean;
}

/** An address that may be asked. */
export interface Candidate {
  readonly identity: ServerIdentity;
  /** Two candidates with the same key are one server. */
  readonly key: string;
  readonly record: AddressRecord;
}

/** One name; several users share its lookups. */
export class NameResolver {
  readonly name: ServerName;
  readonly #book: AddressBook;
  readonly #world: ResolverDependencies;
  #candidates: readonly Candidate[] = [];
  #lookupUnderWay: Promise<void> | null = null;
  #nextLookupAtRawSeconds = -Infinity;
  #retrySeconds = LOOKUP_RETRY_MIN_SECONDS;
  #failure: string | null = null;
  #giveUp: (() => void) | null = null;

  /** Remembers manners towards the addresses in `book`. */
  constructor(name: ServerName, book: AddressBook, world: ResolverDependencies) {
    this.name = name;
    this.#book = book;
    this.#world = world;
  }

  /** Why the last lookup gave nothing, as one sentence; null when it did. */
  get failure(): string | null {
    return this.#failure;
  }

  /** The same for those who go on asking: what comes of it. */
  get fault(): string | null {
    return this.#failure && `${this.#failure} It is looked up again later.`;
  }

  /** How long until another lookup is due. */
  get retryInSeconds(): number {
    return Math.max(0, this.#nextLookupAtRawSeconds - this.#world.nowRawSeconds());
  }

  /**
   * The addresses that may be asked, the most promising first: those that were not silent lately, otherwise in the
   * resolver's order. A lookup that fails leaves the addresses as they were.
   */
  async candidates(): Promise<readonly Candidate[]> {
    if (this.#world.nowRawSeconds() >= this.#nextLookupAtRawSeconds) {
      this.#lookupUnderWay ??= this.#lookup().finally(() => this.#lookupUnderWay = null);
    }
    await this.#lookupUnderWay;
    return this.#candidates
      .filter(({ record }) => !record.isDenied)
      .sort((a, b) => a.record.unanswered - b.record.unanswered);
  }

  /** Ends a lookup that is under way; whoever waits for candidates gets those that are known. */
  stop(): void {
    this.#giveUp?.();
  }

  async #lookup(): Promise<void> {
    const { host } = this.name;
    try {
      const found = await this.#withinTimeout(isIP(host) === 0 ? this.#world.lookup(host) : [host]);
      const usable = found.slice(0, MAX_ADDRESSES_PER_LOOKUP).flatMap((hostname) =>
        this.#candidate(hostname) ?? []
      );
      if (usable.length === 0) throw new Error("no usable address");
      const routable = usable.filter(({ identity }) => this.#world.isRoutable(identity.address));
      if (routable.length === 0) throw new Error(`this machine has no route to ${found.join(", ")}`);
      this.#succeeded(routable);
    } catch (error) {
      this.#failed(error);
    }
  }

  #succeeded(candidates: readonly Candidate[]): void {
    this.#candidates = candidates;
    this.#failure = null;
    this.#retrySeconds = LOOKUP_RETRY_MIN_SECONDS;
    this.#nextLookupAtRawSeconds = this.#world.nowRawSeconds() + LOOKUP_INTERVAL_SECONDS;
  }

  #failed(error: unknown): void {
    const reason = error instanceof Error ? error.message : String(error);
    this.#failure = `Cannot find an address of time server ${this.name.host}: ${reason}.`;
    this.#nextLookupAtRawSeconds = this.#world.nowRawSeconds() + this.#retrySeconds;
    this.#retrySeconds = Math.min(LOOKUP_RETRY_MAX_SECONDS, 2 * this.#retrySeconds);
  }

  /** What `work` brings, unless it takes too long or `stop` is called. */
  async #withinTimeout<T>(work: Promise<T> | T): Promise<T> {
    const { promise: never, reject } = Promise.withResolvers<never>();
    this.#giveUp = () => reject(new Error(`the resolver did not answer in ${LOOKUP_TIMEOUT_SECONDS} s`));
    const cancel = this.#world.setTimer(this.#giveUp, LOOKUP_TIMEOUT_SECONDS * 1000);
    try {
      return await Promise.race([work, never]);
    } finally {
      this.#giveUp = null;
      cancel();
    }
  }

  #candidate(hostname: string): Candidate | null {
    const address = { hostname, port: this.name.port };
    const scope = addressScope(hostname);
    if (scope === null) return null;
    const key = addressKey(address, scope);
    const source = `${this.name.host}|${formatHostPort(hostname, address.port)}`;
    return { identity: { source, address, scope }, key, record: this.#book.recordOf(key) };
  }
}
