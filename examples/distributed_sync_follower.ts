/**
 * What each machine of distributed_sync.ts runs: it connects to the leader, sleeps until the points that come, and
 * answers with the time at which it woke.
 *
 * ```sh
 * deno run --allow-ffi --allow-net examples/distributed_sync_follower.ts HOST:PORT [SHM_NAME]
 * ```
 *
 * @module
 */
import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import { ChronoTickClient, fromNs, toNs } from "../mod.ts";

const [leader, shmName = "chronotick_shm"] = Deno.args as [string, string?];
const { hostname, port } = new URL(`tcp://${leader}`);

using client = new ChronoTickClient({ shmName });
await client.waitUntilReady();
using connection = await Deno.connect({ hostname, port: Number(port) });
for await (const line of createInterface(Readable.fromWeb(connection.readable))) {
  const { time } = await client.waitUntil(fromNs(BigInt(line)));
  await connection.write(new TextEncoder().encode(`${toNs(time)}\n`));
}
