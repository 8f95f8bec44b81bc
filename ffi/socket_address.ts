/**
 * `struct sockaddr_in` and `sockaddr_in6` to and from numeric addresses.
 *
 * @module
 */
import { cString, libc } from "./libc.ts";

/** A numeric IPv4 or IPv6 address (no zone, no brackets) and a port. */
export interface SocketAddress {
  readonly hostname: string;
  readonly port: number;
}

/** Enough for either family. */
export const SOCKET_ADDRESS_BYTES = 28;

const AF_INET = 2;
const AF_INET6 = 10;
const IPV4_BYTES = 4;
const IPV6_BYTES = 16;
const SOCKADDR_IN_BYTES = 16;
/** Where `sin_addr` and `sin6_addr` start. */
const ADDRESS_OFFSET = { [AF_INET]: 4, [AF_INET6]: 8 } as const;

/**
 * The bytes that `connect`, `bind` and `sendto` take.
 *
 * @throws {TypeError} `hostname` is not a numeric address
 */
export function encodeSocketAddress(
  address: SocketAddress,
): { readonly family: number; readonly bytes: Uint8Array<ArrayBuffer> } {
  const family = address.hostname.includes(":") ? AF_INET6 : AF_INET;
  const view = new DataView(new ArrayBuffer(family === AF_INET6 ? SOCKET_ADDRESS_BYTES : SOCKADDR_IN_BYTES));
  view.setUint16(0, family, true);
  view.setUint16(2, address.port, false);
  const numeric = new Uint8Array(family === AF_INET6 ? IPV6_BYTES : IPV4_BYTES);
  if (libc.inet_pton(family, cString(address.hostname), numeric) !== 1) {
    throw new TypeError(
      `Cannot use ${address.hostname} as a socket address: it is not a numeric IPv4 or IPv6 address.`,
    );
  }
  const bytes = new Uint8Array(view.buffer);
  bytes.set(numeric, ADDRESS_OFFSET[family]);
  return { family, bytes };
}

/** The address in a `sockaddr` that the kernel filled in; `hostname` is empty for an unknown family. */
export function decodeSocketAddress(bytes: Uint8Array<ArrayBuffer>): SocketAddress {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const family = view.getUint16(0, true);
  const port = view.getUint16(2, false);
  if (family === AF_INET) {
    const offset = ADDRESS_OFFSET[AF_INET];
    return { hostname: bytes.subarray(offset, offset + IPV4_BYTES).join("."), port };
  }
  if (family === AF_INET6) {
    const groups = Array.from(
      { length: 8 },
      (_, i) => view.getUint16(ADDRESS_OFFSET[AF_INET6] + 2 * i).toString(16),
    );
    return { hostname: groups.join(":"), port };
  }
  return { hostname: "", port: 0 };
}
