/**
 * The conversations that are under way over HTTP.
 *
 * @module
 */
import type { Log } from "../log.ts";
import type { Node } from "../node.ts";
import { HttpSession } from "./http_session.ts";
import { jsonRpcError } from "./json_rpc_error.ts";

/** More than this at once are not served; a longest idle one makes room. */
export const MAX_SESSIONS = 64;
/** A client that says nothing for so long has gone. */
const MAX_IDLE_MS = 30 * 60_000;
const SWEEP_INTERVAL_MS = 60_000;
const SESSION_HEADER = "mcp-session-id";

/** Sessions by their ids. */
export class SessionTable implements AsyncDisposable {
  readonly #node: Node;
  readonly #log: Log;
  readonly #sessions = new Map<string, HttpSession>();
  readonly #sweep = setInterval(() => this.#closeIdle(), SWEEP_INTERVAL_MS);
  #opening = 0;

  /** Empty. */
  constructor(node: Node, log: Log) {
    this.#node = node;
    this.#log = log;
  }

  /** Answers a request in its session, or in a new one. */
  async handle(request: Request, completed: Promise<void>): Promise<Response> {
    const id = request.headers.get(SESSION_HEADER);
    if (id === null) return await this.#open(request, completed);
    const session = this.#sessions.get(id);
    if (session !== undefined) return await session.handle(request, completed);
    return jsonRpcError(
      404,
      "Cannot find this session: it has ended or was idle too long. Initialize a new one.",
    );
  }

  /** Ends all. */
  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#sweep);
    await Promise.all([...this.#sessions.values()].map((session) => session.close()));
  }

  async #open(request: Request, completed: Promise<void>): Promise<Response> {
    if (!await this.#makeRoom()) {
      return jsonRpcError(503, `Cannot open a session: ${MAX_SESSIONS} are busy. Try again later.`);
    }
    let id: string | undefined;
    const session: HttpSession = new HttpSession(this.#node, this.#log, (given) => {
      id = given;
      this.#sessions.set(given, session);
    }, () => id !== undefined && this.#sessions.delete(id));
    this.#opening++;
    try {
      await session.start();
      const response = await session.handle(request, completed);
      // Whatever was no initialize request has been refused.
      if (!session.isOpen) await session.close();
      return response;
    } finally {
      this.#opening--;
    }
  }

  /** Ends the longest idle session when the table is full; false when none is idle. */
  async #makeRoom(): Promise<boolean> {
    if (this.#sessions.size + this.#opening < MAX_SESSIONS) return true;
    const [idlest] = [...this.#sessions.values()].sort((a, b) => b.idleMs - a.idleMs);
    if (idlest === undefined || idlest.idleMs === 0) return false;
    await idlest.close();
    return true;
  }

  #closeIdle(): void {
    for (const session of this.#sessions.values()) {
      if (session.idleMs > MAX_IDLE_MS) void session.close();
    }
  }
}
