/**
 * Asks line servers for ticks, in rounds that alternate between them. Arguments: the rounds, and the sockets' paths.
 * Prints the {@linkcode SocketTimes} of each server in that order, once a round.
 *
 * @module
 */
import { printJsonLine } from "./json_line.ts";
import { median } from "./statistics.ts";

/** What one round found. */
export interface SocketTimes {
  /** Median of requests each of which waits for the one before, ms. */
  readonly oneByOneMs: number;
  /** Per request, of many on their way at once, µs. */
  readonly pipelinedUs: number;
}

const ONE_BY_ONE = 2000;
const PIPELINED = 50_000;
const REQUESTS_PER_WRITE = 100;
const LINE_FEED = 10;
const REQUEST = new TextEncoder().encode("NEXT_TICK\n");
const REQUESTS = new TextEncoder().encode("NEXT_TICK\n".repeat(REQUESTS_PER_WRITE));
const bytes = new Uint8Array(65_536);

const [rounds, ...paths] = Deno.args;
const conns = await Promise.all(paths.map((path) => Deno.connect({ transport: "unix", path })));
for (let round = 0; round < Number(rounds); round++) {
  const times: SocketTimes[] = [];
  for (const conn of conns) {
    times.push({ oneByOneMs: await oneByOneMs(conn), pipelinedUs: await pipelinedUs(conn) });
  }
  printJsonLine(times);
}
for (const conn of conns) conn.close();

async function oneByOneMs(conn: Deno.Conn): Promise<number> {
  const times: number[] = [];
  for (let request = 0; request < ONE_BY_ONE; request++) {
    const beganMs = performance.now();
    await conn.write(REQUEST);
    await conn.read(bytes);
    times.push(performance.now() - beganMs);
  }
  return median(times);
}

async function pipelinedUs(conn: Deno.Conn): Promise<number> {
  const beganMs = performance.now();
  const sending = sendAll(conn);
  for (let replies = 0; replies < PIPELINED;) {
    const count = await conn.read(bytes);
    for (let at = bytes.indexOf(LINE_FEED); at >= 0 && at < count!; at = bytes.indexOf(LINE_FEED, at + 1)) {
      replies++;
    }
  }
  await sending;
  return ((performance.now() - beganMs) * 1e3) / PIPELINED;
}

async function sendAll(conn: Deno.Conn): Promise<void> {
  for (let request = 0; request < PIPELINED; request += REQUESTS_PER_WRITE) {
    for (let sent = 0; sent < REQUESTS.length;) sent += await conn.write(REQUESTS.subarray(sent));
  }
}
