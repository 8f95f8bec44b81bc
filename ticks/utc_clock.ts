/**
 * The time that stamps carry: ChronoTick's corrected time where there is a valid one, else the system clock.
 *
 * @module
 */
import { Clock, nowNs } from "../ffi/clocks.ts";
import { ChronoTickClient, ChronoTickError, type ClientOptions, toNs } from "../mod.ts";

/** What time it is, and what is known of that. */
export interface UtcReading {
  /** Unix ns. */
  readonly utcNs: bigint;
  /** True time is not earlier, Unix ns; null when nobody knows a bound. */
  readonly earliestNs: bigint | null;
  /** True time is not later, Unix ns; null when nobody knows a bound. */
  readonly latestNs: bigint | null;
  /** ChronoTick's `ntp`, `fusion` …, or `system_clock`. */
  readonly source: string;
}

/** Reads UTC. Looks for a ChronoTick daemon at each reading, so that one may come and go. */
export class UtcClock implements Disposable {
  readonly #client: ChronoTickClient;

  /** Opens nothing yet. */
  constructor(options: ClientOptions = {}) {
    this.#client = new ChronoTickClient(options);
  }

  /** The time now. */
  read(): UtcReading {
    try {
      const { time, interval, sourceName } = this.#client.getTime();
      return {
        utcNs: toNs(time),
        earliestNs: interval && toNs(interval.earliest),
        latestNs: interval && toNs(interval.latest),
        source: sourceName,
      };
    } catch (error) {
      if (!(error instanceof ChronoTickError)) throw error;
      return { utcNs: nowNs(Clock.REALTIME), earliestNs: null, latestNs: null, source: "system_clock" };
    }
  }

  /** Lets go of the daemon's record. */
  [Symbol.dispose](): void {
    this.#client.close();
  }
}
