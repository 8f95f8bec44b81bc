import { assertEquals } from "@std/assert";
import { isIP } from "node:net";
import { isLoopback, parseListenAddress } from "../../cli/listen_address.ts";

const HOSTS = [
  "127.0.0.1",
  "127.255.0.9",
  "128.0.0.1",
  "0.0.0.0",
  "10.1.2.3",
  "256.0.0.1",
  "1.2.3",
  "127.1",
  "0x7f.0.0.1",
  "127.0.0.01",
  "1.2.3.4.5",
  "example.org",
  "",
];
const IPV6_HOSTS = [
  "::1",
  "0:0:0:0:0:0:0:1",
  "::",
  "fe80::1",
  "::2",
  "::ffff:127.0.0.1",
  "1::2::3",
  "12345::",
  "127.0.0.1",
];

Deno.test("parseListenAddress() takes the numeric addresses that Node knows, and localhost", () => {
  for (const host of HOSTS) {
    assertEquals(parseListenAddress(`${host}:80`) !== null, isIP(host) === 4, host);
  }
  for (const host of IPV6_HOSTS) {
    assertEquals(parseListenAddress(`[${host}]:80`) !== null, isIP(host) === 6, host);
    assertEquals(parseListenAddress(`${host}:80`) !== null, isIP(host) === 4, host);
  }
  assertEquals(parseListenAddress("localhost:8125"), { host: "localhost", port: 8125 });
  assertEquals(parseListenAddress("[::1]:0"), { host: "::1", port: 0 });
});

Deno.test("parseListenAddress() wants a port, and one that there is", () => {
  for (
    const text of [
      "127.0.0.1",
      "127.0.0.1:",
      ":80",
      "127.0.0.1:65536",
      "127.0.0.1:-1",
      "127.0.0.1:8o",
      "[::1]",
      "[]:1",
    ]
  ) {
    assertEquals(parseListenAddress(text), null, text);
  }
});

Deno.test("isLoopback() is what the kernel keeps on this machine", () => {
  const own = ["127.0.0.1:1", "127.9.9.9:1", "localhost:1", "[::1]:1", "[0:0:0:0:0:0:0:1]:1"];
  const others = [
    "0.0.0.0:1",
    "10.0.0.1:1",
    "128.0.0.1:1",
    "[::]:1",
    "[::2]:1",
    "[fe80::1]:1",
    "[::ffff:7f00:1]:1",
  ];
  const judged = [...own, ...others].filter((text) => isLoopback(parseListenAddress(text)!));
  assertEquals(judged, own);
});
