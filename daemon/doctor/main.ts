/**
 * The `chronotick-doctor` command: can the daemon do its work here, and if not, what to do.
 *
 * @module
 */
import { green, red, setColorEnabled, yellow } from "@std/fmt/colors";
import { ExitCode } from "../../cli/exit_code.ts";
import type { Invocation, Program } from "../../cli/program.ts";
import { print, runCommand } from "../../cli/run_command.ts";
import { VERSION } from "../../cli/version.ts";
import { ConfigError, loadConfig } from "../config.ts";
import { examine } from "./examine.ts";
import type { Finding, Verdict } from "./finding.ts";

const PROGRAM = {
  name: "chronotick-doctor",
  version: VERSION,
  invocation: "deno task doctor",
  summary: "Looks whether the daemon can do its work on this machine, and says what to do where it cannot",
  options: {
    config: { kind: "string", placeholder: "PATH", help: "The daemon's configuration" },
    shmName: { kind: "string", placeholder: "NAME", help: "Shared memory to publish in" },
    shmPath: { kind: "string", placeholder: "PATH", help: "A file to publish in instead of shared memory" },
    json: { kind: "boolean", help: "As one JSON object" },
  },
  examples: [
    { line: "deno task doctor", help: "With the default servers, each of which is asked once" },
    { line: "deno task doctor --config config.yaml --json", help: "For scripts" },
  ],
} as const satisfies Program;

const CHECK_WIDTH = 14;
const PAINT: Readonly<Record<Verdict, (text: string) => string>> = {
  ok: green,
  warning: yellow,
  failed: red,
};
const VERDICT_WIDTH = Math.max(...Object.keys(PAINT).map((verdict) => verdict.length));

if (import.meta.main) await runCommand(PROGRAM, run, { exitCodeOf });

async function run({ options }: Invocation<typeof PROGRAM>): Promise<number> {
  setColorEnabled(Deno.stdout.isTerminal() && !Deno.env.get("NO_COLOR"));
  const config = loadConfig(options.config, { shmName: options.shmName, shmPath: options.shmPath });
  const findings = await examine(config, Deno.env, (finding) => {
    if (!options.json) print(findingText(finding));
  });
  const isWell = findings.every(({ verdict }) => verdict !== "failed");
  if (options.json) print(JSON.stringify({ is_well: isWell, findings }) + "\n");
  return isWell ? ExitCode.DONE : ExitCode.FAILED;
}

/** One line for what was found, and one for what to do. */
function findingText({ check, verdict, found, remedy }: Finding): string {
  const line = `${PAINT[verdict](verdict.padEnd(VERDICT_WIDTH))}  ${check.padEnd(CHECK_WIDTH)}  ${found}\n`;
  return remedy === null ? line : `${line}${" ".repeat(VERDICT_WIDTH + CHECK_WIDTH + 4)}→ ${remedy}\n`;
}

function exitCodeOf(error: Error): number | null {
  return error instanceof ConfigError ? ExitCode.USAGE : null;
}
