/**
 * A time server as the configuration names it: `host`, `host:port`, `[v6]` or `[v6]:port`.
 *
 * @module
 */
import { isIP } from "node:net";

/** The port of NTP. */
const NTP_PORT = 123;

/** A host name or numeric address (without brackets), and a port. */
export interface ServerName {
  readonly host: string;
  readonly port: number;
}

const MAX_HOST_CHARACTERS = 253;
const HOST_LABEL = /^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$/i;
const BRACKETED = /^\[([^\]]*)\](?::(\d{1,5}))?$/;
const HOST_AND_PORT = /^([^:]*)(?::(\d{1,5}))?$/;
const MAX_PORT = 65_535;
const ONLY_DIGITS_AND_DOTS = /^[\d.]+$/;

/** Reads a server's name; null when it is none. A bare IPv6 address needs no brackets as long as it has no port. */
export function parseServerName(text: string): ServerName | null {
  if (isIP(text) === 6) return { host: text, port: NTP_PORT };
  const bracketed = BRACKETED.exec(text);
  const [, host = "", portText] = bracketed ?? HOST_AND_PORT.exec(text) ?? [];
  const isHost = bracketed === null ? isIP(host) === 4 || isHostName(host) : isIP(host) === 6;
  const port = portText === undefined ? NTP_PORT : Number(portText);
  return isHost && port >= 1 && port <= MAX_PORT ? { host, port } : null;
}

/** RFC 1123 names, and underscores, which some local names have; what looks like a broken IPv4 address is none. */
function isHostName(host: string): boolean {
  if (host.length > MAX_HOST_CHARACTERS || ONLY_DIGITS_AND_DOTS.test(host)) return false;
  const labels = host.endsWith(".") ? host.slice(0, -1).split(".") : host.split(".");
  return labels.every((label) => HOST_LABEL.test(label));
}

/** `host:port`, with brackets around an IPv6 address. */
export function formatHostPort(hostname: string, port: number): string {
  return hostname.includes(":") ? `[${hostname}]:${port}` : `${hostname}:${port}`;
}
