/**
 * Hears of whatever may have moved the clock, from the machine and from the publisher's thread.
 *
 * @module
 */
import type { DisruptionReason } from "./disruption.ts";
import type { Publisher } from "./publish/publisher.ts";
import { DisruptionWatch } from "./sources/disruption_watch.ts";

/** What of the publisher is watched. */
type Watched = Pick<Publisher, "disruptions" | "pauses" | "realtimeSteps" | "disruptionAfter">;

/** Who is told. */
export interface MachineListener {
  /** Something happened that the estimate must hear of. */
  onDisruption(reason: DisruptionReason): void;
  /** Somebody stepped CLOCK_REALTIME, which changes nothing that is measured. */
  onRealtimeStep(): void;
}

/** Watches from `run` until `stop`. */
export class MachineWatch {
  readonly #publisher: Watched;
  readonly #listener: MachineListener;
  readonly #signs = new DisruptionWatch();
  #realtimeSteps = 0;
  #isStopped = false;

  constructor(publisher: Watched, listener: MachineListener) {
    this.#publisher = publisher;
    this.#listener = listener;
  }

  /** Looks now at what nobody tells of by himself. */
  look(): void {
    const reason = this.#signs.look();
    if (reason !== null) this.#listener.onDisruption(reason);
    const steps = this.#publisher.realtimeSteps;
    if (steps !== this.#realtimeSteps) this.#listener.onRealtimeStep();
    this.#realtimeSteps = steps;
  }

  /** Tells of the publisher's suspends and pauses as they are noticed. */
  async run(): Promise<void> {
    let pauses = 0;
    for (let seen = 0; !this.#isStopped; seen = this.#publisher.disruptions) {
      await this.#publisher.disruptionAfter(seen);
      if (this.#isStopped) return;
      const wasPaused = this.#publisher.pauses > pauses;
      pauses = this.#publisher.pauses;
      this.#listener.onDisruption(wasPaused ? "pause" : "suspend");
    }
  }

  /** Nobody is told any more. */
  stop(): void {
    this.#isStopped = true;
  }
}
