/**
 * The `chronotick-daemon` command.
 *
 * @module
 */
import { ExitCode } from "../cli/exit_code.ts";
import type { Invocation, Program } from "../cli/program.ts";
import { print, runCommand } from "../cli/run_command.ts";
import { stopRequested } from "../cli/stop_requested.ts";
import { VERSION } from "../cli/version.ts";
import { MAX_PROCESSORS } from "../ffi/affinity.ts";
import { LibcError } from "../ffi/errno.ts";
import { PlatformError } from "../ffi/libc.ts";
import { SegmentTakenError } from "../ffi/shared_memory.ts";
import { statusSocketPath } from "../record/status_socket.ts";
import { type Config, ConfigError, loadConfig, restartRequired, segmentOf } from "./config.ts";
import { ModelError } from "./forecast/model_host.ts";
import { Hangups } from "./hangups.ts";
import { Logger } from "./log.ts";
import { formatJson } from "./log_json.ts";
import { LogFileError } from "./log_sink.ts";
import { formatText } from "./log_text.ts";
import { WarmupProgress } from "./progress.ts";
import { TimeService } from "./service.ts";
import type { RequestListener } from "./status/status_server.ts";
import { StatusError } from "./status/status_error.ts";
import { StateFile } from "./state_file.ts";
import { StateKeeper } from "./state_keeper.ts";
import { TraceRecorder } from "./trace/trace_recorder.ts";
import { TraceFileError, TraceWriter } from "./trace/trace_writer.ts";

const PROGRAM = {
  name: "chronotick-daemon",
  version: VERSION,
  invocation: "deno task daemon",
  summary:
    "Measures time servers and publishes the corrected time of this machine, without touching its clock",
  options: {
    config: {
      kind: "string",
      placeholder: "PATH",
      help: "Configuration in YAML; config.yaml shows every key",
    },
    checkConfig: { kind: "boolean", help: "Check the configuration, say all its faults, and end" },
    freq: {
      kind: "number",
      placeholder: "HZ",
      min: 1,
      max: 1000,
      isInteger: true,
      help: "Publications per second, instead of the configuration's",
    },
    cpuAffinity: {
      kind: "integers",
      placeholder: "N",
      min: 0,
      max: MAX_PROCESSORS - 1,
      help: "Processors to run on",
    },
    logLevel: {
      kind: "string",
      placeholder: "LEVEL",
      choices: ["DEBUG", "INFO", "WARNING", "ERROR"],
      help: "Least severity that is logged",
    },
    logFormat: {
      kind: "string",
      placeholder: "FORMAT",
      choices: ["text", "json"],
      default: "text",
      help: "Lines for people, or one JSON object a line",
    },
    logFile: { kind: "string", placeholder: "PATH", help: "Log to this file instead of standard error" },
    shmName: { kind: "string", placeholder: "NAME", help: "Shared memory to publish in" },
    shmPath: { kind: "string", placeholder: "PATH", help: "A file to publish in instead of shared memory" },
    http: {
      kind: "string",
      placeholder: "HOST:PORT",
      help: "Serve the status and its live page over TCP, too, such as on 127.0.0.1:8125",
    },
    record: {
      kind: "string",
      placeholder: "FILE",
      help: "Append everything that is measured to this trace, for deno task replay",
    },
  },
  examples: [
    { line: "deno task daemon", help: "Run with the default servers" },
    { line: "deno task daemon --config config.yaml --check-config", help: "Is this configuration right?" },
    { line: "kill -HUP PID", help: "Read the configuration again" },
  ],
} as const satisfies Program;

type Options = Invocation<typeof PROGRAM>["options"];

const PROGRESS_INTERVAL_MS = 1000;

if (import.meta.main) await runCommand(PROGRAM, run, { exitCodeOf });

async function run({ options }: Invocation<typeof PROGRAM>): Promise<number> {
  const config = readConfig(options);
  if (options.checkConfig) {
    print(
      `${options.config ?? "The default configuration"} is right: ${serverCount(config)}.\n`,
    );
    return ExitCode.DONE;
  }
  using log = openLog(config, options);
  const stop = stopRequested();
  const hangups = new Hangups();
  await using keeper = new StateKeeper(StateFile.locate(segmentOf(config), Deno.env, log));
  await using trace = openTrace(options.record, log);
  const recorder = trace && new TraceRecorder(trace, `chronotick-daemon ${VERSION}`);
  // Loaded only where it is wanted: it takes some memory.
  const telemetry = isTelemetryWanted(Deno.env) ? await import("./telemetry.ts") : null;
  await using service = await TimeService.start(config, log, {
    recorder,
    prior: keeper.load(),
    telemetry: telemetry?.exchangeSpans() ?? null,
  });
  telemetry?.observeMetrics(service);
  keeper.keep(() => service.estimatorState());
  await using _status = await serveStatus(config, service, log, telemetry?.requestMetrics() ?? null);
  log.info(
    "daemon",
    `chronotick-daemon ${VERSION} publishes ${segmentOf(config)} at ${config.daemon.updateFrequencyHz} Hz.`,
  );
  const progress = showProgress(service, log, options.logFile === undefined && options.logFormat === "text");
  hangups.follow(() => reload(service, config, options, log));
  const signal = await Promise.race([stop, service.failure]);
  clearInterval(progress.timer);
  progress.line.end();
  log.info("daemon", `Stopped by ${signal}.`);
  return ExitCode.DONE;
}

function serverCount({ ntp: { servers } }: Config): string {
  return servers.length === 1 ? "1 server" : `${servers.length} servers`;
}

/** Deno's own switch for its exporter. */
function isTelemetryWanted(environment: { get(name: string): string | undefined }): boolean {
  return environment.get("OTEL_DENO") === "true";
}

/** The configuration file with the command line's word over it. */
function readConfig(options: Options): Config {
  return loadConfig(options.config, {
    updateFrequencyHz: options.freq,
    cpuAffinity: options.cpuAffinity,
    logLevel: options.logLevel,
    shmName: options.shmName,
    shmPath: options.shmPath,
    http: options.http,
  });
}

function openLog(config: Config, options: Options): Logger {
  const { logLevel: level } = config.daemon;
  const format = options.logFormat === "json" ? formatJson : formatText;
  return new Logger({ level, format, file: options.logFile });
}

/** Loaded only where there is something to serve on, as it takes some memory. */
async function serveStatus(
  config: Config,
  service: TimeService,
  log: Logger,
  listener: RequestListener | null,
): Promise<AsyncDisposable | null> {
  const { status } = config;
  if (!status.enabled) return null;
  const usualSocketPath = statusSocketPath(segmentOf(config), Deno.env);
  if (status.http === null && status.socketPath === null && usualSocketPath === null) {
    const message =
      "There is no status socket: neither RUNTIME_DIRECTORY nor XDG_RUNTIME_DIR names a folder. " +
      "Set status.socket_path.";
    log.info("status", message);
    return null;
  }
  const { StatusServer } = await import("./status/status_server.ts");
  return await StatusServer.start(status, usualSocketPath, service, log, listener);
}

/** Null when nothing is to be recorded. */
function openTrace(path: string | undefined, log: Logger): TraceWriter | null {
  if (path === undefined) return null;
  return TraceWriter.open(path, (reason) => log.warning("record", `Recording to ${path} ended: ${reason}.`));
}

function showProgress(service: TimeService, log: Logger, isInteractive: boolean) {
  const encoder = new TextEncoder();
  const line = new WarmupProgress({
    isTerminal: isInteractive && Deno.stderr.isTerminal(),
    write: (text) => void Deno.stderr.writeSync(encoder.encode(text)),
    log,
  });
  const timer = setInterval(() => line.show(service.status()), PROGRESS_INTERVAL_MS);
  return { line, timer };
}

/** A faulty new configuration is reported and changes nothing. `started` is what the daemon began with. */
function reload(service: TimeService, started: Config, options: Options, log: Logger): void {
  log.reopen();
  try {
    const fresh = readConfig(options);
    for (const key of restartRequired(started, fresh)) {
      log.warning("config", `${key} changed since the start: it takes effect after a restart.`);
    }
    service.reconfigure(fresh);
    log.level = fresh.daemon.logLevel;
    log.info("config", "Configuration read again.");
  } catch (error) {
    if (!(error instanceof Error) || exitCodeOf(error) === null) throw error;
    const oneLine = error.message.replaceAll(/\n\s*/g, " ");
    log.error("config", `${oneLine} Going on with the old configuration.`);
  }
}

function exitCodeOf(error: Error): number | null {
  if (error instanceof ConfigError || error instanceof ModelError) return ExitCode.USAGE;
  const isForeseen = error instanceof SegmentTakenError || error instanceof LibcError ||
    error instanceof PlatformError || error instanceof RangeError || error instanceof LogFileError ||
    error instanceof TraceFileError || error instanceof StatusError;
  return isForeseen ? ExitCode.FAILED : null;
}
