/**
 * The `chronos-ctl` command: ticks, stamps and log entries for people and scripts.
 *
 * @module
 */
import { ExitCode } from "../cli/exit_code.ts";
import { UsageError } from "../cli/options.ts";
import type { Invocation, Program } from "../cli/program.ts";
import { print, runCommand } from "../cli/run_command.ts";
import { stopRequested } from "../cli/stop_requested.ts";
import { VERSION } from "../cli/version.ts";
import { LibcError } from "../ffi/errno.ts";
import { PlatformError } from "../ffi/libc.ts";
import type { TickAuthority } from "./authority.ts";
import { MAX_COUNT } from "./check_demand.ts";
import { createCounter, resetCounter } from "./create_counter.ts";
import { TickError, type TickErrorCode } from "./errors.ts";
import { EventLog } from "./event_log.ts";
import { EventRecorder, type EventToLog } from "./event_recorder.ts";
import { followLog } from "./follow_log.ts";
import { openAuthority } from "./open_authority.ts";
import { PhiGenerator } from "./phi_generator.ts";
import { phiToJson } from "./phi_json.ts";
import { formatPhi } from "./phi_timestamp.ts";
import { SocketAuthority } from "./socket_authority.ts";
import { stateFolder } from "./state_folder.ts";

/** What chronos-ctl accepts. */
export const PROGRAM = {
  name: "chronos-ctl",
  version: VERSION,
  invocation: "deno task chronos-ctl",
  summary: "Hands out ticks, each once and in order, and Phi timestamps",
  options: {
    authority: {
      kind: "string",
      placeholder: "ADDRESS",
      help: "Who hands out the ticks: file:/folder, unix:/socket or etcd://host:2379/name",
    },
    stateDir: {
      kind: "string",
      placeholder: "PATH",
      help: "Folder of the counter and the log, asked directly (else CHRONOS_STATE_DIR, STATE_DIRECTORY …)",
    },
    socket: {
      kind: "string",
      placeholder: "PATH",
      help: "chronosd's socket, which must answer then (else CHRONOS_SOCKET, RUNTIME_DIRECTORY …)",
    },
  },
  commands: {
    version: { summary: "The version" },
    init: { summary: "Make the folder and the counter where they are missing; never resets" },
    tick: { summary: "The last tick that was handed out; 0 before the first" },
    next: {
      summary: "Use the next tick",
      options: {
        count: {
          kind: "number",
          placeholder: "N",
          min: 1,
          max: MAX_COUNT,
          isInteger: true,
          default: 1,
          help: "Use so many consecutive ticks, one a line",
        },
      },
    },
    stamp: {
      summary: "Use one tick for a Phi timestamp",
      options: { json: { kind: "boolean", help: "With the bounds of its time, as one JSON object" } },
      positionals: { agent: { help: "Whose stamp it is: letters, digits, dots, underscores and hyphens" } },
    },
    log: {
      summary: "Use one tick for a log entry, kept in the state folder and printed as JSON",
      options: { follow: { kind: "boolean", help: "Show the last entries and those to come instead" } },
      positionals: {
        agent: { help: "Who did it", isOptional: true },
        action: { help: "What was done", isOptional: true },
        status: { help: "How it went", isOptional: true },
        details: { help: "The rest", isOptional: true },
      },
    },
    reset: {
      summary: "Begin anew, or repair a damaged counter; ticks may then come twice",
      options: {
        force: { kind: "boolean", help: "Really" },
        to: {
          kind: "string",
          placeholder: "TICK",
          default: "0",
          format: { pattern: /^\d{1,20}$/, expected: "a tick such as 0 or 1000000" },
          help: "What shall be the last tick handed out",
        },
      },
    },
  },
  examples: [
    { line: "deno task chronos-ctl init", help: "Once on each machine" },
    { line: "deno task chronos-ctl next", help: "1, then 2, then 3 …" },
    { line: "deno task chronos-ctl log CLAUDE-A deploy ok 'build 7'", help: "What happened, in order" },
    { line: "deno task chronos-ctl log --follow", help: "Watch it" },
  ],
} as const satisfies Program;

type Request = Invocation<typeof PROGRAM>;
type RequestOf<Command> = Extract<Request, { readonly command: Command }>;

/** Refusals of what the user typed. */
const USAGE_CODES: readonly TickErrorCode[] = ["AGENT_ID", "LOG_ENTRY", "RANGE", "ADDRESS"];

if (import.meta.main) await runCommand(PROGRAM, run, { exitCodeOf });

async function run(request: Request): Promise<number> {
  switch (request.command) {
    case "version":
      print(`${VERSION}\n`);
      break;
    case "init":
      await initialize(request.options);
      break;
    case "tick":
      await withAuthority(request.options, async (authority) => print(`${await authority.current()}\n`));
      break;
    case "next":
      await withAuthority(request.options, (authority) => useTicks(authority, request.options.count));
      break;
    case "stamp":
      await withAuthority(request.options, (authority) => stamp(authority, request));
      break;
    case "log":
      await (request.options.follow ? follow(request.options) : log(request));
      break;
    case "reset":
      reset(request.options);
      break;
  }
  return ExitCode.DONE;
}

/** One tick a time is reserved for a command that uses one: nothing is lost, whatever happens. */
async function withAuthority(
  options: Request["options"],
  action: (authority: TickAuthority) => Promise<void>,
): Promise<void> {
  await using authority = await openAuthority({ ...options, blockTicks: 1 }, Deno.env);
  await action(authority);
}

async function initialize(options: Request["options"]): Promise<void> {
  if (options.authority === undefined && options.socket === undefined) {
    const folder = options.stateDir ?? stateFolder(Deno.env);
    const isNew = createCounter(folder);
    print(isNew ? `Made a counter in ${folder}: the first tick will be 1.\n` : `${folder} has a counter.\n`);
    return;
  }
  await using authority = await openAuthority({ ...options, create: true }, Deno.env);
  print(`${authority.name} is there; its last tick is ${await authority.current()}.\n`);
}

async function useTicks(authority: TickAuthority, count: number): Promise<void> {
  const first = await authority.next(count);
  print(Array.from({ length: count }, (_, i) => `${first + BigInt(i)}\n`).join(""));
}

async function stamp(authority: TickAuthority, request: RequestOf<"stamp">): Promise<void> {
  using generator = new PhiGenerator(authority, request.positionals.agent);
  const event = await generator.next();
  print(`${request.options.json ? phiToJson(event) : formatPhi(event)}\n`);
}

async function log({ options, positionals }: RequestOf<"log">): Promise<void> {
  const { agent, action, status, details = "" } = positionals;
  if (agent === undefined || action === undefined || status === undefined) {
    throw new UsageError("Cannot log: give AGENT, ACTION and STATUS. See deno task chronos-ctl log --help.");
  }
  const entry = { agent, action, status, details };
  await withAuthority(options, async (authority) => print(`${await record(authority, entry, options)}\n`));
}

/** chronosd keeps the log of those who ask it. */
async function record(
  authority: TickAuthority,
  entry: EventToLog,
  options: Request["options"],
): Promise<string> {
  if (authority instanceof SocketAuthority) return await authority.log(entry);
  using recorder = new EventRecorder(authority, new EventLog(options.stateDir ?? stateFolder(Deno.env)));
  return await recorder.log(entry);
}

async function follow(options: Request["options"]): Promise<void> {
  const stop = new AbortController();
  void stopRequested().then(() => stop.abort());
  const { path } = new EventLog(options.stateDir ?? stateFolder(Deno.env));
  await followLog(path, print, stop.signal);
}

function reset(options: RequestOf<"reset">["options"]): void {
  if (!options.force) {
    throw new UsageError(
      "Cannot reset without --force: ticks that were handed out would be handed out again. " +
        "See deno task chronos-ctl reset --help.",
    );
  }
  if (options.authority !== undefined || options.socket !== undefined) {
    throw new UsageError("Cannot reset any counter but that of a folder: give --state-dir, or nothing.");
  }
  const folder = options.stateDir ?? stateFolder(Deno.env);
  resetCounter(folder, BigInt(options.to));
  print(`The last tick of ${folder} is ${options.to}.\n`);
}

function exitCodeOf(error: Error): number | null {
  if (error instanceof TickError && USAGE_CODES.includes(error.code)) return ExitCode.USAGE;
  const isForeseen = [TickError, LibcError, PlatformError].some((kind) => error instanceof kind);
  return isForeseen ? ExitCode.FAILED : null;
}
