/**
 * Times that this server has told, by the ids under which a model can refer to them.
 *
 * @module
 */
import type { TimeInterval } from "../mod.ts";

/** Older ones are forgotten. */
export const MAX_TIMES = 1000;

/** The newest {@linkcode MAX_TIMES} times of one conversation. */
export class TimeBook {
  readonly #times = new Map<string, TimeInterval>();
  #count = 0;

  /** Remembers an interval; returns its id. */
  add(interval: TimeInterval): string {
    const id = `t${++this.#count}`;
    this.#times.set(id, interval);
    if (this.#times.size > MAX_TIMES) this.#times.delete(this.#times.keys().next().value!);
    return id;
  }

  /** The interval under `id`; undefined when it was never told or is forgotten. */
  get(id: string): TimeInterval | undefined {
    return this.#times.get(id);
  }
}
