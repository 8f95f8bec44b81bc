import { assertEquals } from "@std/assert";
import { type AddressScope, addressScope } from "../../../daemon/sources/address_scope.ts";

/** First and last addresses of the IANA special-purpose ranges, and their neighbours. */
const SCOPES: [AddressScope | null, string[]][] = [
  ["private", ["127.0.0.1", "127.255.255.255", "::1", "::ffff:127.0.0.1"]],
  ["private", [
    "10.0.0.0",
    "10.255.255.255",
    "172.16.0.0",
    "172.31.255.255",
    "192.168.0.0",
    "192.168.255.255",
  ]],
  ["private", ["169.254.169.123", "fe80::1", "febf::1", "100.64.0.0", "100.127.255.255"]],
  ["private", ["fc00::1", "fdff:ffff::1", "::ffff:10.1.2.3"]],
  ["public", ["9.255.255.255", "11.0.0.0", "172.15.255.255", "172.32.0.0", "192.167.255.255", "192.169.0.0"]],
  ["public", [
    "100.63.255.255",
    "100.128.0.0",
    "169.253.255.255",
    "129.6.15.28",
    "2610:20:6f96:96::4",
    "fec0::1",
  ]],
  ["public", ["::ffff:129.6.15.28"]],
  [null, ["0.0.0.0", "::", "224.0.1.1", "ff05::101", "255.255.255.255", "::ffff:224.0.1.1"]],
  [null, ["fe80::1%eth0", "time.example", ""]],
];

for (const [scope, addresses] of SCOPES) {
  Deno.test(`addressScope() is ${scope} for ${addresses.join(", ")}`, () => {
    for (const address of addresses) assertEquals(addressScope(address), scope, address);
  });
}
