import { assertEquals, assertThrows } from "@std/assert";
import { decodeSocketAddress, encodeSocketAddress } from "../../ffi/socket_address.ts";

// struct sockaddr_in: family (host order), port and address (network order), 8 bytes of padding.
const IPV4_BYTES = [2, 0, 0x00, 0x7b, 192, 0, 2, 33, 0, 0, 0, 0, 0, 0, 0, 0];
// struct sockaddr_in6: family, port, flow label, address, scope.
// deno-fmt-ignore
const IPV6_BYTES = [
  10, 0, 0x30, 0x39, 0, 0, 0, 0,
  0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xab, 0xcd,
  0, 0, 0, 0,
];

Deno.test("encodeSocketAddress() lays an IPv4 address out as struct sockaddr_in", () => {
  const { family, bytes } = encodeSocketAddress({ hostname: "192.0.2.33", port: 123 });
  assertEquals([family, [...bytes]], [2, IPV4_BYTES]);
});

Deno.test("encodeSocketAddress() lays an IPv6 address out as struct sockaddr_in6", () => {
  const { family, bytes } = encodeSocketAddress({ hostname: "2001:db8::abcd", port: 12345 });
  assertEquals([family, [...bytes]], [10, IPV6_BYTES]);
});

Deno.test("decodeSocketAddress() reads both structures, and gives addresses that can be encoded again", () => {
  const ipv4 = decodeSocketAddress(new Uint8Array([...IPV4_BYTES, ...Array(12).fill(0)]));
  assertEquals(ipv4, { hostname: "192.0.2.33", port: 123 });
  const ipv6 = decodeSocketAddress(new Uint8Array(IPV6_BYTES));
  assertEquals(ipv6, { hostname: "2001:db8:0:0:0:0:0:abcd", port: 12345 });
  assertEquals([...encodeSocketAddress(ipv6).bytes], IPV6_BYTES);
});

Deno.test("decodeSocketAddress() of a family that it does not know has no hostname", () => {
  assertEquals(decodeSocketAddress(new Uint8Array(28)), { hostname: "", port: 0 });
});

Deno.test("encodeSocketAddress() refuses what is no numeric address", () => {
  for (const hostname of ["localhost", "127.1", "192.0.2.256", "::g", "[::1]", "fe80::1%eth0", ""]) {
    assertThrows(
      () => encodeSocketAddress({ hostname, port: 1 }),
      TypeError,
      `Cannot use ${hostname} as a socket address: it is not a numeric IPv4 or IPv6 address.`,
    );
  }
});
