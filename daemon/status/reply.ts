/**
 * What is answered to a request, apart from how it is sent.
 *
 * @module
 */
import type { EventSink } from "./event_hub.ts";
import type { Refusal } from "./request_policy.ts";

/** A whole answer. */
export interface Reply {
  readonly status: number;
  /** MIME type. */
  readonly type: string;
  readonly body: string;
  /** Further headers. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** An answer that goes on until one of both sides ends it. */
export interface StreamReply {
  readonly type: string;
  /** Sends to `sink` from now on; what is returned is called when the client has gone. */
  open(sink: EventSink): () => void;
}

const JSON_TYPE = "application/json; charset=utf-8";

/** `document` as JSON; a health check reads the `status` alone. */
export function jsonReply(document: unknown, status = 200): Reply {
  return { status, type: JSON_TYPE, body: `${JSON.stringify(document)}\n` };
}

/** What every refusal looks like. */
export function refusalReply({ status, code, message }: Refusal): Reply {
  const headers: Record<string, string> = status === 405
    ? { allow: "GET, HEAD" }
    : status === 401
    ? { "www-authenticate": "Bearer" }
    : {};
  return { ...jsonReply({ error: { code, message } }, status), headers };
}
