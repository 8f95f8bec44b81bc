/**
 * Whose an address is, which decides how often it may be asked.
 *
 * @module
 */
import { BlockList, isIP, isIPv6 } from "node:net";

/** `private`: this machine or its owner's network; `public`: somebody else's. */
export type AddressScope = "private" | "public";

const UNUSABLE = blockListOf([
  "0.0.0.0/8", // "this network"
  "224.0.0.0/4", // multicast
  "240.0.0.0/4", // reserved, limited broadcast
  "::/128", // unspecified
  "ff00::/8", // multicast
]);

const PRIVATE = blockListOf([
  "127.0.0.0/8", // loopback
  "10.0.0.0/8", // RFC 1918
  "172.16.0.0/12",
  "192.168.0.0/16",
  "169.254.0.0/16", // link-local, RFC 3927 (cloud providers' own time servers are here)
  "100.64.0.0/10", // carrier-grade NAT, RFC 6598
  "::1/128", // loopback
  "fe80::/10", // link-local
  "fc00::/7", // unique local, RFC 4193
]);

/**
 * The scope of a numeric address; an IPv4-mapped IPv6 address has that of its IPv4 address. Null when no server can be
 * asked there: it is no single host's address, or it has a zone (`fe80::1%eth0`), for which a socket address here has
 * no place.
 */
export function addressScope(hostname: string): AddressScope | null {
  const family = isIP(hostname);
  if (family === 0 || hostname.includes("%")) return null;
  const type = family === 6 ? "ipv6" : "ipv4";
  if (UNUSABLE.check(hostname, type)) return null;
  return PRIVATE.check(hostname, type) ? "private" : "public";
}

function blockListOf(networks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const network of networks) {
    const [address = "", prefix] = network.split("/");
    list.addSubnet(address, Number(prefix), isIPv6(address) ? "ipv6" : "ipv4");
  }
  return list;
}
