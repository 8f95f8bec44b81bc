/**
 * Running Deno's own tools.
 *
 * @module
 */

/** A package could not be made. The message says which step failed, why, and what to do. */
export class PackagingError extends Error {
  override readonly name = "PackagingError";
  /** What the failing tool wrote. */
  readonly output: string;

  constructor(message: string, output: string) {
    super(message);
    this.output = output;
  }
}

/**
 * Runs Deno to its end: the one that runs this, unless given.
 *
 * @throws {PackagingError} it failed
 */
export async function runDeno(args: readonly string[], deno: string = Deno.execPath()): Promise<void> {
  const { success, stderr } = await new Deno.Command(deno, {
    args: [...args],
    env: { NO_COLOR: "1" },
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).output();
  if (success) return;
  const output = new TextDecoder().decode(stderr).trim();
  throw new PackagingError(`Cannot run deno ${args[0]}: it failed with ${JSON.stringify(output)}.`, output);
}
