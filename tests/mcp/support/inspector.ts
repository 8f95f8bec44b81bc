/** How one of its runs ended. */
export interface Inspected {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

const PACKAGE = "@modelcontextprotocol/inspector@2.12.0";

/** The MCP Inspector on Node. What it remembers goes with it; npm's own settings and cache stay where they are. */
export class Inspector implements Disposable {
  readonly #home = Deno.makeTempDirSync({ prefix: "chronotick-inspector-" });

  /** Runs it to its end; `target` is what it is to connect to. */
  async run(target: readonly string[], ...options: string[]): Promise<Inspected> {
    const home = Deno.env.get("HOME") ?? this.#home;
    const { code, stdout, stderr } = await new Deno.Command("npx", {
      args: ["-y", PACKAGE, "--cli", ...target, ...options],
      stdin: "null",
      env: {
        HOME: this.#home,
        NO_COLOR: "1",
        npm_config_cache: Deno.env.get("npm_config_cache") ?? `${home}/.npm`,
        npm_config_userconfig: Deno.env.get("npm_config_userconfig") ?? `${home}/.npmrc`,
        npm_config_loglevel: "error",
      },
    }).output();
    const decoder = new TextDecoder();
    return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
  }

  /** Calls a tool; more options may follow its name. */
  callTool(target: readonly string[], name: string, ...options: string[]): Promise<Inspected> {
    return this.run(target, "--method", "tools/call", "--tool-name", name, ...options);
  }

  [Symbol.dispose](): void {
    Deno.removeSync(this.#home, { recursive: true });
  }
}
