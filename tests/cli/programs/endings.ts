/** A program that ends in the way its command is named after; run as a process by run_command_test.ts. */
import { ExitCode } from "../../../cli/exit_code.ts";
import { UsageError } from "../../../cli/options.ts";
import type { Program } from "../../../cli/program.ts";
import { print, runCommand } from "../../../cli/run_command.ts";

const ENDINGS = {
  name: "endings",
  version: "0.1.0",
  invocation: "endings",
  summary: "End in different ways",
  commands: {
    done: { summary: "Print one line" },
    "no-time": { summary: "Throw an error that was foreseen" },
    usage: { summary: "Throw a usage error" },
    bug: { summary: "Throw an error that nobody foresaw" },
    forbidden: { summary: "Do what was not permitted" },
    flood: { summary: "Print until nobody listens" },
    big: { summary: "Print more than a pipe holds" },
  },
} as const satisfies Program;

class NoTimeError extends Error {}

const FLOOD_LINES = 1_000_000;
const BIG_CHARACTERS = 300_000;

await runCommand(ENDINGS, async ({ command }) => {
  await Promise.resolve();
  switch (command) {
    case "done":
      print("± done\n");
      return ExitCode.DONE;
    case "no-time":
      throw new NoTimeError("Cannot read the time: no daemon lives.");
    case "usage":
      throw new UsageError("Two of them exclude each other.");
    case "bug":
      throw new TypeError("nothing is something");
    case "forbidden":
      Deno.readTextFileSync("/etc/hostname");
      return ExitCode.DONE;
    case "flood":
      for (let line = 0; line < FLOOD_LINES; line++) print(`${line}\n`);
      return ExitCode.FAILED;
    case "big":
      print("x".repeat(BIG_CHARACTERS));
      return ExitCode.DONE;
  }
}, { exitCodeOf: (error) => error instanceof NoTimeError ? ExitCode.NO_TIME : null });
