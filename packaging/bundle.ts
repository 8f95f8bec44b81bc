/**
 * The `bundle` command: each role as one script that needs neither source nor network.
 *
 * @module
 */
import { ExitCode } from "../cli/exit_code.ts";
import type { Invocation, Program } from "../cli/program.ts";
import { print, runCommand } from "../cli/run_command.ts";
import { VERSION } from "../cli/version.ts";
import { chosenRoles, ROLE_NAMES } from "./roles.ts";
import { writeRoleBundle } from "./role_bundle.ts";
import { PackagingError } from "./run_deno.ts";

const PROGRAM = {
  name: "chronotick-bundle",
  version: VERSION,
  invocation: "deno task bundle",
  summary: "Makes each program of ChronoTick one script that runs without its source and without network",
  options: {
    role: { kind: "string", placeholder: "NAME", choices: ROLE_NAMES, help: "Only this program" },
    output: { kind: "string", placeholder: "FOLDER", default: "dist", help: "Where the scripts go" },
  },
  examples: [
    { line: "deno task bundle", help: "All programs, into dist/" },
    { line: "dist/chronotick-client.js read", help: "Run one; deno must be on the PATH" },
  ],
} as const satisfies Program;

if (import.meta.main) await runCommand(PROGRAM, run, { exitCodeOf });

async function run({ options: { role, output } }: Invocation<typeof PROGRAM>): Promise<number> {
  for (const chosen of chosenRoles(role)) print(`${await writeRoleBundle(chosen, output)}\n`);
  return ExitCode.DONE;
}

function exitCodeOf(error: Error): number | null {
  return error instanceof PackagingError ? ExitCode.FAILED : null;
}
