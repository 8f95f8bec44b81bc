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
import { EVERYTHING } from "./everything.ts";
import { type Log, openLog } from "./log.ts";
import { Node } from "./node.ts";
import { createServer } from "./server.ts";
import { Session } from "./session.ts";
import { StdioTransport } from "./stdio_transport.ts";

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
    logFile: { kind: "string", placeholder: "PATH", help: "Append the log to this file, not standard error" },
    debug: { kind: "boolean", help: "Log every call and every refused message" },
  },
  examples: [
    { line: "deno task mcp", help: "Serve one client on standard input and output" },
  ],
} as const satisfies Program;

if (import.meta.main) await runCommand(PROGRAM, run);

async function run({ options }: Invocation<typeof PROGRAM>): Promise<number> {
  const { shmName, nodeId } = options;
  using log = openLog({ path: options.logFile, isVerbose: options.debug });
  using node = new Node(nodeId === undefined ? { shmName } : { shmName, nodeId });
  await Promise.race([serveStdio(node, log), stopRequested()]);
  return ExitCode.DONE;
}

/** Serves the client at the other end of standard input and output until it has gone. */
async function serveStdio(node: Node, log: Log): Promise<void> {
  const closed = Promise.withResolvers<void>();
  const server = createServer(EVERYTHING, new Session(node), log, closed.resolve);
  await server.connect(new StdioTransport(Deno.stdin.readable, Deno.stdout.writable));
  await closed.promise;
}

function stopRequested(): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  for (const signal of ["SIGINT", "SIGTERM"] as const) Deno.addSignalListener(signal, resolve);
  return promise;
}
