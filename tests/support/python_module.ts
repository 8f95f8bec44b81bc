/**
 * Python with a module from Debian's archive, as an independent judge.
 *
 * @module
 */

/** Where Debian's own modules are, whichever Python comes first on the PATH. */
const INTERPRETERS = ["/usr/bin/python3", "python3"];
const decoder = new TextDecoder();

/**
 * An interpreter that has `module`; null where there is none, for a test to be skipped by name.
 *
 * @throws {Error} there is none under `CI=true`, where nothing may be skipped
 */
export function pythonWith(module: string, debianPackage: string): string | null {
  const found = INTERPRETERS.find((interpreter) => has(interpreter, module)) ?? null;
  if (found === null && Deno.env.get("CI") === "true") {
    throw new Error(
      `Cannot import ${module}, which these tests need: install the Debian package ${debianPackage}.`,
    );
  }
  return found;
}

function has(interpreter: string, module: string): boolean {
  try {
    return new Deno.Command(interpreter, { args: ["-c", `import ${module}`], stderr: "null" }).outputSync()
      .success;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** Runs `code` with `input` on standard input; returns what it printed, trimmed. */
export async function runPython(interpreter: string, code: string, input: string): Promise<string> {
  const child = new Deno.Command(interpreter, {
    args: ["-c", code],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(input));
  await writer.close();
  const { success, stdout, stderr } = await child.output();
  if (!success) throw new Error(`Cannot run Python: ${decoder.decode(stderr)}`);
  return decoder.decode(stdout).trim();
}
