/**
 * The `chronotick-mcp` command: the corrected time for agents, over MCP.
 *
 * @module
 */
import { ExitCode } from "../cli/exit_code.ts";
import { isLoopback, parseListenAddress } from "../cli/listen_address.ts";
import { UsageError } from "../cli/options.ts";
import type { Invocation, Program } from "../cli/program.ts";
import { RECORD_OPTIONS, recordSource } from "../cli/record_options.ts";
import { runCommand } from "../cli/run_command.ts";
import { stopRequested } from "../cli/stop_requested.ts";
import { VERSION } from "../cli/version.ts";
import { EVERYTHING } from "./everything.ts";
import type { HttpSettings } from "./http/http_server.ts";
import { readTokenFile } from "./http/token_file.ts";
import { type Log, openLog } from "./log.ts";
import { Node, type NodeOptions } from "./node.ts";
import { createServer } from "./server.ts";
import { Session } from "./session.ts";
import { Refusal } from "./refusal.ts";
import { StdioTransport } from "./stdio_transport.ts";

const PROGRAM = {
  name: "chronotick-mcp",
  version: VERSION,
  invocation: "deno task mcp",
  summary: "Serves the corrected time to agents over MCP, by default on standard input and output",
  options: {
    http: {
      kind: "string",
      placeholder: "HOST:PORT",
      help: "Serve Streamable HTTP here instead, for several clients; port 0 is any that is free",
    },
    allowRemote: {
      kind: "boolean",
      help: "Let --http be an address that others can reach; needs --token-file",
    },
    tokenFile: {
      kind: "string",
      placeholder: "PATH",
      help: "Demand the bearer token that this file holds of every HTTP client",
    },
    ...RECORD_OPTIONS,
    nodeId: {
      kind: "string",
      placeholder: "ID",
      help: "This machine's name among its peers; the host name and boot id unless given",
    },
    tickAuthority: {
      kind: "string",
      placeholder: "ADDRESS",
      help:
        "Who hands out ticks: file:/folder, unix:/socket or etcd://host:2379/name (else as chronos-ctl does)",
    },
    logFile: { kind: "string", placeholder: "PATH", help: "Append the log to this file, not standard error" },
    debug: { kind: "boolean", help: "Log every call and every refused message" },
  },
  examples: [
    { line: "deno task mcp", help: "Serve one client on standard input and output" },
    { line: "deno task mcp --http 127.0.0.1:8077", help: "Serve clients on this machine at /mcp" },
    {
      line: "deno task mcp --http 0.0.0.0:8077 --allow-remote --token-file token",
      help: "Serve the network; put TLS in front of it",
    },
  ],
} as const satisfies Program;

type Options = Invocation<typeof PROGRAM>["options"];

if (import.meta.main) await runCommand(PROGRAM, run, { exitCodeOf });

async function run({ options }: Invocation<typeof PROGRAM>): Promise<number> {
  const http = httpSettings(options);
  using log = openLog({ path: options.logFile, isVerbose: options.debug });
  await using node = new Node(nodeOptions(options));
  if (http === null) {
    await Promise.race([serveStdio(node, log), stopRequested()]);
    return ExitCode.DONE;
  }
  // Who serves standard input has no use for it, and every module costs start-up.
  const { HttpServer } = await import("./http/http_server.ts");
  await using _server = new HttpServer(http, node, log);
  await stopRequested();
  return ExitCode.DONE;
}

function nodeOptions(options: Options): NodeOptions {
  const { nodeId, tickAuthority } = options;
  return {
    ...recordSource(options),
    ...(nodeId === undefined ? {} : { nodeId }),
    ...(tickAuthority === undefined ? {} : { tickAuthority }),
  };
}

/** What the command line says of HTTP; null: standard input and output are to be served. */
function httpSettings({ http, allowRemote, tokenFile }: Options): HttpSettings | null {
  if (http === undefined) {
    if (!allowRemote && tokenFile === undefined) return null;
    throw new UsageError("--allow-remote and --token-file are for --http: say where to serve.");
  }
  const address = parseListenAddress(http);
  if (address === null) {
    throw new UsageError(
      `--http is ${JSON.stringify(http)}: it must be an address and port such as 127.0.0.1:8077.`,
    );
  }
  if (!isLoopback(address) && !(allowRemote && tokenFile !== undefined)) {
    throw new UsageError(
      `Cannot serve ${http}: others could reach it. Serve 127.0.0.1, or give --allow-remote and --token-file.`,
    );
  }
  return { address, token: tokenFile === undefined ? null : readTokenFile(tokenFile) };
}

function exitCodeOf(error: Error): number | null {
  return error instanceof Refusal ? ExitCode.FAILED : null;
}

/** Serves the client at the other end of standard input and output until it has gone. */
async function serveStdio(node: Node, log: Log): Promise<void> {
  const closed = Promise.withResolvers<void>();
  const server = createServer(EVERYTHING, new Session(node), log, closed.resolve);
  await server.connect(new StdioTransport(Deno.stdin.readable, Deno.stdout.writable));
  await closed.promise;
}
