/**
 * An agent that knows the time, and how wrong it may be. It runs as it stands, with a daemon on simulated time servers of
 * its own; give the name of a shared memory to ask a daemon that runs already:
 *
 * ```sh
 * deno run --allow-all examples/agent_integration.ts [SHM_NAME]
 * ```
 *
 * A model behind the Claude Agent SDK is given the same two things that the script below uses by hand:
 *
 * ```ts ignore
 * import { query } from "@anthropic-ai/claude-agent-sdk";
 *
 * await using agent = createChronotickAgent();
 * const { mcpServers, allowedTools } = agent;
 * for await (const message of query({ prompt: "What time is it, surely?", options: { mcpServers, allowedTools } })) {
 *   console.log(message);
 * }
 * ```
 *
 * @module
 */
// @ts-types="npm:@modelcontextprotocol/sdk@1.32.2/client"
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
// @ts-types="npm:@modelcontextprotocol/sdk@1.32.2/inMemory"
import { InMemoryTransport } from "@modelcontextprotocol/sdk/inMemory.js";
import { print } from "../cli/run_command.ts";
import { createChronotickAgent } from "../mcp/mod.ts";
import { ChronoTickClient, ChronoTickError } from "../mod.ts";
import { DemoWorld } from "./demo_world.ts";

const READY_TIMEOUT_MS = 20_000;

/** What a tool answered: a sentence to quote, and data to count with. */
interface Said {
  readonly sentence: string;
  // deno-lint-ignore no-explicit-any
  readonly data: any;
}

/** What an agent would do with the tools, step by step. */
async function act(callTool: (name: string, args?: Record<string, unknown>) => Promise<Said>): Promise<void> {
  await callTool("get_daemon_status");
  const { data: first } = await callTool("get_time");
  const { data: second } = await callTool("get_time");
  await callTool("compare_times", { a: first, b: second });
  await callTool("get_time_with_future_uncertainty", { future_seconds: 600 });
  await callTool("get_time_bounds", { duration_seconds: 60 });

  // Peers would send their readings; here they are this agent's own two, and one that lies.
  const peer_times = [
    { id: "first", time: first.iso, uncertainty: first.max_error },
    { id: "second", time: second.iso, uncertainty: second.max_error },
    { id: "liar", time: first.corrected_time + 60, uncertainty: first.max_error },
  ];
  const { data: agreed } = await callTool("synchronize_with_peers", {
    peer_times,
    taken_within_seconds: 1,
    lead_seconds: 2,
  });
  const target_corrected_time = agreed.sync_point_iso;
  await callTool("schedule_action", { target_corrected_time, action_id: "open the valve" });
  await callTool("wait_until_time", { target_corrected_time });

  // What cannot be done is said in a sentence too, and nothing breaks.
  await callTool("schedule_action", {
    target_corrected_time: first.corrected_time - 60,
    action_id: "too late",
  });
}

/** Starts a daemon unless there is one, and lets the agent act. */
async function main(givenName: string | undefined): Promise<void> {
  await using world = givenName === undefined ? await DemoWorld.start(() => {}) : null;
  const shmName = givenName ?? world!.daemon.shmName;
  using clock = new ChronoTickClient({ shmName });
  await clock.waitUntilReady({ timeoutMs: READY_TIMEOUT_MS });

  await using agent = createChronotickAgent({ shmName });
  print(`The agent may call ${agent.allowedTools.join(", ")}.\n`);
  const [ours, theirs] = InMemoryTransport.createLinkedPair();
  await agent.mcpServers["chronotick"]!.instance.connect(theirs);
  const client = new Client({ name: "agent_integration", version: "1.0.0" });
  await client.connect(ours);
  await act(async (name, args = {}) => {
    const { content, structuredContent } = await client.callTool({ name, arguments: args });
    const [{ text: sentence }] = content as [{ text: string }];
    print(`\n${name}\n  ${sentence}\n`);
    return { sentence, data: structuredContent };
  });
  await client.close();
}

try {
  await main(Deno.args[0]);
} catch (error) {
  if (!(error instanceof ChronoTickError)) throw error;
  print(`${error.message}\n`);
  Deno.exit(3);
}
