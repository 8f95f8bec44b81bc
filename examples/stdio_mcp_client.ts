/**
 * Asks an MCP server of its own for the time, as Claude Code and other clients do: over the standard input and output of
 * a process. It runs as it stands, with a daemon on simulated time servers of its own; give the name of a shared memory
 * to ask a daemon that runs already:
 *
 * ```sh
 * deno run --allow-all examples/stdio_mcp_client.ts [SHM_NAME]
 * ```
 *
 * @module
 */
// @ts-types="npm:@modelcontextprotocol/sdk@1.32.2/client"
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
// @ts-types="npm:@modelcontextprotocol/sdk@1.32.2/client/stdio"
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { print } from "../cli/run_command.ts";
import { ChronoTickClient, ChronoTickError } from "../mod.ts";
import { DemoWorld } from "./demo_world.ts";

const READY_TIMEOUT_MS = 20_000;
const SERVER = new URL("../mcp/main.ts", import.meta.url).pathname;

/** Starts the server, lists what it has, and asks. */
async function ask(shmName: string): Promise<void> {
  const client = new Client({ name: "stdio_mcp_client", version: "1.0.0" });
  const args = ["run", "--quiet", "--allow-ffi", SERVER, "--shm-name", shmName];
  await client.connect(new StdioClientTransport({ command: Deno.execPath(), args }));
  try {
    const { tools } = await client.listTools();
    for (const { name, title } of tools) print(`${name.padEnd(34)}${title}\n`);
    const { content, structuredContent } = await client.callTool({ name: "get_time", arguments: {} });
    const [{ text: sentence }] = content as [{ text: string }];
    print(`\n${sentence}\n${JSON.stringify(structuredContent, null, 2)}\n`);
  } finally {
    await client.close();
  }
}

/** Starts a daemon unless there is one, and asks for its time. */
async function main(givenName: string | undefined): Promise<void> {
  await using world = givenName === undefined ? await DemoWorld.start(() => {}) : null;
  const shmName = givenName ?? world!.daemon.shmName;
  using clock = new ChronoTickClient({ shmName });
  await clock.waitUntilReady({ timeoutMs: READY_TIMEOUT_MS });
  await ask(shmName);
}

try {
  await main(Deno.args[0]);
} catch (error) {
  if (!(error instanceof ChronoTickError)) throw error;
  print(`${error.message}\n`);
  Deno.exit(3);
}
