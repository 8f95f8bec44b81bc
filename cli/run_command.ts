/**
 * Runs a program's main function and ends the process as the command contract says.
 *
 * @module
 */
import { ExitCode } from "./exit_code.ts";
import { type Information, parseOptions, UsageError } from "./options.ts";
import { withProgramNames } from "./program_names.ts";
import type { Invocation, Program } from "./program.ts";

/** How to run a program. */
export interface RunSettings {
  /** Instead of the process's own arguments. */
  readonly args?: readonly string[];
  /** The exit code for an error whose message is meant for the user; null for one that nobody foresaw. */
  readonly exitCodeOf?: (error: Error) => number | null;
}

/** Writes all of `text` to standard output. Throws `Deno.errors.BrokenPipe` when nobody reads it any more. */
export function print(text: string): void {
  writeAll(Deno.stdout, text);
}

/**
 * Parses the arguments, runs `main` with them and ends the process with the exit code that it returns. A usage error
 * or a foreseen one becomes one sentence on standard error; a closed standard output (`| head`) is a quiet end.
 */
export async function runCommand<const P extends Program>(
  program: P,
  main: (invocation: Invocation<P>) => number | Promise<number>,
  settings: RunSettings = {},
): Promise<never> {
  let exitCode: number;
  try {
    const parsed = parseOptions(program, settings.args ?? Deno.args);
    exitCode = isInformation(parsed) ? printInformation(parsed) : await main(parsed);
  } catch (error) {
    exitCode = explain(program.name, error, settings);
  }
  Deno.exit(exitCode);
}

function isInformation<I>(parsed: I | Information): parsed is Information {
  return "text" in (parsed as Partial<Information>);
}

function printInformation({ text }: Information): number {
  print(withProgramNames(text));
  return ExitCode.DONE;
}

/** Says what happened, unless nobody needs to know; returns the exit code. */
function explain(name: string, thrown: unknown, { exitCodeOf }: RunSettings): number {
  if (thrown instanceof Deno.errors.BrokenPipe) return ExitCode.DONE;
  const error = thrown instanceof Error ? thrown : new Error(String(thrown));
  const foreseen = error instanceof UsageError ? error.exitCode : exitCodeOf?.(error) ?? null;
  complain(foreseen === null ? unforeseenText(name, error) : withProgramNames(`${name}: ${error.message}\n`));
  return foreseen ?? ExitCode.FAILED;
}

function unforeseenText(name: string, error: Error): string {
  // Deno's own sentence says which permission flag to add.
  if (error instanceof Deno.errors.NotCapable) return `${name}: ${error.message}.\n`;
  return `${name}: This is a fault in the program, please report it with these lines:\n${
    error.stack ?? error
  }\n`;
}

function complain(text: string): void {
  try {
    writeAll(Deno.stderr, text);
  } catch {
    // Nobody reads standard error; the exit code still tells.
  }
}

function writeAll(stream: { writeSync(bytes: Uint8Array): number }, text: string): void {
  const bytes = new TextEncoder().encode(text);
  for (let written = 0; written < bytes.length;) written += stream.writeSync(bytes.subarray(written));
}
