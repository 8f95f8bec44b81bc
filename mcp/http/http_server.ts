/**
 * MCP over Streamable HTTP.
 *
 * @module
 */
import { isLoopback, type ListenAddress, LOOPBACK_NAMES } from "../../cli/listen_address.ts";
import type { Log } from "../log.ts";
import type { Node } from "../node.ts";
import { Refusal } from "../refusal.ts";
import { accessFault, type AccessRules } from "./access_rules.ts";
import { jsonRpcError } from "./json_rpc_error.ts";
import { SessionTable } from "./session_table.ts";

/** The one address that answers. */
const PATH = "/mcp";
/** A body that takes longer to come is given up. */
const BODY_TIMEOUT_MS = 10_000;

/** Where to listen, and whom to answer. */
export interface HttpSettings {
  readonly address: ListenAddress;
  /** What clients must show; without one only loopback is served. */
  readonly token: string | null;
}

/** Serves until it is disposed of. */
export class HttpServer implements AsyncDisposable {
  readonly #rules: AccessRules;
  readonly #sessions: SessionTable;
  readonly #server: Deno.HttpServer<Deno.NetAddr>;

  /** Listens at once. @throws {Refusal} it cannot */
  constructor({ address, token }: HttpSettings, node: Node, log: Log) {
    const { host, port } = address;
    const name = host.includes(":") ? `[${host}]` : host;
    this.#rules = { hosts: isLoopback(address) ? [...LOOPBACK_NAMES, name] : null, token };
    this.#sessions = new SessionTable(node, log);
    try {
      this.#server = Deno.serve({
        hostname: host,
        port,
        onListen: ({ port }) => log.info(`Serves MCP at http://${name}:${port}${PATH}.`),
        onError: (error) => explain(error, log),
      }, (request, { completed }) => this.#answer(request, completed));
    } catch (error) {
      void this.#sessions[Symbol.asyncDispose]();
      throw listenRefusal(`${name}:${port}`, error);
    }
  }

  /** Where it listens. */
  get port(): number {
    return this.#server.addr.port;
  }

  /** Ends every session and listens no more. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#sessions[Symbol.asyncDispose]();
    await this.#server.shutdown();
  }

  async #answer(request: Request, completed: Promise<void>): Promise<Response> {
    const fault = accessFault(request.headers, this.#rules);
    if (fault !== null) {
      const headers = fault.status === 401 ? { "www-authenticate": "Bearer" } : {};
      return jsonRpcError(fault.status, fault.message, headers);
    }
    if (new URL(request.url).pathname !== PATH) {
      return jsonRpcError(404, `Cannot find this page: MCP is served at ${PATH}.`);
    }
    return await this.#sessions.handle(withTimeout(request), completed);
  }
}

function explain(error: unknown, log: Log): Response {
  log.error(`A request failed: ${error instanceof Error ? error.stack : error}`);
  return jsonRpcError(500, "Cannot answer: a fault in this server. Its log says more.");
}

function listenRefusal(where: string, error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof Deno.errors.NotCapable) return error;
  return new Refusal(`Cannot serve ${where}: ${error.message}. Give another address or port with --http.`);
}

/** A request whose body ends, one way or the other. */
function withTimeout(request: Request): Request {
  if (request.body === null) return request;
  const signal = AbortSignal.timeout(BODY_TIMEOUT_MS);
  const { method, headers } = request;
  // Not a copy of the request: that would copy its signal, which Deno warns of.
  return new Request(request.url, {
    method,
    headers,
    body: request.body.pipeThrough(new TransformStream(), { signal }),
  });
}
