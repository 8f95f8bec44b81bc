/**
 * Who may ask what: the checks that come before any route. Pure.
 *
 * @module
 */
import { showsToken } from "../../cli/bearer_token.ts";

/** What is asked of requests to one listener. */
export interface RequestPolicy {
  /** Names by which a browser may call us (`localhost`, `127.0.0.1`, `[::1]`); null: any, as on a Unix socket. */
  readonly hosts: readonly string[] | null;
  /** Each request must show it; null: none needed. */
  readonly token: string | null;
}

/** What of a request is judged. */
export interface RequestHead {
  readonly method: string;
  /** Header values by lower-case name. */
  header(name: string): string | undefined;
}

/** Why a request gets no answer. */
export interface Refusal {
  readonly status: number;
  readonly code: string;
  /** One sentence or two. */
  readonly message: string;
}

const METHODS: readonly string[] = ["GET", "HEAD"];

/** Null when `request` may be answered; `isOpen`: what it asks for needs no token. */
export function refusalOf(request: RequestHead, policy: RequestPolicy, isOpen: boolean): Refusal | null {
  return hostRefusal(request, policy) ?? methodRefusal(request) ?? bodyRefusal(request) ??
    (isOpen ? null : tokenRefusal(request, policy));
}

/** A page of another origin must not read what only this machine may: DNS rebinding and cross-site requests. */
function hostRefusal(request: RequestHead, { hosts, token }: RequestPolicy): Refusal | null {
  const host = request.header("host");
  // With a token, a foreign page has nothing to show, whatever name it reached us by.
  if (hosts !== null && token === null && !hosts.includes(nameOf(host))) {
    return { status: 421, code: "wrong_host", message: "Ask by a loopback name, such as localhost." };
  }
  const origin = request.header("origin");
  if (origin !== undefined && origin !== `http://${host}`) {
    return { status: 403, code: "foreign_origin", message: "Pages of other origins are not answered." };
  }
  return null;
}

/** `[::1]:8125` → `[::1]` */
function nameOf(host: string | undefined): string {
  return host?.toLowerCase().replace(/:\d*$/, "") ?? "";
}

function methodRefusal({ method }: RequestHead): Refusal | null {
  return METHODS.includes(method) ? null : {
    status: 405,
    code: "method_not_allowed",
    message: "There is nothing to change here: use GET or HEAD.",
  };
}

function bodyRefusal(request: RequestHead): Refusal | null {
  const hasBody = request.header("transfer-encoding") !== undefined ||
    (request.header("content-length") ?? "0") !== "0";
  return hasBody
    ? { status: 413, code: "body_not_allowed", message: "Nothing here takes a body: leave it out." }
    : null;
}

function tokenRefusal(request: RequestHead, { token }: RequestPolicy): Refusal | null {
  if (token === null || showsToken(request.header("authorization"), token)) return null;
  return {
    status: 401,
    code: "token_needed",
    message: 'Show the token of status.token_file: "Authorization: Bearer TOKEN".',
  };
}
