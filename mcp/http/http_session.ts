/**
 * One client's conversation over HTTP.
 *
 * @module
 */
import { EVERYTHING } from "../everything.ts";
import type { Log } from "../log.ts";
import type { Node } from "../node.ts";
import { createServer, HttpTransport, type McpServer } from "../server.ts";
import { Session } from "../session.ts";

/** Larger requests are refused. */
export const MAX_BODY_BYTES = 1 << 20;

/** Lives from its first request until its client ends it or is silent for too long. */
export class HttpSession {
  readonly #server: McpServer;
  readonly #transport: HttpTransport;
  #openRequests = 0;
  #lastUsedMs = performance.now();

  /** `onOpen` is told its id once the client has initialized it, `onClose` when it is over. */
  constructor(node: Node, log: Log, onOpen: (id: string) => void, onClose: () => void) {
    this.#transport = new HttpTransport({
      sessionIdGenerator: () => crypto.randomUUID(),
      onsessioninitialized: onOpen,
      maxRequestBodySize: MAX_BODY_BYTES,
    });
    this.#server = createServer(EVERYTHING, new Session(node), log, onClose);
  }

  /** Whether the client has initialized it. */
  get isOpen(): boolean {
    return this.#transport.sessionId !== undefined;
  }

  /** For how long nobody has asked anything, ms; 0 while an answer is under way. */
  get idleMs(): number {
    return this.#openRequests > 0 ? 0 : performance.now() - this.#lastUsedMs;
  }

  /** Connects the server and its transport; before the first request. */
  async start(): Promise<void> {
    await this.#server.connect(this.#transport);
  }

  /** Answers one request; `completed` resolves when the whole answer has been sent. */
  async handle(request: Request, completed: Promise<void>): Promise<Response> {
    this.#openRequests++;
    completed.catch(() => {}).finally(() => {
      this.#openRequests--;
      this.#lastUsedMs = performance.now();
    });
    return await this.#transport.handleRequest(request);
  }

  /** Ends it. */
  async close(): Promise<void> {
    await this.#server.close();
  }
}
