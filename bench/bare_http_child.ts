/**
 * The plainest HTTP server: two bytes to everybody. Prints its port, ends with its standard input.
 *
 * @module
 */
import { printJsonLine } from "./json_line.ts";

const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, () => new Response("ok"));
printJsonLine(server.addr.port);
for await (const _ of Deno.stdin.readable);
await server.shutdown();
