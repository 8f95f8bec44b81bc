/**
 * Stamps and log entries of any agent, from one authority: what chronosd and chronos-ctl do for those who ask.
 *
 * @module
 */
import { checkAgentId } from "./agent_id.ts";
import type { TickAuthority } from "./authority.ts";
import type { EventLog } from "./event_log.ts";
import type { PhiEvent } from "./phi_json.ts";
import { PhiLogEntry } from "./phi_log_entry.ts";
import { PhiGenerator } from "./phi_generator.ts";
import { formatPhi } from "./phi_timestamp.ts";
import { UtcClock } from "./utc_clock.ts";

/** What is to be logged. */
export interface EventToLog {
  /** Who did it. */
  readonly agent: string;
  /** What was done. */
  readonly action: string;
  /** How it went. */
  readonly status: string;
  /** The rest; may be empty. */
  readonly details: string;
}

/** Uses one tick for each event. What is refused, is refused before a tick is used. */
export class EventRecorder implements Disposable {
  readonly #authority: TickAuthority;
  readonly #log: EventLog;
  readonly #clock: UtcClock;

  /** The authority stays the caller's to close; the clock goes with this. */
  constructor(authority: TickAuthority, log: EventLog, clock: UtcClock = new UtcClock()) {
    this.#authority = authority;
    this.#log = log;
    this.#clock = clock;
  }

  /** The time that a stamp made now would ask for, Unix ns. */
  nowUtcNs(): bigint {
    return this.#clock.read().utcNs;
  }

  /**
   * A Phi timestamp and what is known of its time.
   *
   * @throws {TickError} no tick was used: the agent id is none, or the authority gave none
   */
  async event(agent: string): Promise<PhiEvent> {
    using generator = new PhiGenerator(this.#authority, agent, this.#clock);
    return await generator.next();
  }

  /** The text of {@linkcode event}. */
  async stamp(agent: string): Promise<string> {
    return formatPhi(await this.event(agent));
  }

  /**
   * Appends an entry to the log; returns it when it is on the disk.
   *
   * @throws {TickError} no tick was used, unless the disk failed at the very end
   */
  async log({ agent, action, status, details }: EventToLog): Promise<string> {
    PhiLogEntry.check(action, status, details);
    checkAgentId(agent);
    this.#log.check();
    const line = new PhiLogEntry(await this.event(agent), action, status, details).toJson();
    this.#log.append(line);
    return line;
  }

  /** Lets go of the clock. */
  [Symbol.dispose](): void {
    this.#clock[Symbol.dispose]();
  }
}
