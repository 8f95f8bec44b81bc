/**
 * What a conversation with one client may use and remembers.
 *
 * @module
 */
import type { ChronoTickClient } from "../mod.ts";
import type { Node } from "./node.ts";
import { TimeBook } from "./time_book.ts";

/** One client's conversation. Over HTTP several share a node. */
export class Session {
  readonly node: Node;
  /** The times that were told, so that they can be referred to. */
  readonly times = new TimeBook();

  /** Begins a conversation. */
  constructor(node: Node) {
    this.node = node;
  }

  /** This machine's clock. */
  get clock(): ChronoTickClient {
    return this.node.clock;
  }
}
