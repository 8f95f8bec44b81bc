/**
 * Where HTTP is to be served: `127.0.0.1:8125`, `[::1]:8125`, `localhost:8125`.
 *
 * @module
 */
import { BlockList, isIP } from "node:net";

/** An address of this machine. */
export interface ListenAddress {
  /** Numeric, without brackets, or `localhost`. */
  readonly host: string;
  /** 0: any that is free. */
  readonly port: number;
}

const HOST_AND_PORT = /^(?:\[([^\]]+)\]|([^:[\]]+)):(\d{1,5})$/;
const MAX_PORT = 65_535;
const LOCALHOST = "localhost";

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet("127.0.0.0", 8);
LOOPBACK.addAddress("::1", "ipv6");

/** Reads `HOST:PORT`, the host a numeric address or `localhost`; null when it is none. */
export function parseListenAddress(text: string): ListenAddress | null {
  const [, bracketed, plain = "", port] = HOST_AND_PORT.exec(text) ?? [];
  const host = bracketed ?? plain;
  const isHost = bracketed === undefined ? host === LOCALHOST || isIP(host) === 4 : isIP(host) === 6;
  return isHost && Number(port) <= MAX_PORT ? { host, port: Number(port) } : null;
}

/** Whether only this machine can reach it. */
export function isLoopback({ host }: ListenAddress): boolean {
  return host === LOCALHOST || LOOPBACK.check(host, isIP(host) === 6 ? "ipv6" : "ipv4");
}
