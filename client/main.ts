/**
 * The `chronotick-client` command: read, wait, monitor, status, benchmark, json.
 *
 * @module
 */
import { setColorEnabled } from "@std/fmt/colors";
import { ExitCode } from "../cli/exit_code.ts";
import type { Invocation } from "../cli/program.ts";
import { recordSource } from "../cli/record_options.ts";
import { print, runCommand } from "../cli/run_command.ts";
import { LibcError } from "../ffi/errno.ts";
import { PlatformError } from "../ffi/libc.ts";
import { ChronoTickError } from "../record/errors.ts";
import { healthOf } from "../record/health.ts";
import { statusToJson } from "../record/json.ts";
import type { RecordStatus } from "../record/observation.ts";
import { segmentOf } from "./attachment.ts";
import { benchmarkClient, benchmarkReport } from "./benchmark.ts";
import { ChronoTickClient } from "./client.ts";
import { askDaemonStatus, type StatusAnswer } from "./daemon_status.ts";
import { parseInstant } from "./instant.ts";
import { monitor } from "./monitor.ts";
import { PROGRAM } from "./program.ts";
import { statusReport, timeReport } from "./report.ts";
import { serversReport } from "./servers_report.ts";

type Request = Invocation<typeof PROGRAM>;
type RequestOf<Command> = Extract<Request, { command: Command }>;

if (import.meta.main) await runCommand(PROGRAM, run, { exitCodeOf });

async function run(request: Request): Promise<number> {
  setColorEnabled(Deno.stdout.isTerminal() && !Deno.env.get("NO_COLOR"));
  using client = new ChronoTickClient(recordSource(request.options));
  switch (request.command) {
    case "read":
      print(timeReport(client.getTime()));
      return ExitCode.DONE;
    case "wait-ready":
      await client.waitUntilReady({ timeoutMs: request.options.timeout * 1000 });
      return ExitCode.DONE;
    case "wait-until":
      return await waitUntil(client, request);
    case "monitor":
      return await runMonitor(client, request);
    case "status":
      return runStatus(client, request);
    case "benchmark":
      print(benchmarkReport(benchmarkClient(client, request.options.iterations)));
      return ExitCode.DONE;
    case "json":
      return runJson(client, request.options.pretty);
  }
}

async function waitUntil(
  client: ChronoTickClient,
  { options, positionals }: RequestOf<"wait-until">,
): Promise<number> {
  const instant = parseInstant(positionals.time, () => client.getTime().time);
  const reached = options.certain ? await client.waitUntilAfter(instant) : await client.waitUntil(instant);
  print(timeReport(reached));
  return ExitCode.DONE;
}

async function runMonitor(client: ChronoTickClient, { options }: RequestOf<"monitor">): Promise<number> {
  const stop = new AbortController();
  const onSignal = () => stop.abort();
  Deno.addSignalListener("SIGINT", onSignal);
  Deno.addSignalListener("SIGTERM", onSignal);
  const isValid = await monitor(client, {
    intervalSeconds: options.interval,
    count: options.count ?? Infinity,
    isTerminal: Deno.stdout.isTerminal(),
    columns: () => Deno.consoleSize().columns || Infinity, // a terminal that does not know its size says 0
    write: print,
    askServers: () => askServers(options),
    signal: stop.signal,
  });
  return isValid ? ExitCode.DONE : ExitCode.NO_TIME;
}

function askServers(options: Request["options"]): StatusAnswer {
  return askDaemonStatus(segmentOf(recordSource(options)), options.statusSocket, Deno.env);
}

function runStatus(client: ChronoTickClient, { options }: RequestOf<"status">): number {
  const record = client.read();
  const health = healthOf(record);
  const answer = askServers(options);
  if (options.json) {
    const daemon = "status" in answer ? answer.status : null;
    print(JSON.stringify({ health, ...recordToJson(client, record), daemon }) + "\n");
  } else {
    print(statusReport(record) + serversReport(answer));
  }
  return {
    "healthy": ExitCode.DONE,
    "degraded": ExitCode.FAILED,
    "no_valid_time": ExitCode.NO_TIME,
  }[health];
}

function runJson(client: ChronoTickClient, isPretty: boolean): number {
  const record = client.read();
  print(JSON.stringify(recordToJson(client, record), null, isPretty ? 2 : 0) + "\n");
  return record.state === "valid" ? ExitCode.DONE : ExitCode.NO_TIME;
}

function recordToJson(client: ChronoTickClient, record: RecordStatus): Record<string, unknown> {
  return statusToJson(record, record.state === "valid" ? client.getTime() : null);
}

function exitCodeOf(error: Error): number | null {
  if (error instanceof ChronoTickError) return ExitCode.NO_TIME;
  if (error instanceof LibcError || error instanceof PlatformError) return ExitCode.FAILED;
  return null;
}
