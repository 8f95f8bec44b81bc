import type { StampedTick, TickAuthority } from "../../../../ticks/authority.ts";

/** Ticks that nobody keeps. */
export class MemoryAuthority implements TickAuthority {
  readonly name = "memory:";
  #tick = 0n;
  #utcNs = 0n;
  /** Set to make every request fail with it. */
  fault: Error | null = null;

  current(): Promise<bigint> {
    return Promise.resolve(this.#tick);
  }

  next(count = 1): Promise<bigint> {
    if (this.fault !== null) return Promise.reject(this.fault);
    const first = this.#tick + 1n;
    this.#tick += BigInt(count);
    return Promise.resolve(first);
  }

  async nextStamped(utcNs: bigint): Promise<StampedTick> {
    const tick = await this.next();
    if (utcNs > this.#utcNs) this.#utcNs = utcNs;
    return { tick, utcNs: this.#utcNs };
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve();
  }
}
