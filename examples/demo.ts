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
import { bold, dim, setColorEnabled, yellow } from "@std/fmt/colors";
import { ExitCode } from "../cli/exit_code.ts";
import type { Invocation, Program } from "../cli/program.ts";
import { print, runCommand } from "../cli/run_command.ts";
import { VERSION } from "../cli/version.ts";
import { ChronoTickClient } from "../mod.ts";
import { chartHead, chartLine, legend, summary } from "./demo_chart.ts";
import { judge, Tally } from "./demo_judge.ts";
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
/** Between two lines that stay. */
const LINE_INTERVAL_MS = 500;
/** Between two looks of the line that is redrawn on a terminal. */
const REDRAW_INTERVAL_MS = 100;
/** On the first run the daemon's libraries are downloaded. */
const READY_TIMEOUT_MS = 120_000;
/** The mean error is taken over this much at the end, or half of a shorter demo. */
const LATE_SECONDS = 10;
const CLEAR_LINE = "\r\x1b[K";

if (import.meta.main) await runCommand(PROGRAM, run);

async function run({ options }: Invocation<typeof PROGRAM>): Promise<number> {
  setColorEnabled(Deno.stdout.isTerminal() && !Deno.env.get("NO_COLOR"));
  const stop = stopRequested();
  const screen = new Screen();
  await using world = await DemoWorld.start((line) => screen.note(line));
  const demo = new Demo(world, screen, stop, options.seconds);
  screen.print(introduction());
  if (!await demo.becomesReady()) return stop.aborted ? ExitCode.DONE : ExitCode.FAILED;
  const hasHeld = await demo.watch();
  if (options.keep && !stop.aborted) {
    screen.print(keepingText(world.daemon.shmName));
    await demo.untilStopped();
  }
  return hasHeld ? ExitCode.DONE : ExitCode.FAILED;
}
