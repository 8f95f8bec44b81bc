/**
 * The least that a request over a Unix socket can cost: each line is answered with a fixed one. Argument: the socket's
 * path. Prints `"ready"`, and serves until its standard input ends.
 *
 * @module
 */
import { printJsonLine } from "./json_line.ts";

const BUFFER_BYTES = 8192;
const LINE_FEED = 10;

const [path] = Deno.args as [string];
const listener = Deno.listen({ transport: "unix", path });
void Deno.stdin.readable.pipeTo(new WritableStream()).then(() => Deno.exit());
printJsonLine("ready");
for await (const conn of listener) void serve(conn);

async function serve(conn: Deno.Conn): Promise<void> {
  const encoder = new TextEncoder();
  const bytes = new Uint8Array(BUFFER_BYTES);
  for (let count = await conn.read(bytes); count !== null; count = await conn.read(bytes)) {
    const lines = bytes.subarray(0, count).reduce((sum, byte) => sum + Number(byte === LINE_FEED), 0);
    const reply = encoder.encode("1234567\n".repeat(lines));
    for (let sent = 0; sent < reply.length;) sent += await conn.write(reply.subarray(sent));
  }
  conn.close();
}
