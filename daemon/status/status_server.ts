/**
 * Serves the status API of a running daemon: on a Unix socket always where there is a place for it, on TCP when asked.
 *
 * @module
 */
import type { Config } from "../config.ts";
import { fileFault } from "../file_fault.ts";
import { isLoopback, type ListenAddress, LOOPBACK_NAMES } from "../../cli/listen_address.ts";
import type { Logger } from "../log.ts";
import { formatHostPort } from "../sources/server_name.ts";
import { FAILED, HttpServer, type Place } from "./http_server.ts";
import type { Reply, StreamReply } from "./reply.ts";
import { answer, knownPath, type RawRequest } from "./request_handler.ts";
import type { RequestPolicy } from "./request_policy.ts";
import { freeSocketPath, SocketFile } from "./socket_file.ts";
import { StatusError } from "./status_error.ts";
import { type Service, WatchedService } from "./watched_service.ts";

const COMPONENT = "status";
/** No token is longer. */
const MAX_TOKEN_FILE_BYTES = 4096;

/** Hears of every request that was answered, in s; `path` is null where there is no such path. */
export type RequestListener = (
  request: Pick<RawRequest, "method">,
  path: string | null,
  status: number,
  seconds: number,
) => void;

/** Serves from `start` until it is disposed. */
export class StatusServer implements AsyncDisposable {
  readonly #stack = new AsyncDisposableStack();
  readonly #service: WatchedService;
  readonly #log: Logger;
  readonly #listener: RequestListener | null;

  private constructor(service: Service, log: Logger, listener: RequestListener | null) {
    this.#service = this.#stack.use(new WatchedService(service, log));
    this.#log = log;
    this.#listener = listener;
  }

  /**
   * Begins to serve. Where the user named no socket it goes on without one that it cannot have, and says so; what was
   * asked for by name must be there.
   *
   * @param usualSocketPath where the socket is when the configuration names none; null: there is no such place
   * @throws {StatusError} the address, the socket or the token file that the user chose cannot be used
   */
  static async start(
    settings: Config["status"],
    usualSocketPath: string | null,
    service: Service,
    log: Logger,
    listener: RequestListener | null = null,
  ): Promise<StatusServer> {
    const server = new StatusServer(service, log, listener);
    try {
      if (settings.http !== null) await server.#serveTcp(settings.http, settings.tokenFile);
      if (settings.socketPath !== null) await server.#serveSocket(settings.socketPath, settings.socketMode);
      else if (usualSocketPath !== null) await server.#tryToServeSocket(usualSocketPath, settings.socketMode);
    } catch (error) {
      await server[Symbol.asyncDispose]();
      throw error;
    }
    return server;
  }

  /** Closes the listeners and removes the socket. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack.disposeAsync();
  }

  async #serveTcp(address: ListenAddress, tokenFile: string | null): Promise<void> {
    const token = tokenFile === null ? null : readToken(tokenFile);
    const place = formatHostPort(address.host, address.port);
    const own = isLoopback(address) ? [formatHostPort(address.host, 0).replace(/:0$/, "")] : [];
    const server = await this.#listen(
      place,
      address,
      { hosts: [...LOOPBACK_NAMES, ...own], token },
      "Choose another one with --http.",
    );
    const url = `http://${formatHostPort(address.host, server.port ?? address.port)}/`;
    this.#log.info(
      COMPONENT,
      `Serving the status on ${url}${token === null ? "" : " to who has the token"}.`,
    );
  }

  async #serveSocket(path: string, mode: string): Promise<void> {
    await freeSocketPath(path);
    const policy = { hosts: null, token: null };
    await this.#listen(path, { path }, policy, "Choose another one with status.socket_path.");
    this.#stack.use(new SocketFile(path, parseInt(mode, 8)));
    this.#log.info(COMPONENT, `Serving the status on ${path}.`);
  }

  /** What was not asked for by name is a convenience: the time matters more. */
  async #tryToServeSocket(path: string, mode: string): Promise<void> {
    try {
      await this.#serveSocket(path, mode);
    } catch (error) {
      if (!(error instanceof StatusError)) throw error;
      this.#log.warning(COMPONENT, `${error.message} Going on without.`);
    }
  }

  async #listen(name: string, place: Place, policy: RequestPolicy, remedy: string): Promise<HttpServer> {
    try {
      const server = await HttpServer.listen(place, (request) => this.#answer(request, policy));
      return this.#stack.use(server);
    } catch (error) {
      throw new StatusError(name, error instanceof Error ? error.message : String(error), remedy);
    }
  }

  #answer(request: RawRequest, policy: RequestPolicy): Reply | StreamReply {
    const began = performance.now();
    const reply = this.#tryToAnswer(request, policy);
    const status = "open" in reply ? 200 : reply.status;
    this.#listener?.(request, knownPath(request), status, (performance.now() - began) / 1000);
    return reply;
  }

  #tryToAnswer(request: RawRequest, policy: RequestPolicy): Reply | StreamReply {
    try {
      return answer(request, policy, this.#service);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.#log.once(COMPONENT, "ERROR", COMPONENT, `Cannot answer ${request.target}: ${reason}.`);
      return FAILED;
    }
  }
}

/** The first line of the file. */
function readToken(path: string): string {
  const remedy = "Put one line with the token into the file of status.token_file, readable by the daemon.";
  try {
    if (Deno.statSync(path).size > MAX_TOKEN_FILE_BYTES) {
      throw new StatusError(path, "it is too large", remedy);
    }
    const token = Deno.readTextFileSync(path).split("\n", 1)[0]!.trim();
    if (/^\S+$/.test(token)) return token;
    throw new StatusError(path, "it begins with no token", remedy);
  } catch (error) {
    throw error instanceof StatusError ? error : new StatusError(path, fileFault(error), remedy);
  }
}
