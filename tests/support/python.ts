/**
 * Python 3, standard library only: the independent witness of many tests.
 *
 * @module
 */

/**
 * Runs `code` with `args` as `sys.argv[1:]`; returns what it printed, trimmed.
 *
 * @throws {Error} it failed: with what it wrote to stderr
 */
export async function python(code: string, ...args: readonly string[]): Promise<string> {
  const output = await new Deno.Command("python3", { args: ["-c", code, ...args] }).output();
  const decoder = new TextDecoder();
  if (!output.success) throw new Error(`Cannot run Python: ${decoder.decode(output.stderr)}`);
  return decoder.decode(output.stdout).trim();
}
