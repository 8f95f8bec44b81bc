/**
 * What a conversation with one client may use and remembers.
 *
 * @module
 */
import type { ChronoTickClient } from "../mod.ts";
import { ActionBook } from "./action_book.ts";
import type { Node } from "./node.ts";
import { TimeBook } from "./time_book.ts";
import { WaitRoom } from "./wait_room.ts";

/** Waits that one client may have under way. */
const MAX_WAITS = 64;

/** One client's conversation. Over HTTP several share a node. */
export class Session {
  readonly node: Node;
  /** The times that were told, so that they can be referred to. */
  readonly times = new TimeBook();
  readonly actions = new ActionBook();
  readonly waitRoom = new WaitRoom(MAX_WAITS);

  /** Begins a conversation. */
  constructor(node: Node) {
    this.node = node;
  }

  /** This machine's clock. */
  get clock(): ChronoTickClient {
    return this.node.clock;
  }
}
