/**
 * The `chronotick-mcp` command: the corrected time for agents, over MCP.
 *
 * @module
 */
import { ExitCode } from "../cli/exit_code.ts";
import type { Invocation, Program } from "../cli/program.ts";
import { runCommand } from "../cli/run_command.ts";
import { VERSION } from "../cli/version.ts";
import { DEFAULT_SHM_NAME } from "../mod.ts";
import { Node } from "./node.ts";
import { createServer } from "./server.ts";
import { Session } from "./session.ts";
import { StdioTransport } from "./stdio_transport.ts";
import { TOOLS } from "./tools/mod.ts";

const PROGRAM = {
  name: "chronotick-mcp",
  version: VERSION,
  invocation: "deno task mcp",
  summary: "Serves the corrected time to agents over MCP, by default on standard input and output",
  options: {
    shmName: {
      kind: "string",
      placeholder: "NAME",
      default: DEFAULT_SHM_NAME,
      help: "Shared memory of the daemon to read",
    },
    nodeId: {
      kind: "string",
      placeholder: "ID",
      help: "This machine's name among its peers; the host name and boot id unless given",
    },
  },
} as const satisfies Program;

if (import.meta.main) await runCommand(PROGRAM, run);

async function run({ options }: Invocation<typeof PROGRAM>): Promise<number> {
  const { shmName, nodeId } = options;
  using node = new Node(nodeId === undefined ? { shmName } : { shmName, nodeId });
  const server = createServer({ tools: TOOLS }, new Session(node));
  const closed = Promise.withResolvers<void>();
  server.server.onclose = closed.resolve;
  await server.connect(new StdioTransport(Deno.stdin.readable, Deno.stdout.writable));
  await closed.promise;
  return ExitCode.DONE;
}
