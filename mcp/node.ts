/**
 * This machine among its peers: its clock and its name.
 *
 * @module
 */
import { ChronoTickClient, type ClientOptions, nodeIdentity } from "../mod.ts";

/** How this machine is to be known, and where its daemon publishes. */
export interface NodeOptions extends ClientOptions {
  /** Its name among its peers; the host name and boot id unless given. */
  readonly nodeId?: string;
}

/** One process's view of its machine, shared by all of its conversations. */
export class Node implements Disposable {
  readonly clock: ChronoTickClient;
  #id: string | undefined;

  /** Opens nothing yet. */
  constructor(options: NodeOptions = {}) {
    this.clock = new ChronoTickClient(options);
    this.#id = options.nodeId;
  }

  /** Its name among its peers. */
  get id(): string {
    return this.#id ??= nodeIdentity();
  }

  /** Detaches from the daemon's record. */
  [Symbol.dispose](): void {
    this.clock.close();
  }
}
