/**
 * A publisher in a process of its own, for whatever needs a record that lives.
 *
 * @module
 */
import type { PublisherStatistics } from "../daemon/publish/publisher.ts";
import { DenoChild } from "./deno_child.ts";

/** What else the publisher's process does. */
export type PublisherLoad = "idle" | "busy";

/** Publishes from `start` on until `finish` or dispose. */
export class LivePublisher implements AsyncDisposable {
  readonly shmName: string;
  readonly #child: DenoChild<PublisherStatistics | null>;

  private constructor(shmName: string, child: DenoChild<PublisherStatistics | null>) {
    this.shmName = shmName;
    this.#child = child;
  }

  /** Resolves after the first publication. */
  static async start(frequencyHz: number, load: PublisherLoad = "idle"): Promise<LivePublisher> {
    const shmName = randomShmName();
    const module = new URL("./publisher_child.ts", import.meta.url);
    const child = new DenoChild<PublisherStatistics | null>(module, [shmName, frequencyHz, load]);
    await child.next();
    return new LivePublisher(shmName, child);
  }

  /** Withdraws the record; returns how publishing went. */
  async finish(): Promise<PublisherStatistics> {
    await this.#child.endInput();
    return (await this.#child.last())!;
  }

  /** As {@linkcode finish}, when that was not called. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#child.end();
  }
}

/** A segment's name that nobody else uses. */
export function randomShmName(): string {
  return `chronotick_bench_${crypto.randomUUID().replaceAll("-", "")}`;
}
