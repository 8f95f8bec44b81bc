/**
 * chronosd's face to programs on this machine: many clients on one Unix socket, none of which can hinder another.
 *
 * @module
 */
import { TickError } from "../errors.ts";
import { type AnswerLine, Connection } from "./connection.ts";
import { refusalText } from "./request.ts";
import type { SocketFile } from "./socket_file.ts";

/** How patient the server is, and with how many. */
export interface SocketLimits {
  /** Clients at a time; a further one is told so and closed. */
  readonly maxConnections: number;
  /** How long a client may be connected without completing a request, ms. */
  readonly idleMs: number;
  /** How long a client may leave a reply unread that does not fit the socket's buffer, ms. */
  readonly stalledMs: number;
}

/** What holds unless the command line says otherwise. */
export const DEFAULT_LIMITS: SocketLimits = { maxConnections: 1000, idleMs: 600_000, stalledMs: 10_000 };

/** How much longer than its limit a client may be silent. */
const SWEEP_FRACTION = 0.1;
/** Out of descriptors or memory, accepting is tried again after this. */
const ACCEPT_RETRY_MS = 100;

/** Serves the clients of a socket until it is disposed. */
export class SocketServer implements AsyncDisposable {
  readonly #file: SocketFile;
  readonly #answer: AnswerLine;
  readonly #limits: SocketLimits;
  readonly #connections = new Set<Connection>();
  readonly #sweep: ReturnType<typeof setInterval>;
  readonly #accepting: Promise<void>;
  #isClosed = false;

  /** Takes over `file` and begins to serve. */
  constructor(file: SocketFile, answer: AnswerLine, limits: SocketLimits = DEFAULT_LIMITS) {
    this.#file = file;
    this.#answer = answer;
    this.#limits = limits;
    const sweepMs = SWEEP_FRACTION * Math.min(limits.idleMs, limits.stalledMs);
    this.#sweep = setInterval(() => this.#closeSilent(performance.now()), sweepMs);
    this.#accepting = this.#acceptAll();
  }

  /** Where it listens. */
  get path(): string {
    return this.#file.path;
  }

  /** Clients that are connected now. */
  get connectionCount(): number {
    return this.#connections.size;
  }

  /** Stops listening and closes every connection; a request under way may stay without its reply. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    clearInterval(this.#sweep);
    this.#file[Symbol.dispose]();
    for (const connection of this.#connections) connection[Symbol.dispose]();
    await this.#accepting;
  }

  async #acceptAll(): Promise<void> {
    while (!this.#isClosed) {
      try {
        this.#welcome(await this.#file.listener.accept());
      } catch {
        if (!this.#isClosed) await new Promise((resolve) => setTimeout(resolve, ACCEPT_RETRY_MS));
      }
    }
  }

  #welcome(conn: Deno.Conn): void {
    if (this.#connections.size >= this.#limits.maxConnections) return turnAway(conn, this.#limits);
    const connection = new Connection(conn, this.#answer);
    this.#connections.add(connection);
    void connection.serve().finally(() => this.#connections.delete(connection));
  }

  #closeSilent(nowMs: number): void {
    for (const connection of this.#connections) {
      const { idleMs, stalledMs } = connection.silence(nowMs);
      if (idleMs <= this.#limits.idleMs && stalledMs <= this.#limits.stalledMs) continue;
      connection[Symbol.dispose]();
      this.#connections.delete(connection); // its place is free, however long its last write takes to end
    }
  }
}

/** The sentence fits the socket's empty buffer, so nobody waits for the client to read it. */
function turnAway(conn: Deno.Conn, { maxConnections }: SocketLimits): void {
  const refusal = new TickError("BUSY", `Cannot serve more than ${maxConnections} clients: try again later.`);
  const farewell = new TextEncoder().encode(`${refusalText(refusal)}\n`);
  void conn.write(farewell).catch(() => {}).finally(() => conn.close());
}
