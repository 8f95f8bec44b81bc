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
  #isLooking = false;
  #timer: ReturnType<typeof setInterval> | undefined;

  /** `notify` is told the address of each page that has changed. */
  constructor(session: Session, notify: (uri: string) => void) {
    this.#session = session;
    this.#notify = notify;
  }

  /** Follows `resource` from now on. */
  async add(resource: Resource): Promise<void> {
    this.#versions.set(resource, await resource.version(this.#session));
    this.#timer ??= setInterval(() => void this.#look(), LOOK_INTERVAL_MS);
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

  async #look(): Promise<void> {
    if (this.#isLooking) return;
    this.#isLooking = true;
    for (const [resource, known] of this.#versions) {
      const version = await resource.version(this.#session);
      // Who follows it no more meanwhile is not told.
      if (version === known || !this.#versions.has(resource)) continue;
      this.#versions.set(resource, version);
      this.#notify(resource.uri);
    }
    this.#isLooking = false;
  }
}
