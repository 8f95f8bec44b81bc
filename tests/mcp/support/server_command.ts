const PROJECT = new URL("../../../", import.meta.url).pathname;

/** The command line of the server with the least that it may do; `args` are its own. */
export function serverCommand(
  args: readonly string[],
  permissions: readonly string[] = ["--allow-ffi"],
): string[] {
  const main = `${PROJECT}mcp/main.ts`;
  const settings = ["--quiet", "--no-prompt", "--config", `${PROJECT}deno.json`];
  return [Deno.execPath(), "run", ...settings, ...permissions, main, ...args];
}
