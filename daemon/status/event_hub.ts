/**
 * Server-sent events to whoever watches: moments, the whole status, and what happens. A client that does not keep up is
 * let go: it comes again by itself.
 *
 * @module
 */
import type { Happening } from "./schemas.ts";

/** Who watches at the same time. */
export const MAX_WATCHERS = 16;
/** Moments per second at most. */
export const MAX_EVENTS_HZ = 10;
/** What may wait for one client, bytes: some tens of seconds of everything. */
export const MAX_UNSENT_BYTES = 256 * 1024;
/** What happened lately is told to those who come, so much of it. */
export const MAX_HAPPENINGS = 100;
const WHOLE_STATUS_SECONDS = 1;

/** What is sent to one client. */
export interface EventSink {
  /** Bytes that it has not taken yet. */
  readonly unsentBytes: number;
  write(text: string): void;
  /** Ends the connection. */
  close(): void;
}

/** What watchers are told of, as JSON. */
export interface EventSource {
  moment(): string | null;
  status(): string | null;
}

interface Watcher {
  readonly sink: EventSink;
  readonly timer: ReturnType<typeof setInterval>;
}

/** Costs nothing while nobody watches. */
export class EventHub implements Disposable {
  readonly #source: EventSource;
  readonly #watchers = new Set<Watcher>();
  readonly #happenings: Happening[] = [];

  constructor(source: EventSource) {
    this.#source = source;
  }

  /** Whether there is no room for another watcher. */
  get isFull(): boolean {
    return this.#watchers.size >= MAX_WATCHERS;
  }

  /** Sends to `sink` from now on, `hz` moments a second; what is returned ends that. */
  watch(sink: EventSink, hz: number): () => void {
    let beat = 0;
    const tick = () => {
      this.#send(watcher, "moment", this.#source.moment());
      if (beat++ % Math.ceil(hz * WHOLE_STATUS_SECONDS) === 0) {
        this.#send(watcher, "status", this.#source.status());
      }
    };
    const watcher: Watcher = { sink, timer: setInterval(tick, 1000 / hz) };
    this.#watchers.add(watcher);
    for (const happening of this.#happenings) this.#send(watcher, "happening", JSON.stringify(happening));
    tick();
    return () => this.#forget(watcher);
  }

  /** Something happened. */
  tell(happening: Happening): void {
    this.#happenings.push(happening);
    if (this.#happenings.length > MAX_HAPPENINGS) this.#happenings.shift();
    for (const watcher of this.#watchers) this.#send(watcher, "happening", JSON.stringify(happening));
  }

  /** Lets everybody go. */
  [Symbol.dispose](): void {
    for (const watcher of this.#watchers) this.#letGo(watcher);
  }

  #send(watcher: Watcher, event: string, data: string | null): void {
    if (data === null || !this.#watchers.has(watcher)) return;
    if (watcher.sink.unsentBytes > MAX_UNSENT_BYTES) return this.#letGo(watcher);
    watcher.sink.write(`event: ${event}\ndata: ${data}\n\n`);
  }

  #letGo(watcher: Watcher): void {
    this.#forget(watcher);
    watcher.sink.close();
  }

  #forget(watcher: Watcher): void {
    clearInterval(watcher.timer);
    this.#watchers.delete(watcher);
  }
}
