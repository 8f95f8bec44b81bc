/**
 * The secret that a client shows with each HTTP request (RFC 6750 §2.1).
 *
 * @module
 */
import { timingSafeEqual } from "@std/crypto/timing-safe-equal";

const BEARER = /^Bearer +(\S+)$/i;

/** Whether the Authorization header shows `token`. Takes as long for one that is nearly right as for one all wrong. */
export function showsToken(authorization: string | null | undefined, token: string): boolean {
  const shown = BEARER.exec(authorization ?? "")?.[1];
  return shown !== undefined && isSame(shown, token);
}

/** The length of the token is no secret. */
function isSame(shown: string, token: string): boolean {
  const encoder = new TextEncoder();
  const [a, b] = [encoder.encode(shown), encoder.encode(token)];
  return a.length === b.length && timingSafeEqual(a, b);
}
