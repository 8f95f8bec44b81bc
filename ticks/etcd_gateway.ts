/**
 * Requests to the JSON gateways of a cluster's members: whichever answers.
 *
 * @module
 */
import { asObject, type EtcdAnswer, type EtcdFailure, type JsonObject, judgeAnswer } from "./etcd_answer.ts";
import type { TickError, TickErrorCode } from "./errors.ts";
import { noTickFrom } from "./etcd_refusal.ts";

/** Who asks. */
export interface EtcdLogin {
  readonly user: string;
  readonly password: string;
}

/** How a cluster is asked. */
export interface EtcdGatewayOptions {
  /** The members: `http://127.0.0.1:2379`. */
  readonly origins: readonly string[];
  /** For messages: `etcd://127.0.0.1:2379/name`. */
  readonly address: string;
  /** Connections, and what TLS needs. The gateway closes it. */
  readonly httpClient: Deno.HttpClient;
  /** Null where the cluster asks for no password. */
  readonly login: EtcdLogin | null;
}

/** The first wait for an answer, ms; it doubles each time when all members have been asked in vain. */
const FIRST_WAIT_MS = 1000;
/** The longest rest after all members have been asked in vain, ms. */
const LONGEST_REST_MS = 250;
const FIRST_REST_MS = 10;
/** More than fit into any deadline that makes sense. */
const MAX_ATTEMPTS = 10_000;
/** New tokens for one request: the first may be refused because the users were changed in between. */
const MAX_LOGINS = 3;
/** A member that sees no leader says so at once, instead of waiting for one (rpctypes.MetadataRequireLeaderKey). */
const REQUIRE_LEADER = { "Grpc-Metadata-hasleader": "true" };

/**
 * Asks one member, and the next one when that does not help. A request may have been carried out although its answer
 * was lost, and is then made again: only ask what does no harm twice.
 */
export class EtcdGateway implements Disposable {
  readonly #options: EtcdGatewayOptions;
  readonly #end = new AbortController();
  #member = 0;
  #token: string | null = null;
  #clusterId: string | null = null;

  /** Asks nothing yet. */
  constructor(options: EtcdGatewayOptions) {
    this.#options = options;
  }

  /**
   * The answer to a POST of `body` to `path` (`/v3/kv/txn`).
   *
   * @param deadlineMs by `performance.now()`: until when it is tried
   * @throws {TickError} nobody carried it out in time, or it was refused
   */
  async call(path: string, body: JsonObject, deadlineMs: number): Promise<JsonObject> {
    let last: EtcdFailure | null = null;
    let logins = 0;
    for (let attempt = 0; attempt < MAX_ATTEMPTS && performance.now() < deadlineMs; attempt++) {
      const round = Math.floor(attempt / this.#options.origins.length);
      const waitMs = Math.max(0, Math.min(FIRST_WAIT_MS * 2 ** round, deadlineMs - performance.now()));
      const answer = await this.#ask(path, body, waitMs);
      if (answer.kind === "done") return this.#sameCluster(answer.body);
      last = answer;
      if (answer.remedy === "login" && this.#options.login !== null && ++logins <= MAX_LOGINS) {
        this.#token = null;
      } else if (answer.remedy === "pass") {
        await this.#goOn(round, deadlineMs);
      } else break;
    }
    if (last?.remedy !== "pass") {
      throw this.#error(last?.code ?? "UNAVAILABLE", last?.text ?? "no time was left");
    }
    throw this.#error(
      last.code,
      `no member could answer with a majority behind it (at last: ${last.text}); see that the cluster is up`,
    );
  }

  /** Ends what is under way, and the connections. */
  [Symbol.dispose](): void {
    this.#end.abort(this.#error("CLOSED", "it was closed"));
    this.#options.httpClient.close();
  }

  /** The next member; once all had their turn, after a rest that grows and that no two clients share. */
  async #goOn(round: number, deadlineMs: number): Promise<void> {
    this.#member = (this.#member + 1) % this.#options.origins.length;
    if (this.#member !== 0) return;
    const rest = Math.min(LONGEST_REST_MS, FIRST_REST_MS * 2 ** round) * (0.5 + Math.random() / 2);
    const restMs = Math.max(0, Math.min(rest, deadlineMs - performance.now()));
    await new Promise((resolve) => setTimeout(resolve, restMs));
  }

  async #ask(path: string, body: JsonObject, waitMs: number): Promise<EtcdAnswer> {
    const signal = AbortSignal.any([this.#end.signal, AbortSignal.timeout(waitMs)]);
    if (this.#options.login !== null && this.#token === null) {
      const { user, password } = this.#options.login;
      const answer = await this.#post("/v3/auth/authenticate", { name: user, password }, signal);
      if (answer.kind === "failed") return answer;
      this.#token = String(answer.body["token"]);
    }
    return await this.#post(path, body, signal);
  }

  async #post(path: string, body: JsonObject, signal: AbortSignal): Promise<EtcdAnswer> {
    const origin = this.#options.origins[this.#member]!;
    try {
      const response = await fetch(origin + path, {
        method: "POST",
        body: JSON.stringify(body),
        headers: { ...REQUIRE_LEADER, ...this.#token === null ? {} : { Authorization: this.#token } },
        client: this.#options.httpClient,
        redirect: "error",
        signal,
      });
      return judgeAnswer(response.status, await response.text());
    } catch (error) {
      if (this.#end.signal.aborted) throw this.#end.signal.reason;
      if (error instanceof Deno.errors.NotCapable || !(error instanceof Error)) throw error;
      return judgeLoss(new URL(origin).host, error);
    }
  }

  /** Two clusters behind one address would both count. */
  #sameCluster(body: JsonObject): JsonObject {
    const clusterId = asObject(body["header"])?.["cluster_id"];
    if (typeof clusterId !== "string") throw this.#error("ADDRESS", "what answers is no etcd");
    this.#clusterId ??= clusterId;
    if (clusterId === this.#clusterId) return body;
    throw this.#error(
      "ADDRESS",
      "its hosts are not members of one cluster, and each cluster would count by itself",
    );
  }

  #error(code: TickErrorCode, text: string): TickError {
    return noTickFrom(this.#options.address, code, text);
  }
}

/** No answer came. */
function judgeLoss(host: string, error: Error): EtcdFailure {
  if (error.name === "TimeoutError") return lost(`${host} did not answer in time`);
  // "error sending request for url (http://…): client error (Connect): tcp connect error: Connection refused (os …)",
  // which newer versions of Deno give as the cause.
  const { message } = error.cause instanceof Error ? error.cause : error;
  const why = message.split(": ").at(-1)!.replace(/ \(os error \d+\)$/, "");
  if (!message.includes("peer certificate")) return lost(`${host}: ${why}`);
  const text = `the certificate of ${host} is not trusted (${why}); give ?ca=FILE with who has signed it`;
  return { kind: "failed", code: "ADDRESS", text, remedy: "stay" };
}

function lost(text: string): EtcdFailure {
  return { kind: "failed", code: "UNAVAILABLE", text, remedy: "pass" };
}
