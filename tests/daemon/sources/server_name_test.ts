import { assertEquals } from "@std/assert";
import { formatHostPort, parseServerName } from "../../../daemon/sources/server_name.ts";

const NAMES: Record<string, [host: string, port: number]> = {
  "time.example": ["time.example", 123],
  "time.example:11123": ["time.example", 11123],
  "time.example.": ["time.example.", 123],
  "my_host": ["my_host", 123],
  "192.0.2.1": ["192.0.2.1", 123],
  "192.0.2.1:65535": ["192.0.2.1", 65535],
  "::1": ["::1", 123],
  "2001:db8::1:123": ["2001:db8::1:123", 123],
  "[2001:db8::1]": ["2001:db8::1", 123],
  "[2001:db8::1]:4123": ["2001:db8::1", 4123],
};

for (const [text, [host, port]] of Object.entries(NAMES)) {
  Deno.test(`parseServerName() reads ${text}`, () => assertEquals(parseServerName(text), { host, port }));
}

const NONSENSE = [
  "",
  ":123",
  "time.example:",
  "time.example:0",
  "time.example:65536",
  "time.example:12x",
  "time..example",
  "-time.example",
  "time example",
  "ntp://time.example",
  "192.0.2",
  "192.0.2.256",
  "[192.0.2.1]:123",
  "[time.example]:123",
  "[::1",
  "a".repeat(64),
  "a.".repeat(127),
];

for (const text of NONSENSE) {
  Deno.test(`parseServerName() refuses "${text}"`, () => assertEquals(parseServerName(text), null));
}

Deno.test("formatHostPort() puts brackets around IPv6", () => {
  assertEquals(formatHostPort("192.0.2.1", 123), "192.0.2.1:123");
  assertEquals(formatHostPort("::1", 123), "[::1]:123");
});
