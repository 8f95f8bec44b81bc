/**
 * A running service as the status API asks it: what it is now, what it was, what happens.
 *
 * @module
 */
import type { Observation } from "../../record/observation.ts";
import type { Logger } from "../log.ts";
import type { ServiceStatus } from "../service_status.ts";
import { EventHub } from "./event_hub.ts";
import { History, HISTORY_INTERVAL_SECONDS } from "./history.ts";
import { momentOf, observedStatus, statusDocument } from "./status_document.ts";

/** What is asked of the service. */
export interface Service {
  observe(): Observation | null;
  status(): ServiceStatus;
}

/** Keeps the history and feeds the watchers until it is disposed. */
export class WatchedService implements Disposable {
  readonly history = new History();
  readonly events: EventHub;
  readonly #service: Service;
  readonly #timer: ReturnType<typeof setInterval>;
  readonly #listening: Disposable;

  constructor(service: Service, log: Pick<Logger, "listen">) {
    this.#service = service;
    this.events = new EventHub({
      moment: () => stringified(this.#moment()),
      status: () => stringified(this.#document()),
    });
    this.#timer = setInterval(() => this.#remember(), 1000 * HISTORY_INTERVAL_SECONDS);
    this.#remember();
    this.#listening = log.listen(({ atRealtimeMs, level, component, message }) =>
      this.events.tell({ utc_seconds: atRealtimeMs / 1000, level, component, message })
    );
  }

  /** What readers see now; null when none of many attempts found a whole publication. */
  observe(): Observation | null {
    return this.#service.observe();
  }

  /** How things stand. */
  status(): ServiceStatus {
    return this.#service.status();
  }

  /** Ends the history and the watching. */
  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    this.#listening[Symbol.dispose]();
    this.events[Symbol.dispose]();
  }

  #remember(): void {
    const moment = this.#moment();
    if (moment !== null) this.history.push(moment);
  }

  #moment() {
    const observation = this.observe();
    return observation === null ? null : momentOf(observation);
  }

  #document() {
    const status = observedStatus(this.#service.status());
    return status === null ? null : statusDocument(status, Deno.pid);
  }
}

function stringified(document: unknown): string | null {
  return document === null ? null : JSON.stringify(document);
}
