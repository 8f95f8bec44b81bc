/**
 * The `compile` command: each role as a program by itself.
 *
 * @module
 */
import { ExitCode } from "../cli/exit_code.ts";
import type { Invocation, Program } from "../cli/program.ts";
import { print, runCommand } from "../cli/run_command.ts";
import { VERSION } from "../cli/version.ts";
import { makeOutputFolder } from "./output_folder.ts";
import { type Target, TARGETS, writeRoleBinary } from "./role_binary.ts";
import { writeRoleBundle } from "./role_bundle.ts";
import { chosenRoles, ROLE_NAMES } from "./roles.ts";
import { PackagingError } from "./run_deno.ts";

const PROGRAM = {
  name: "chronotick-compile",
  version: VERSION,
  invocation: "deno task compile",
  summary: "Makes each program of ChronoTick one binary that needs neither Deno nor its source nor network",
  options: {
    role: { kind: "string", placeholder: "NAME", choices: ROLE_NAMES, help: "Only this program" },
    target: {
      kind: "string",
      placeholder: "TARGET",
      choices: Object.keys(TARGETS) as readonly Target[],
      help: "The machine that it is for; this one unless given",
    },
    output: { kind: "string", placeholder: "FOLDER", default: "dist", help: "Where the binaries go" },
    deno: {
      kind: "string",
      placeholder: "PATH",
      help: "The Deno that compiles; the one that runs this unless given",
    },
  },
  examples: [
    { line: "deno task compile", help: "All programs, into dist/" },
    { line: "deno task compile --target aarch64-unknown-linux-gnu --output dist/arm64", help: "For arm64" },
    { line: "DENORT_BIN=/path/to/denort deno task compile", help: "Where the stub cannot be downloaded" },
  ],
} as const satisfies Program;

if (import.meta.main) await runCommand(PROGRAM, run, { exitCodeOf });

async function run({ options }: Invocation<typeof PROGRAM>): Promise<number> {
  const { role, output, target = Deno.build.target as Target, deno = Deno.execPath() } = options;
  const scripts = await Deno.makeTempDir({ prefix: "chronotick-compile-" });
  try {
    await makeOutputFolder(output);
    for (const chosen of chosenRoles(role)) {
      const path = `${output}/${chosen.name}`;
      const script = await writeRoleBundle(chosen, scripts);
      await writeRoleBinary(chosen, { script, output: path, deno, target });
      print(`${path}\n`);
    }
  } finally {
    await Deno.remove(scripts, { recursive: true });
  }
  return ExitCode.DONE;
}

function exitCodeOf(error: Error): number | null {
  return error instanceof PackagingError ? ExitCode.FAILED : null;
}
