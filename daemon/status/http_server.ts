/**
 * HTTP on one listener, with a bound on everything that a client could pile up.
 *
 * @module
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { ListenAddress } from "../../cli/listen_address.ts";
import type { EventSink } from "./event_hub.ts";
import { refusalReply, type Reply, type StreamReply } from "./reply.ts";
import type { RawRequest } from "./request_handler.ts";

/** Connections at the same time; further ones are closed at once. */
export const MAX_CONNECTIONS = 64;
/** Bytes of a request's line and headers. */
const MAX_HEADER_BYTES = 8192;
/** A request's head must be whole after this long, ms. */
const HEADERS_TIMEOUT_MS = 5000;
/** And the request itself. */
const REQUEST_TIMEOUT_MS = 10_000;
/** A connection without a request is closed after this long, ms. */
const KEEP_ALIVE_MS = 15_000;
/** How often those are looked for, ms. */
const CHECK_INTERVAL_MS = 1000;

/** What every answer carries. */
const COMMON_HEADERS: Readonly<Record<string, string>> = {
  "cache-control": "no-store",
  "x-content-type-options": "nosniff",
  "cross-origin-resource-policy": "same-origin",
  "referrer-policy": "no-referrer",
};

/** Where to listen. */
export type Place = ListenAddress | { readonly path: string };

/** Answers requests; must not throw. */
export type Handler = (request: RawRequest) => Reply | StreamReply;

/** Serves from `listen` until it is disposed. */
export class HttpServer implements AsyncDisposable {
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  /**
   * Listens.
   *
   * @throws {Error} what the system says, such as that the port is taken
   */
  static async listen(place: Place, handler: Handler): Promise<HttpServer> {
    const server = createServer({
      maxHeaderSize: MAX_HEADER_BYTES,
      headersTimeout: HEADERS_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      keepAliveTimeout: KEEP_ALIVE_MS,
      connectionsCheckingInterval: CHECK_INTERVAL_MS,
    });
    server.maxConnections = MAX_CONNECTIONS;
    const respond = (request: IncomingMessage, response: ServerResponse) =>
      respondWith(request, response, handler(rawRequest(request)));
    server.on("request", respond);
    // Whoever asks before it sends a body is told at once that none is taken.
    server.on("checkContinue", respond);
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      const listening = () => {
        server.off("error", reject);
        resolve();
      };
      // A Deno that takes no path here listens on a port instead, and on all addresses unless told otherwise.
      if ("path" in place) server.listen({ path: place.path, host: "127.0.0.1" }, listening);
      else server.listen(place.port, place.host, listening);
    });
    const self = new HttpServer(server);
    if (!("path" in place) || self.port === null) return self;
    await self[Symbol.asyncDispose]();
    throw new Error(`Deno ${Deno.version.deno} is too old to serve HTTP on a Unix socket`);
  }

  /** The port that it listens on; null on a Unix socket. */
  get port(): number | null {
    const address = this.#server.address();
    return address === null || typeof address === "string" ? null : (address as AddressInfo).port;
  }

  /** Closes the listener and every connection. */
  async [Symbol.asyncDispose](): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#server.closeAllConnections();
    await closed;
  }
}

function rawRequest({ method, url, headers }: IncomingMessage): RawRequest {
  return {
    method: method ?? "",
    target: url ?? "",
    header: (name) => {
      const value = headers[name];
      return Array.isArray(value) ? value.join(", ") : value;
    },
  };
}

function respondWith(request: IncomingMessage, response: ServerResponse, reply: Reply | StreamReply): void {
  if (!("open" in reply)) return send(request, response, reply);
  response.writeHead(200, { ...COMMON_HEADERS, "content-type": reply.type });
  if (request.method === "HEAD") return void response.end();
  const close = reply.open(sinkOf(response));
  response.once("close", close);
}

function sinkOf(response: ServerResponse): EventSink {
  return {
    get unsentBytes() {
      return response.writableLength;
    },
    write: (text) => void response.write(text),
    close: () => void response.destroy(),
  };
}

function send(request: IncomingMessage, response: ServerResponse, reply: Reply): void {
  const isRefused = reply.status >= 400 && reply.status < 500;
  response.writeHead(reply.status, {
    ...COMMON_HEADERS,
    "content-type": reply.type,
    ...reply.headers,
    // Whatever else a refused client has sent, nobody will read it.
    ...(isRefused ? { connection: "close" } : {}),
  });
  response.end(reply.body, () => {
    if (isRefused && !request.complete) request.socket.destroySoon();
  });
}

/** What a handler that failed answers. */
export const FAILED: Reply = refusalReply({
  status: 500,
  code: "failed",
  message: "This is a fault in the daemon: its log says more.",
});
