/**
 * Who follows which page, and when to tell them.
 *
 * @module
 */
import type { Resource } from "./resource.ts";
import type { Session } from "./session.ts";

/** How often the followed pages are looked at, ms: a model has no use for more. */
const LOOK_INTERVAL_MS = 250;

/** The pages that one client follows. It looks at them only while there are any. */
export class Subscriptions implements Disposable {
  readonly #session: Session;
  readonly #notify: (uri: string) => void;
  /** What each followed page was like when it was last looked at. */
  readonly #versions = new Map<Resource, string>();
  #timer: ReturnType<typeof setInterval> | undefined;

  /** `notify` is told the address of each page that has changed. */
  constructor(session: Session, notify: (uri: string) => void) {
    this.#session = session;
    this.#notify = notify;
  }

  /** Follows `resource` from now on. */
  add(resource: Resource): void {
    this.#versions.set(resource, resource.version(this.#session));
    this.#timer ??= setInterval(() => this.#look(), LOOK_INTERVAL_MS);
  }

  /** Follows it no more. */
  delete(resource: Resource): void {
    this.#versions.delete(resource);
    if (this.#versions.size === 0) this[Symbol.dispose]();
  }

  /** Follows nothing any more. */
  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#versions.clear();
  }

  #look(): void {
    for (const [resource, known] of this.#versions) {
      const version = resource.version(this.#session);
      if (version === known) continue;
      this.#versions.set(resource, version);
      this.#notify(resource.uri);
    }
  }
}
