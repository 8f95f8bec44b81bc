/**
 * What each branch of commit_wait.ts runs: it stamps the entries that come, a line each, and acknowledges an entry when
 * its stamp is certainly past for everybody.
 *
 * ```sh
 * deno run --allow-ffi examples/commit_wait_branch.ts NAME [SHM_NAME]
 * ```
 *
 * @module
 */
import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import { ChronoTickClient } from "../mod.ts";

const [branch, shmName = "chronotick_shm"] = Deno.args as [string, string?];
using client = new ChronoTickClient({ shmName });
await client.waitUntilReady();
for await (const line of createInterface(Readable.fromWeb(Deno.stdin.readable))) {
  const beganMs = performance.now();
  const { latest: committed } = client.now();
  await client.waitUntilAfter(committed);
  const waitedMs = performance.now() - beganMs;
  const entry = { branch, ...JSON.parse(line), committed, waitedMs };
  Deno.stdout.writeSync(new TextEncoder().encode(`${JSON.stringify(entry)}\n`));
}
