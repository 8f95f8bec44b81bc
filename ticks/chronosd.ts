/**
 * The `chronosd` command: one process that hands out ticks to all others, over a Unix socket and D-Bus.
 *
 * @module
 */
import { ExitCode } from "../cli/exit_code.ts";
import type { Invocation, Program } from "../cli/program.ts";
import { RECORD_OPTIONS, recordSource } from "../cli/record_options.ts";
import { runCommand } from "../cli/run_command.ts";
import { stopRequested } from "../cli/stop_requested.ts";
import { VERSION } from "../cli/version.ts";
import { LibcError } from "../ffi/errno.ts";
import { PlatformError } from "../ffi/libc.ts";
import type { TickAuthority } from "./authority.ts";
import { lineAnswerer } from "./chronosd/answer_line.ts";
import { busAddress, DbusError, DbusService } from "./chronosd/dbus_service.ts";
import { FaultLog } from "./chronosd/fault_log.ts";
import { ReservationWatch } from "./chronosd/reservation_watch.ts";
import { socketAccess, SocketFile, SocketFileError } from "./chronosd/socket_file.ts";
import { DEFAULT_LIMITS, SocketServer } from "./chronosd/socket_server.ts";
import { TickService } from "./chronosd/tick_service.ts";
import { TickError } from "./errors.ts";
import { EventLog } from "./event_log.ts";
import { EventRecorder } from "./event_recorder.ts";
import { openAuthority } from "./open_authority.ts";
import { socketPath } from "./socket_path.ts";
import { stateFolder } from "./state_folder.ts";
import { UtcClock } from "./utc_clock.ts";

const PROGRAM = {
  name: "chronosd",
  version: VERSION,
  invocation: "deno task chronosd",
  summary: "Hands out ticks and Phi timestamps to every program on this machine",
  options: {
    init: { kind: "boolean", help: "Make a counter that begins with tick 1 where there is none" },
    socket: {
      kind: "string",
      placeholder: "PATH",
      help: "Where to listen, instead of CHRONOS_SOCKET or /run/chronos/chronos.sock",
    },
    socketMode: {
      kind: "string",
      placeholder: "MODE",
      default: "0600",
      format: { pattern: /^0?[0-7]{3}$/, expected: "an octal mode such as 0660" },
      help: "Who may connect",
    },
    socketGroup: { kind: "string", placeholder: "GROUP", help: "Name or number of the socket's group" },
    maxConnections: {
      kind: "number",
      placeholder: "N",
      min: 1,
      max: 100_000,
      isInteger: true,
      default: DEFAULT_LIMITS.maxConnections,
      help: "Clients at a time",
    },
    idleTimeout: {
      kind: "number",
      placeholder: "S",
      min: 1,
      max: 86_400,
      default: DEFAULT_LIMITS.idleMs / 1000,
      help: "Seconds without a request after which a client is disconnected",
    },
    authority: {
      kind: "string",
      placeholder: "AUTHORITY",
      help: "Whose ticks to hand out instead of this machine's: etcd://host:2379/name or file:/folder",
    },
    dbus: {
      kind: "string",
      placeholder: "BUS",
      choices: ["system", "session", "off"],
      default: "off",
      help: "Which bus to be org.jesternet.Chronos on",
    },
    ...RECORD_OPTIONS,
  },
  examples: [
    { line: "deno task chronosd -- --init", help: "Serve the counter of this machine" },
    { line: "echo NEXT_TICK | socat - UNIX:/run/chronos/chronos.sock", help: "Take a tick" },
    {
      line: "deno task chronosd -- --socket-mode 0660 --socket-group agents",
      help: "Serve a group of users",
    },
  ],
} as const satisfies Program;

type Options = Invocation<typeof PROGRAM>["options"];

if (import.meta.main) await runCommand(PROGRAM, run, { exitCodeOf });

async function run({ options }: Invocation<typeof PROGRAM>): Promise<number> {
  const stop = stopRequested();
  const { promise: shutdown, resolve: onShutdown } = Promise.withResolvers<string>();
  const faults = new FaultLog(say);
  const onFault = (error: Error) => faults.report(error);

  const folder = stateFolder(Deno.env);
  const { authority: name = `file:${folder}`, init: create } = options;
  await using authority = await openAuthority({ authority: name, create }, Deno.env);
  using recorder = new EventRecorder(authority, new EventLog(folder), new UtcClock(recordSource(options)));
  const ticks = new TickService(authority, recorder, onFault);
  await using server = await listen(options, ticks);
  await using bus = options.dbus === "off" ? null : await DbusService.start(
    busAddress(options.dbus, Deno.env),
    ticks,
    VERSION,
    // The caller gets his reply first.
    { onFault, onShutdown: () => setTimeout(() => onShutdown("D-Bus"), 0) },
  );
  using _watch = bus && watchReservations(authority, bus);
  say(`chronosd ${VERSION} hands out the ticks of ${authority.name} on ${server.path}.`);
  say(`Stopped by ${await Promise.race([stop, shutdown])}.`);
  return ExitCode.DONE;
}

async function listen(options: Options, ticks: TickService): Promise<SocketServer> {
  const path = options.socket ?? socketPath(Deno.env);
  const file = await SocketFile.listen(path, socketAccess(path, options.socketMode, options.socketGroup));
  const beganMs = performance.now();
  const server: SocketServer = new SocketServer(file, lineAnswerer(ticks, status), {
    ...DEFAULT_LIMITS,
    maxConnections: options.maxConnections,
    idleMs: options.idleTimeout * 1000,
  });
  return server;

  /** 64-bit numbers are texts, as in every JSON of ChronoTick's ticks. */
  async function status(): Promise<string> {
    const { name, reserved } = ticks.authority;
    return JSON.stringify({
      version: VERSION,
      authority: name,
      tick: String(await ticks.current()),
      reserved: reserved === undefined ? null : String(reserved),
      connections: server.connectionCount,
      uptime_seconds: Math.round(performance.now() - beganMs) / 1000,
    });
  }
}

function watchReservations(authority: TickAuthority, bus: DbusService): ReservationWatch | null {
  if (authority.reserved === undefined) return null;
  return new ReservationWatch(() => authority.reserved!, (tick) => bus.tickReserved(tick));
}

function say(line: string): void {
  Deno.stderr.writeSync(new TextEncoder().encode(`${line}\n`));
}

function exitCodeOf(error: Error): number | null {
  const isForeseen = error instanceof TickError || error instanceof SocketFileError ||
    error instanceof DbusError || error instanceof LibcError || error instanceof PlatformError;
  return isForeseen ? ExitCode.FAILED : null;
}
