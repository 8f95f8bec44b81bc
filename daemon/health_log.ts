/**
 * What the log says of the daemon's health from time to time.
 *
 * @module
 */
import { CounterWatch, WATCH_SECONDS } from "./counter_watch.ts";
import { honestyText } from "./honesty_text.ts";
import type { Logger } from "./log.ts";
import type { ServiceStatus } from "./service_status.ts";

/** The log says how well the intervals have held, ms. */
const HONESTY_INTERVAL_MS = 600_000;

/** Speaks from its construction until it is disposed. */
export class HealthLog implements Disposable {
  readonly #timers: readonly ReturnType<typeof setInterval>[];
  readonly #counters = new CounterWatch();

  constructor(service: { status(): ServiceStatus }, log: Logger) {
    this.#timers = [
      setInterval(() => log.info("honesty", honestyText(service.status().honesty)), HONESTY_INTERVAL_MS),
      setInterval(() => this.#warn(service.status(), log), 1000 * WATCH_SECONDS),
    ];
  }

  /** Says nothing more. */
  [Symbol.dispose](): void {
    for (const timer of this.#timers) clearInterval(timer);
  }

  #warn({ publisher, tornReadRetries, models }: ServiceStatus, log: Logger): void {
    const remarks = this.#counters.look({
      publications: publisher.lateness.count,
      latePublications: publisher.latePublications,
      tornReadRetries,
      slowInferences: models?.slowInferences ?? 0,
    });
    for (const remark of remarks) log.warning("health", remark);
  }
}
