import { assertEquals, assertThrows } from "@std/assert";
import { LibcError } from "../../ffi/errno.ts";
import { askUnixSocket } from "../../ffi/unix_stream.ts";
import { UnixServer } from "../support/unix_server.ts";

const QUESTION = new TextEncoder().encode("?\n");
const BOUNDS = { timeoutMs: 10_000, maxBytes: 300_000 };

function openFiles(): number {
  return [...Deno.readDirSync("/proc/self/fd")].length;
}

Deno.test("askUnixSocket() gives all that the other side sends before it closes", async () => {
  const answer = "01234567".repeat(12_000);
  await using server = await UnixServer.start(answer);
  const before = openFiles();
  assertEquals(new TextDecoder().decode(askUnixSocket(server.path, QUESTION, BOUNDS)), answer);
  assertEquals(openFiles(), before);
});

Deno.test("askUnixSocket() refuses an answer that is longer than it may be", async () => {
  await using server = await UnixServer.start("x".repeat(1001));
  assertEquals(askUnixSocket(server.path, QUESTION, { ...BOUNDS, maxBytes: 1001 }).length, 1001);
  assertThrows(
    () => askUnixSocket(server.path, QUESTION, { ...BOUNDS, maxBytes: 1000 }),
    RangeError,
    "it is too long",
  );
});

Deno.test("askUnixSocket() waits for an answer no longer than it may", async () => {
  await using server = await UnixServer.start();
  const before = openFiles();
  assertThrows(
    () => askUnixSocket(server.path, QUESTION, { ...BOUNDS, timeoutMs: 30 }),
    RangeError,
    "wait any longer",
  );
  assertEquals(openFiles(), before);
});

Deno.test("askUnixSocket() says what the system says where nobody listens, and which path is too long", () => {
  const ask = (path: string) => () => askUnixSocket(path, QUESTION, BOUNDS);
  assertEquals(assertThrows(ask("/nowhere/at.sock"), LibcError).code, "ENOENT");
  assertThrows(ask("/" + "x".repeat(107)), RangeError, "too long for a socket");
});
