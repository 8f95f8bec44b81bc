import { assertEquals, assertStringIncludes } from "@std/assert";
import { ExitCode } from "../../cli/exit_code.ts";

const PROGRAM = new URL("./programs/endings.ts", import.meta.url).pathname;

function command(...args: string[]): Deno.Command {
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-prompt", "--no-lock", PROGRAM, ...args],
    env: { NO_COLOR: "1" },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  });
}

/** Exit code, standard output and standard error of a run. */
async function run(...args: string[]): Promise<[number, string, string]> {
  const { code, stdout, stderr } = await command(...args).output();
  return [code, new TextDecoder().decode(stdout), new TextDecoder().decode(stderr)];
}

Deno.test("ExitCode holds the codes of the command contract", () => {
  assertEquals(ExitCode, { DONE: 0, FAILED: 1, USAGE: 2, NO_TIME: 3 });
});

Deno.test("runCommand() ends with the code that main returns", async () => {
  assertEquals(await run("done"), [0, "± done\n", ""]);
});

Deno.test("runCommand() prints help and version to standard output and ends with 0", async () => {
  assertEquals(await run("--version"), [0, "endings 0.1.0\n", ""]);
  const [code, output, errors] = await run("--", "--help");
  assertEquals([code, errors], [0, ""]);
  assertStringIncludes(output, "Usage: endings COMMAND [OPTIONS]\n");
});

Deno.test("runCommand() says a usage error in one sentence and ends with 2", async () => {
  assertEquals(await run("done", "--vresion"), [
    2,
    "",
    "endings: Unknown option --vresion: did you mean --version? See endings --help.\n",
  ]);
  assertEquals(await run("usage"), [2, "", "endings: Two of them exclude each other.\n"]);
});

Deno.test("runCommand() says a foreseen error in one sentence and ends with its code", async () => {
  assertEquals(await run("no-time"), [3, "", "endings: Cannot read the time: no daemon lives.\n"]);
});

Deno.test("runCommand() says which permission is missing, without a stack trace", async () => {
  const [code, output, errors] = await run("forbidden");
  assertEquals([code, output, errors.trim().split("\n").length], [1, "", 1]);
  assertStringIncludes(errors, "endings: Requires read access to");
  assertStringIncludes(errors, "--allow-read");
});

Deno.test("runCommand() shows the stack of an error that nobody foresaw and ends with 1", async () => {
  const [code, output, errors] = await run("bug");
  assertEquals([code, output], [1, ""]);
  assertStringIncludes(
    errors,
    "endings: This is a fault in the program, please report it with these lines:\n",
  );
  assertStringIncludes(errors, "TypeError: nothing is something\n    at ");
});

Deno.test("runCommand() ends quietly when nobody reads the output any more", async () => {
  await using child = command("flood").spawn();
  const reader = child.stdout.getReader();
  await reader.read();
  await reader.cancel();
  const [status, errors] = await Promise.all([child.status, new Response(child.stderr).text()]);
  assertEquals([status.code, errors], [0, ""]);
});

Deno.test("print() writes more than a pipe holds at once", async () => {
  const [code, output] = await run("big");
  assertEquals([code, output.length], [0, 300_000]);
});
