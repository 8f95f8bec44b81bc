import { assertEquals, assertGreater } from "@std/assert";
import type { EventSink } from "../../../daemon/status/event_hub.ts";
import { HttpServer } from "../../../daemon/status/http_server.ts";

const QUESTION = new TextEncoder().encode("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
/** More than the kernel takes for a connection on loopback. */
const MUCH = "x".repeat(1 << 20);
const TIMES = 32;

Deno.test("what a client does not read is known as unsent, and ends with its connection", async () => {
  const opened = Promise.withResolvers<EventSink>();
  const gone = Promise.withResolvers<void>();
  await using server = await HttpServer.listen({ host: "127.0.0.1", port: 0 }, () => ({
    type: "text/event-stream",
    open: (sink) => {
      opened.resolve(sink);
      return gone.resolve;
    },
  }));
  using connection = await Deno.connect({ hostname: "127.0.0.1", port: server.port! });
  await connection.write(QUESTION);
  const sink = await opened.promise;
  assertEquals(sink.unsentBytes, 0);
  for (let i = 0; i < TIMES; i++) {
    sink.write(MUCH);
    await new Promise((resolve) => setTimeout(resolve, 1)); // the kernel takes what it will
  }
  assertGreater(sink.unsentBytes, 256 * 1024);
  sink.close();
  await gone.promise;
});
