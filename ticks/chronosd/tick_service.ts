/**
 * What chronosd does, whichever way it is asked.
 *
 * @module
 */
import type { StampedTick, TickAuthority } from "../authority.ts";
import { TickError, type TickErrorCode } from "../errors.ts";
import type { EventToLog } from "../event_recorder.ts";

/** Makes stamps and log entries of the same authority's ticks: an `EventRecorder`. */
export interface EventWriter {
  /** The time that a stamp made now would ask for, Unix ns. */
  nowUtcNs(): bigint;
  /** A Phi timestamp, as text. */
  stamp(agent: string): Promise<string>;
  /** A Phi log entry, as JSON. */
  log(event: EventToLog): Promise<string>;
}

/**
 * How far ahead of the daemon's clock a client's time may be, ns: stamps never go back, so one from the far future
 * would fix the time of all that follow.
 */
const MAX_AHEAD_NS = 1_000_000_000n;

/** What only whoever asks can have caused; everything else is for the daemon's log, too. */
const CALLERS_FAULTS: readonly TickErrorCode[] = ["AGENT_ID", "PHI_TIMESTAMP", "LOG_ENTRY", "RANGE"];

/** The ticks of one authority, for many clients. */
export class TickService {
  readonly authority: TickAuthority;
  readonly #events: EventWriter;
  readonly #onFault: (error: Error) => void;

  /** `authority` and `events` stay the caller's; `onFault` is told of what is no client's fault. */
  constructor(authority: TickAuthority, events: EventWriter, onFault: (error: Error) => void) {
    this.authority = authority;
    this.#events = events;
    this.#onFault = onFault;
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
    throw new TickError(
      "RANGE",
      `Cannot stamp with a time that is ${aheadNs / 1_000_000n} ms ahead of this machine's: at most ${
        MAX_AHEAD_NS / 1_000_000n
      } ms are allowed.`,
    );
  }

  /** A Phi timestamp of `agent`, as text. */
  stamp(agent: string): Promise<string> {
    return this.#events.stamp(agent);
  }

  /** A Phi log entry, as JSON. */
  log(event: EventToLog): Promise<string> {
    return this.#events.log(event);
  }

  /** What to tell the client whose request failed with `thrown`. */
  explain(thrown: unknown): TickError {
    const error = thrown instanceof Error ? thrown : new Error(String(thrown));
    const isForeseen = error instanceof TickError;
    if (!isForeseen || !CALLERS_FAULTS.includes(error.code)) this.#onFault(error);
    return isForeseen ? error : new TickError("UNAVAILABLE", "Cannot do this: chronosd's log says why.");
  }
}
