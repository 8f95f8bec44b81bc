/**
 * A server inside of this process.
 *
 * @module
 */
import { EVERYTHING } from "./everything.ts";
import { SILENT_LOG } from "./log.ts";
import { Node, type NodeOptions } from "./node.ts";
import { createServer, type McpServer } from "./server.ts";
import { Session } from "./session.ts";
import type { Tool } from "./tool.ts";

/** The name under which the server introduces itself. */
export const SERVER_NAME = "chronotick";

/** What the server is to offer, and where the daemon publishes. */
export interface ServerOptions extends NodeOptions {
  /** Only these tools, such as `["get_time"]`; all of them unless given. */
  readonly tools?: readonly string[];
}

/**
 * An MCP server for one client in this process. It is what the Claude Agent SDK takes as a server of type `sdk`; any
 * other transport is given to `instance.connect()`. Dispose of it when the client has gone.
 */
export class ChronotickServer implements AsyncDisposable {
  /** Says to the Claude Agent SDK that `instance` is in this process. */
  readonly type = "sdk";
  /** The server's name. */
  readonly name: string = SERVER_NAME;
  /**
   * The SDK's own server, for `connect()`.
   *
   * @ignore its type is the SDK's, and documented there
   */
  readonly instance: McpServer;
  readonly #node: Node;

  /**
   * Makes the server; nothing is attached to before a tool is called.
   *
   * @throws {RangeError} there is no such tool
   */
  constructor(options: ServerOptions = {}) {
    const offer = { ...EVERYTHING, tools: chooseTools(options.tools) };
    this.#node = new Node(options);
    this.instance = createServer(offer, new Session(this.#node), SILENT_LOG);
  }

  /** Closes the connection and detaches from the daemon. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.instance.close();
    await this.#node[Symbol.asyncDispose]();
  }
}

/** Names of all the tools there are, in the order in which clients list them. */
export const TOOL_NAMES: readonly string[] = EVERYTHING.tools.map(({ name }) => name);

function chooseTools(names: readonly string[] = TOOL_NAMES): Tool[] {
  const unknown = names.find((name) => !TOOL_NAMES.includes(name));
  if (unknown !== undefined) {
    throw new RangeError(
      `Cannot offer ${JSON.stringify(unknown)}: there is no such tool, only ${TOOL_NAMES.join(", ")}.`,
    );
  }
  return EVERYTHING.tools.filter(({ name }) => names.includes(name));
}
