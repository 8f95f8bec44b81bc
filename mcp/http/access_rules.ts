/**
 * Who may speak to the HTTP server.
 *
 * A page in a browser on this machine can be made to send requests here under its own name (DNS rebinding), so on
 * loopback the Host must be one of loopback's names, and an Origin, which only browsers send, one of its pages. A server
 * that others can reach demands a token instead, which no such page knows.
 *
 * @module
 */
import { showsToken } from "../../cli/bearer_token.ts";
import { LOOPBACK_NAMES } from "../../cli/listen_address.ts";

/** What is demanded of a request. */
export interface AccessRules {
  /** Names that the Host may have, without the port; null: any, since the token protects. */
  readonly hosts: readonly string[] | null;
  /** What must follow `Bearer `; null: nothing. */
  readonly token: string | null;
}

/** Why a request is refused. */
export interface AccessFault {
  readonly status: 401 | 403;
  readonly message: string;
}

/** What is wrong with the request; null when it may pass. */
export function accessFault(headers: Headers, { hosts, token }: AccessRules): AccessFault | null {
  const host = hostOf(`http://${headers.get("host") ?? ""}`);
  if (host === null || (hosts !== null && !hosts.includes(host))) {
    return { status: 403, message: "Cannot answer: the Host header names another machine. Use 127.0.0.1." };
  }
  const origin = headers.get("origin");
  if (origin !== null && !isOwnOrigin(origin, host)) {
    return { status: 403, message: "Cannot answer a page of another origin." };
  }
  if (token !== null && !showsToken(headers.get("authorization"), token)) {
    return {
      status: 401,
      message: "Cannot answer without the right bearer token in the Authorization header.",
    };
  }
  return null;
}

/** Pages of this machine, and of the server itself. */
function isOwnOrigin(origin: string, host: string): boolean {
  const from = hostOf(origin);
  return from !== null && (from === host || LOOPBACK_NAMES.includes(from));
}

function hostOf(url: string): string | null {
  return URL.canParse(url) ? new URL(url).hostname : null;
}
