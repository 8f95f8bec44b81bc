/**
 * Leap seconds: what the servers announce, and when the clock's reading is ambiguous because of one.
 *
 * @module
 */
import type { Exchange } from "./sources/measurement.ts";

/** Servers whose announcement is remembered. */
const MAX_SERVERS = 32;
/** Predictions are made once a second and hold for the ones after: the allowance begins this long before the month ends. */
const EARLY_SECONDS = 3;

interface Announcement {
  readonly announced: boolean;
  readonly utcSeconds: number;
}

/** Follows the leap indicators of RFC 5905 §7.3. Pure. */
export class LeapWatch {
  readonly #latest = new Map<string, Announcement>();
  #endOfMonthSeconds: number | null = null;

  /** Takes in what a server announced with this exchange. */
  observe(exchange: Exchange): void {
    const utcSeconds = Number(exchange.t3UtcNs / 1_000_000_000n);
    this.#latest.delete(exchange.source);
    this.#latest.set(exchange.source, { announced: exchange.leap !== 0, utcSeconds });
    if (this.#latest.size > MAX_SERVERS) this.#latest.delete(this.#latest.keys().next().value!);
    const isMajority = 2 * [...this.#latest.values()].filter(({ announced }) => announced).length >
      this.#latest.size;
    if (!isMajority) this.#endOfMonthSeconds = null;
    else this.#endOfMonthSeconds ??= endOfMonth(utcSeconds);
  }

  /** A majority of the servers announces a leap second. */
  get isPending(): boolean {
    return this.#endOfMonthSeconds !== null;
  }

  /**
   * What the hard bound must allow for at `utcSeconds`, s: 1 from just before the announced month ends until a majority
   * of the servers has stopped announcing, which they do once they have leapt and been measured again.
   */
  allowanceSeconds(utcSeconds: number): number {
    return this.#endOfMonthSeconds !== null && utcSeconds >= this.#endOfMonthSeconds - EARLY_SECONDS ? 1 : 0;
  }
}

/** RFC 5905 §7.3: a leap second is announced for the last minute of the current month. */
function endOfMonth(utcSeconds: number): number {
  const date = new Date(utcSeconds * 1000);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 1) / 1000;
}
