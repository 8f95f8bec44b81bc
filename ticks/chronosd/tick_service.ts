/**
 * What chronosd does, whichever way it is asked.
 *
 * @module
 */
import type { StampedTick, TickAuthority } from "../authority.ts";
import { type LogRequest, Refusal } from "./request.ts";

/** Takes a tick of an authority for an event and writes it down. */
export interface EventWriter {
  /** Now, Unix time in ns. */
  nowUtcNs(): bigint;
  /** A Phi timestamp of `agent`. */
  stamp(agent: string): Promise<string>;
  /** The JSON of a Phi log entry. */
  log(entry: LogRequest): Promise<string>;
}

/**
 * How far ahead of the daemon's clock a client's time may be, ns: stamps never go back, so one from the far future
 * would fix the time of all that follow.
 */
export const MAX_AHEAD_NS = 1_000_000_000n;

/** The ticks of one authority, for many clients. */
export class TickService {
  readonly authority: TickAuthority;
  readonly #events: EventWriter;

  /** Both stay the caller's. */
  constructor(authority: TickAuthority, events: EventWriter) {
    this.authority = authority;
    this.#events = events;
  }

  /** The highest tick handed out so far. */
  current(): Promise<bigint> {
    return this.authority.current();
  }

  /** The first of `count` consecutive ticks. */
  next(count: number): Promise<bigint> {
    return this.authority.next(count);
  }

  /** A tick for a client that knows the time. */
  async nextStamped(utcNs: bigint): Promise<StampedTick> {
    const aheadNs = utcNs - this.#events.nowUtcNs();
    if (aheadNs <= MAX_AHEAD_NS) return await this.authority.nextStamped(utcNs);
    throw new Refusal(
      "BAD_ARGUMENT",
      `Cannot stamp with a time that is ${aheadNs / 1_000_000n} ms ahead of this machine's: at most ${
        MAX_AHEAD_NS / 1_000_000n
      } ms are allowed.`,
    );
  }

  /** A Phi timestamp of `agent`. */
  stamp(agent: string): Promise<string> {
    return this.#events.stamp(agent);
  }

  /** The JSON of a Phi log entry. */
  log(entry: LogRequest): Promise<string> {
    return this.#events.log(entry);
  }
}
