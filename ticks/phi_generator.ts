/**
 * Makes Phi timestamps for one agent.
 *
 * @module
 */
import { checkAgentId } from "./agent_id.ts";
import type { TickAuthority } from "./authority.ts";
import type { PhiEvent } from "./phi_json.ts";
import { UtcClock } from "./utc_clock.ts";

/**
 * Stamps of one agent, from any authority.
 *
 * @example
 * ```ts ignore
 * using clock = ChronosClock.open({ create: true });
 * using generator = new PhiGenerator(clock.authority, "CLAUDE-A");
 * console.log(formatPhi(await generator.next()));
 * ```
 */
export class PhiGenerator implements Disposable {
  /** Whose stamps these are. */
  readonly agent: string;
  readonly #authority: TickAuthority;
  readonly #clock: UtcClock;
  readonly #ownClock: UtcClock | undefined;

  /**
   * The authority stays the caller's to close, and the clock where one is given.
   *
   * @throws {TickError} `AGENT_ID`: it is none
   */
  constructor(authority: TickAuthority, agent: string, clock?: UtcClock) {
    this.agent = checkAgentId(agent);
    this.#authority = authority;
    this.#ownClock = clock === undefined ? new UtcClock() : undefined;
    this.#clock = clock ?? this.#ownClock!;
  }

  /**
   * Uses one tick. Its time is not earlier than that of any stamp of the same authority before: while the clock is
   * behind the last stamp, that stamp's time is held, and may then lie after `latestNs`.
   *
   * @throws {TickError} no tick was handed out
   */
  async next(): Promise<PhiEvent> {
    const reading = this.#clock.read();
    const stamped = await this.#authority.nextStamped(reading.utcNs);
    return { ...reading, ...stamped, agent: this.agent };
  }

  /** The last tick that anybody used, with the time now; uses none. Not a stamp: others may get the same. */
  async current(): Promise<PhiEvent> {
    const reading = this.#clock.read();
    return { ...reading, tick: await this.#authority.current(), agent: this.agent };
  }

  /** Lets go of the clock, unless it was given. */
  [Symbol.dispose](): void {
    this.#ownClock?.[Symbol.dispose]();
  }
}
