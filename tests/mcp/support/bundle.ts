import { bundleScript } from "../../../packaging/script_bundle.ts";

/** The server as one script, in a folder that goes with it. */
export class Bundle implements AsyncDisposable {
  readonly path: string;
  readonly #folder: string;

  private constructor(folder: string) {
    this.#folder = folder;
    this.path = `${folder}/chronotick-mcp.js`;
  }

  /** Makes it. */
  static async make(): Promise<Bundle> {
    const bundle = new Bundle(await Deno.makeTempDir({ prefix: "chronotick-bundle-" }));
    await Deno.writeTextFile(bundle.path, await bundleScript({ script: "../mcp/main.ts" }));
    return bundle;
  }

  /** The command line that runs it with the least that it may do. */
  command(args: readonly string[]): string[] {
    const settings = ["--quiet", "--no-prompt", "--no-config", "--no-remote", "--no-npm"];
    return [Deno.execPath(), "run", ...settings, "--allow-ffi", this.path, ...args];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.#folder, { recursive: true });
  }
}
