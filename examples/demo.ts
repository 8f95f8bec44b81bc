/**
 * The demo: time servers with a known truth, a real daemon that asks them, and a reader that is checked against that
 * truth. Nothing is installed, no network is used, and nobody touches this machine's clock.
 *
 * ```sh
 * deno task demo
 * ```
 *
 * @module
 */
import { setTimeout as timeout } from "node:timers/promises";
import { bold, dim, setColorEnabled } from "@std/fmt/colors";
import { ExitCode } from "../cli/exit_code.ts";
import type { Invocation, Program } from "../cli/program.ts";
import { runCommand } from "../cli/run_command.ts";
import { VERSION } from "../cli/version.ts";
import { ChronoTickClient, ChronoTickError } from "../mod.ts";
import type { DaemonProcess } from "../sim/daemon_process.ts";
import { summary } from "./demo_chart.ts";
import { judge, Tally } from "./demo_judge.ts";
import { DemoScreen } from "./demo_screen.ts";
import { DemoWorld, LIE_SECONDS, SERVERS, TRUE_FREQUENCY, TRUE_OFFSET_SECONDS } from "./demo_world.ts";

const PROGRAM = {
  name: "chronotick-demo",
  version: VERSION,
  invocation: "deno task demo",
  summary:
    "Shows how well the time is found, and that its bounds hold, against simulated servers whose truth is known",
  options: {
    seconds: { kind: "number", placeholder: "N", min: 1, max: 3600, default: 20, help: "How long to watch" },
    keep: { kind: "boolean", help: "Leave servers and daemon running until Ctrl-C, to develop against" },
  },
  examples: [
    { line: "deno task demo", help: "Watch for twenty seconds" },
    { line: "deno task demo --keep", help: "Then try the client on it" },
  ],
} as const satisfies Program;

/** Between two reads. */
const READ_INTERVAL_MS = 5;
/** On the first run the daemon's libraries are downloaded. */
const READY_TIMEOUT_MS = 120_000;
/** The mean error is taken over this much at the end, or over the second half of a shorter demo. */
const LATE_SECONDS = 10;

class DaemonEndedError extends Error {}

if (import.meta.main) {
  await runCommand(PROGRAM, run, {
    exitCodeOf: (error) =>
      error instanceof DaemonEndedError || error instanceof ChronoTickError ? ExitCode.FAILED : null,
  });
}

async function run({ options }: Invocation<typeof PROGRAM>): Promise<number> {
  setColorEnabled(Deno.stdout.isTerminal() && !Deno.env.get("NO_COLOR"));
  const stop = stopRequested();
  using screen = new DemoScreen();
  await using world = await DemoWorld.start((line) => screen.note(line));
  using client = new ChronoTickClient({ shmName: world.daemon.shmName });
  const end = AbortSignal.any([stop, endOf(world.daemon)]);

  screen.print(introduction());
  const tally = await watch({ world, client, screen, seconds: options.seconds, end });
  if (end.aborted && !stop.aborted) throw end.reason;
  screen.print("\n" + summary(tally, lateSeconds(options.seconds)));
  if (!options.keep) {
    screen.print(dim("\nTo try the client and your own programs on it: deno task demo --keep\n"));
  } else if (!stop.aborted) {
    screen.print(keepingText(world.daemon.shmName));
    await aborted(end);
    if (!stop.aborted) throw end.reason;
  }
  return tally.inside === tally.reads ? ExitCode.DONE : ExitCode.FAILED;
}

interface Watch {
  readonly world: DemoWorld;
  readonly client: ChronoTickClient;
  readonly screen: DemoScreen;
  readonly seconds: number;
  /** Ends the watch early. */
  readonly end: AbortSignal;
}

/** Reads and shows for the given time. Half-way one of the servers begins to lie. */
async function watch({ world, client, screen, seconds, end }: Watch): Promise<Tally> {
  const tally = new Tally();
  if (!await becomesReady(client, end)) return tally;
  screen.head();
  const began = performance.now();
  let hasLied = false;
  for (let at = 0; at < seconds && !end.aborted;) {
    at = (performance.now() - began) / 1000;
    const judged = judge(client, world);
    if (judged !== null) tally.add(judged, at, at >= seconds - lateSeconds(seconds));
    screen.show(at, judged);
    if (!hasLied && at >= seconds / 2) {
      hasLied = true;
      await world.lie();
      screen.event(`one of the ${SERVERS} servers begins to lie: by ${LIE_SECONDS * 1e3} ms`);
    }
    await pause(READ_INTERVAL_MS, end);
  }
  return tally;
}

function lateSeconds(seconds: number): number {
  return Math.min(LATE_SECONDS, seconds / 2);
}

/** False when the wait was ended. */
async function becomesReady(client: ChronoTickClient, end: AbortSignal): Promise<boolean> {
  try {
    await client.waitUntilReady({ timeoutMs: READY_TIMEOUT_MS, signal: end });
    return true;
  } catch (error) {
    if (end.aborted) return false;
    throw error;
  }
}

/** Aborts with the first SIGINT or SIGTERM. */
function stopRequested(): AbortSignal {
  const stop = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    Deno.addSignalListener(signal, () => stop.abort());
  }
  return stop.signal;
}

/** Aborts when the daemon ends by itself. */
function endOf(daemon: DaemonProcess): AbortSignal {
  const end = new AbortController();
  void daemon.ended().then(({ code }) => {
    const log = daemon.lines.map((line) => `\n  ${line}`).join("");
    end.abort(new DaemonEndedError(`The daemon ended by itself, with exit code ${code}:${log}`));
  });
  return end.signal;
}

/** Resolves after `ms`, or when the signal aborts. */
async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await timeout(ms, undefined, { signal }).catch(() => {});
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

function introduction(): string {
  const offset = `${TRUE_OFFSET_SECONDS * 1e3} ms`;
  const drift = `${TRUE_FREQUENCY * 1e6} µs`;
  return [
    bold("ChronoTick: the true time, with bounds, without touching this machine's clock"),
    "",
    `Pretend that this machine's clock is ${offset} slow and loses ${drift} every second.`,
    `${SERVERS} simulated time servers know the truth, each behind a jittery network.`,
    "A daemon asks them. This program reads the time that the daemon publishes,",
    "every few milliseconds, and compares each read with the truth.",
    "",
    "",
  ].join("\n");
}

function keepingText(shmName: string): string {
  return [
    "",
    "Servers and daemon go on until Ctrl-C. In another terminal, try:",
    "",
    `  deno task client read --shm-name ${shmName}`,
    `  deno task client monitor --interval 0.2 --shm-name ${shmName}`,
    `  deno task client status --shm-name ${shmName}`,
    `  deno run --allow-ffi examples/simple_client.ts ${shmName}`,
    "",
    "",
  ].join("\n");
}
