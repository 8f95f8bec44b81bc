/**
 * One place in the pool: it finds an address of its name that nobody else asks, asks it as long as it is of use, then
 * finds another one.
 *
 * @module
 */
import type { Exchange } from "./measurement.ts";
import type { Candidate, NameResolver, ResolverDependencies } from "./name_resolver.ts";
import type { ExchangeOutcome, ExchangeRequest } from "./ntp_exchange.ts";
import { NtpServer, type PollVerdict } from "./ntp_server.ts";
import { outcomeNotes } from "./outcome_text.ts";
import type { PollSchedule } from "./poll_schedule.ts";
import { PollTimer } from "./poll_timer.ts";

/** Where the pool's remarks go. `once` writes the message only at the first use of its key. */
export interface SourceLog {
  once(key: string, message: string): void;
  info(message: string): void;
}

/** Why nothing more comes from a source. */
export type LostReason = "unreachable" | "denied" | "removed";

/** The outside world of the pool. */
export interface PoolDependencies extends ResolverDependencies {
  /** Uniform in [0, 1). */
  random(): number;
  exchange(request: ExchangeRequest): Promise<ExchangeOutcome>;
}

/** What all places share. */
export interface PoolContext {
  readonly world: PoolDependencies;
  readonly log: SourceLog;
  /** Replaced by a new configuration. */
  schedule: PollSchedule;
  timeoutMs: number;
  /** Keys of the addresses in use. */
  readonly claims: Set<string>;
  onExchange(exchange: Exchange): void;
  onLost(source: string, reason: LostReason): void;
  onUnanswered(source: string, askedAtRawNs: bigint): void;
}

/** Addresses asked at the same time, over all names. */
export const MAX_SERVERS = 32;
/** A place without an address looks for one this often at least. */
const SLOT_RETRY_SECONDS = 30;
/** Longer sleeps are taken in parts, within what a timer can do. */
const MAX_SLEEP_SECONDS = 3600;
const NANOSECONDS_PER_SECOND = 1e9;

/** One place; `run` lives until `stop`. */
export class ServerSlot {
  readonly #resolver: NameResolver;
  readonly #pool: PoolContext;
  readonly #timer: PollTimer;
  readonly #abort = new AbortController();
  #server: NtpServer | null = null;
  #claim: string | null = null;

  /** A place for one address of the resolver's name. */
  constructor(resolver: NameResolver, pool: PoolContext) {
    this.#resolver = resolver;
    this.#pool = pool;
    this.#timer = new PollTimer(pool.world.setTimer);
  }

  /** The address in use. */
  get server(): NtpServer | null {
    return this.#server;
  }

  /** Finds and asks addresses until `stop`. */
  async run(): Promise<void> {
    while (!this.#isStopped) {
      if (await this.#takeServer()) await this.#askWhileUseful();
      else if (!this.#isStopped) await this.#timer.sleep(this.#retryInSeconds());
    }
  }

  /** Looks at schedule and server anew instead of sleeping on. */
  wake(): void {
    this.#timer.wake();
  }

  /** Ends `run` and gives the address free at once. */
  stop(): void {
    this.#abort.abort();
    this.#release();
    this.#timer.wake();
  }

  get #isStopped(): boolean {
    return this.#abort.signal.aborted;
  }

  #retryInSeconds(): number {
    return this.#resolver.fault === null ? SLOT_RETRY_SECONDS : this.#resolver.retryInSeconds;
  }

  /** False when there is no address to be had now. */
  async #takeServer(): Promise<boolean> {
    const candidates = await this.#resolver.candidates();
    if (this.#isStopped) return false;
    const { fault, name } = this.#resolver;
    if (fault !== null) this.#pool.log.once(`lookup ${name.host}`, fault);
    this.#release();
    const chosen = candidates.find(({ key }) => !this.#pool.claims.has(key));
    if (chosen === undefined || !this.#hasRoom()) {
      this.#server = null;
      return false;
    }
    this.#claim = chosen.key;
    this.#pool.claims.add(chosen.key);
    if (this.#server?.identity.source !== chosen.identity.source) this.#server = this.#newServer(chosen);
    return true;
  }

  #hasRoom(): boolean {
    if (this.#pool.claims.size < MAX_SERVERS) return true;
    const { host } = this.#resolver.name;
    this.#pool.log.once(
      `no room ${host}`,
      `Cannot ask another address of ${host}: ${MAX_SERVERS} are asked already. Configure fewer servers.`,
    );
    return false;
  }

  #newServer({ identity, record }: Candidate): NtpServer {
    const { schedule, world } = this.#pool;
    return new NtpServer(identity, schedule, record, world.nowRawSeconds(), world.random);
  }

  #release(): void {
    if (this.#claim !== null) this.#pool.claims.delete(this.#claim);
    this.#claim = null;
  }

  async #askWhileUseful(): Promise<void> {
    const server = this.#server!;
    let verdict: PollVerdict = "kept";
    while (verdict === "kept" || verdict === "found") {
      await this.#sleepUntilDue(server);
      if (this.#isStopped) return;
      const askedAtRawSeconds = this.#pool.world.nowRawSeconds();
      server.begin(askedAtRawSeconds);
      const outcome = await this.#exchange(server);
      if (this.#isStopped) return;
      if (outcome.kind !== "measured") {
        this.#pool.onUnanswered(server.identity.source, toNs(askedAtRawSeconds));
      }
      verdict = this.#finish(server, outcome);
    }
  }

  async #sleepUntilDue(server: NtpServer): Promise<void> {
    while (!this.#isStopped) {
      server.schedule = this.#pool.schedule;
      const waitSeconds = server.nextPollAtRawSeconds - this.#pool.world.nowRawSeconds();
      if (waitSeconds <= 0) return;
      await this.#timer.sleep(Math.min(waitSeconds, MAX_SLEEP_SECONDS));
    }
  }

  #exchange(server: NtpServer): Promise<ExchangeOutcome> {
    const { source, address } = server.identity;
    const { world, timeoutMs } = this.#pool;
    return world.exchange({ source, address, timeoutMs, signal: this.#abort.signal });
  }

  #finish(server: NtpServer, outcome: ExchangeOutcome): PollVerdict {
    const { source } = server.identity;
    const wasFound = server.isFound;
    const verdict = server.finish(outcome);
    for (const { key, message } of outcomeNotes(source, outcome)) this.#pool.log.once(key, message);
    if (verdict === "found") this.#pool.log.info(`Time server ${source} answers.`);
    if (wasFound && (verdict === "unreachable" || verdict === "denied")) {
      this.#pool.onLost(source, verdict);
    }
    if (outcome.kind === "measured") this.#pool.onExchange(outcome.exchange);
    return verdict;
  }
}

function toNs(seconds: number): bigint {
  return BigInt(Math.round(seconds * NANOSECONDS_PER_SECOND));
}
