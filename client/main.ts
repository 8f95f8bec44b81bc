/**
 * The `chronotick-client` command: read, monitor, status, benchmark, json.
 *
 * @module
 */
import { setColorEnabled } from "@std/fmt/colors";
import { ExitCode } from "../cli/exit_code.ts";
import type { Invocation, Program } from "../cli/program.ts";
import { RECORD_OPTIONS, recordSource } from "../cli/record_options.ts";
import { print, runCommand } from "../cli/run_command.ts";
import { VERSION } from "../cli/version.ts";
import { PlatformError } from "../ffi/libc.ts";
import { LibcError } from "../ffi/errno.ts";
import { ChronoTickError } from "../record/errors.ts";
import { healthOf } from "../record/health.ts";
import { statusToJson } from "../record/json.ts";
import type { RecordStatus } from "../record/observation.ts";
import { BATCH, benchmarkClient, benchmarkReport } from "./benchmark.ts";
import { ChronoTickClient } from "./client.ts";
import { monitor } from "./monitor.ts";
import { statusReport, timeReport } from "./report.ts";

const PROGRAM = {
  name: "chronotick-client",
  version: VERSION,
  invocation: "deno task client",
  summary: "Reads the corrected time that a ChronoTick daemon publishes on this machine",
  options: RECORD_OPTIONS,
  commands: {
    read: { summary: "The time now, with its bounds" },
    monitor: {
      summary: "Watch the time; redrawn on a terminal, a line per sample in a pipe",
      options: {
        interval: {
          kind: "number",
          placeholder: "S",
          min: 0.01,
          max: 3600,
          default: 1,
          help: "Seconds between samples",
        },
        count: {
          kind: "number",
          placeholder: "N",
          min: 1,
          isInteger: true,
          help: "Stop after so many samples",
        },
      },
    },
    status: { summary: "How the daemon does; exit code 0 healthy, 1 degraded, 3 no valid time" },
    benchmark: {
      summary: "What a read costs here, beside the raw clock",
      options: {
        iterations: {
          kind: "number",
          placeholder: "N",
          min: BATCH,
          max: 1e9,
          isInteger: true,
          default: 1_000_000,
          help: "Calls of each kind",
        },
      },
    },
    json: {
      summary: "The record and the time now as one JSON object",
      options: { pretty: { kind: "boolean", help: "Indent it" } },
    },
  },
  examples: [
    { line: "deno task client read", help: "What time is it, and how sure is that?" },
    { line: "deno task client monitor --interval 0.2", help: "Watch the correction" },
    { line: "deno task client json | jq .max_error_now", help: "For scripts" },
  ],
} as const satisfies Program;

type Request = Invocation<typeof PROGRAM>;

if (import.meta.main) await runCommand(PROGRAM, run, { exitCodeOf });

async function run(request: Request): Promise<number> {
  setColorEnabled(Deno.stdout.isTerminal() && !Deno.env.get("NO_COLOR"));
  using client = new ChronoTickClient(recordSource(request.options));
  switch (request.command) {
    case "read":
      print(timeReport(client.getTime()));
      return ExitCode.DONE;
    case "monitor":
      return await runMonitor(client, request.options.interval, request.options.count);
    case "status":
      return runStatus(client.read());
    case "benchmark":
      print(benchmarkReport(benchmarkClient(client, request.options.iterations)));
      return ExitCode.DONE;
    case "json":
      return runJson(client, request.options.pretty);
  }
}

async function runMonitor(
  client: ChronoTickClient,
  intervalSeconds: number,
  count?: number,
): Promise<number> {
  const stop = new AbortController();
  const onSignal = () => stop.abort();
  Deno.addSignalListener("SIGINT", onSignal);
  Deno.addSignalListener("SIGTERM", onSignal);
  const isValid = await monitor(client, {
    intervalSeconds,
    count: count ?? Infinity,
    isTerminal: Deno.stdout.isTerminal(),
    write: print,
    signal: stop.signal,
  });
  return isValid ? ExitCode.DONE : ExitCode.NO_TIME;
}

function runStatus(status: RecordStatus): number {
  print(statusReport(status));
  return {
    "healthy": ExitCode.DONE,
    "degraded": ExitCode.FAILED,
    "no_valid_time": ExitCode.NO_TIME,
  }[healthOf(status)];
}

function runJson(client: ChronoTickClient, isPretty: boolean): number {
  const status = client.read();
  const time = status.state === "valid" ? client.getTime() : null;
  print(JSON.stringify(statusToJson(status, time), null, isPretty ? 2 : 0) + "\n");
  return time === null ? ExitCode.NO_TIME : ExitCode.DONE;
}

function exitCodeOf(error: Error): number | null {
  if (error instanceof ChronoTickError) return ExitCode.NO_TIME;
  if (error instanceof LibcError || error instanceof PlatformError) return ExitCode.FAILED;
  return null;
}
