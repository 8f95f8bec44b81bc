/**
 * Where HTTP is to be served: `127.0.0.1:8125`, `[::1]:8125`, `localhost:8125`.
 *
 * Read by the runtime's own URL parser: `node:net`, which could do it too, doubles the time that a program takes to start.
 *
 * @module
 */

/** An address of this machine. */
export interface ListenAddress {
  /** Numeric, without brackets, or `localhost`. */
  readonly host: string;
  /** 0: any that is free. */
  readonly port: number;
}

const HOST_AND_PORT = /^(?:\[([^\]]+)\]|([^:[\]]+)):(\d{1,5})$/;
const IPV4 = /^\d+\.\d+\.\d+\.\d+$/;
const MAX_PORT = 65_535;
const LOCALHOST = "localhost";
const IPV6_LOOPBACK = "[::1]";

/** The names by which this machine reaches itself, as they stand in a Host header. */
export const LOOPBACK_NAMES: readonly string[] = [LOCALHOST, "127.0.0.1", IPV6_LOOPBACK];

/** Reads `HOST:PORT`, the host a numeric address or `localhost`; null when it is none. */
export function parseListenAddress(text: string): ListenAddress | null {
  const [, bracketed, plain = "", port] = HOST_AND_PORT.exec(text) ?? [];
  const host = bracketed ?? plain;
  const isHost = bracketed === undefined ? plain === LOCALHOST || isIpv4(plain) : ipv6Name(host) !== null;
  return isHost && Number(port) <= MAX_PORT ? { host, port: Number(port) } : null;
}

/** Whether only this machine can reach it. */
export function isLoopback({ host }: ListenAddress): boolean {
  return host === LOCALHOST || (isIpv4(host) ? host.startsWith("127.") : ipv6Name(host) === IPV6_LOOPBACK);
}

/** Four decimal numbers; the parser would take other forms too, and writes them so. */
function isIpv4(host: string): boolean {
  return IPV4.test(host) && URL.parse(`http://${host}`)?.hostname === host;
}

/** As the parser writes it: in brackets and as short as possible. Null when it is no address. */
function ipv6Name(host: string): string | null {
  return host.includes(":") ? URL.parse(`http://[${host}]`)?.hostname ?? null : null;
}
