/**
 * This machine among its peers: its clock, its name, and what it knows of the others.
 *
 * @module
 */
import { ChronoTickClient, type ClientOptions, nodeIdentity } from "../mod.ts";
import { mergeVectorClocks, type VectorClock } from "./peers/vector_clock.ts";
import { TickSource } from "./tick_source.ts";

/** How this machine is to be known, and where its daemon publishes. */
export interface NodeOptions extends ClientOptions {
  /** Its name among its peers; the host name and boot id unless given. */
  readonly nodeId?: string;
  /** Who hands out ticks: `file:/folder`, `unix:/socket` or `etcd://host:2379/name`; the environment says unless given. */
  readonly tickAuthority?: string;
}

/** More nodes than this are not remembered. */
export const MAX_KNOWN_NODES = 256;

/** One process's view of its machine, shared by all of its conversations. */
export class Node implements AsyncDisposable {
  readonly clock: ChronoTickClient;
  readonly ticks: TickSource;
  #id: string | undefined;
  #vectorClock: VectorClock = new Map();

  /** Opens nothing yet. */
  constructor(options: NodeOptions = {}) {
    this.clock = new ChronoTickClient(options);
    this.ticks = new TickSource(options.tickAuthority, options);
    this.#id = options.nodeId;
  }

  /** Its name among its peers. */
  get id(): string {
    return this.#id ??= nodeIdentity();
  }

  /**
   * Hearing from peers is an event of this node: takes in what they know and counts it. Null, and nothing changes, when
   * that would be more than {@linkcode MAX_KNOWN_NODES} nodes.
   */
  hear(clocks: readonly VectorClock[]): VectorClock | null {
    const merged = mergeVectorClocks([this.#vectorClock, ...clocks]);
    const own = new Map([[this.id, (merged.get(this.id) ?? 0) + 1]]);
    const heard = mergeVectorClocks([merged, own]);
    if (heard.size > MAX_KNOWN_NODES) return null;
    return this.#vectorClock = heard;
  }

  /** Detaches from the daemon's record, and closes the counter. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.clock.close();
    await this.ticks[Symbol.asyncDispose]();
  }
}
