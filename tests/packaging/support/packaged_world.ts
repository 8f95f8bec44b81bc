import type { PackagedDaemon } from "../../../sim/daemon_process.ts";
import { type Ran, runToEnd } from "../../support/run_to_end.ts";

/** A program that takes longer is ended, and its exit code tells. */
const TIMEOUT_MS = 30_000;
/** Making packages takes some seconds, on a busy machine a minute. */
const MAKING_TIMEOUT_MS = 180_000;
const PROJECT = new URL("../../../", import.meta.url).pathname;
/** Nobody listens there: whoever wants to download something fails. */
const NOWHERE = "http://127.0.0.1:1";

/** Packages far from their source: an empty folder to run in, an empty home, no network, and nothing else that is set. */
export class PackagedWorld implements AsyncDisposable {
  /** Where the packages are. */
  readonly packages: string;
  readonly #root: string;

  private constructor(root: string) {
    this.#root = root;
    this.packages = `${root}/packages`;
  }

  static async create(): Promise<PackagedWorld> {
    const world = new PackagedWorld(await Deno.makeTempDir({ prefix: "chronotick-packages-" }));
    for (const folder of ["packages", "empty", "home", "bin"]) await Deno.mkdir(`${world.#root}/${folder}`);
    await Deno.symlink(Deno.execPath(), `${world.#root}/bin/deno`);
    return world;
  }

  /** Runs one of the project's packaging programs, as its task does, with this world's folder for its output. */
  make(
    program: "bundle" | "compile",
    args: readonly string[] = [],
    env: Record<string, string> = {},
  ): Promise<Ran> {
    return runToEnd(Deno.execPath(), {
      args: [
        "run",
        "--quiet",
        "--unstable-raw-imports",
        "--allow-all",
        `${PROJECT}packaging/${program}.ts`,
        "--output",
        this.packages,
        ...args,
      ],
      env: { NO_COLOR: "1", ...env },
      signal: AbortSignal.timeout(MAKING_TIMEOUT_MS),
    });
  }

  /** The folder of programs that packages find on their PATH before the system's: Deno. */
  get programs(): string {
    return `${this.#root}/bin`;
  }

  /** The environment of every package. */
  get environment(): Readonly<Record<string, string>> {
    const proxies = Object.fromEntries(
      ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NPM_CONFIG_REGISTRY"].map((name) => [name, NOWHERE]),
    );
    const folders = { HOME: `${this.#root}/home`, TMPDIR: `${this.#root}/empty` };
    return { ...proxies, ...folders, NO_COLOR: "1", PATH: `${this.programs}:/usr/bin:/bin` };
  }

  /** A package as a daemon to be started. */
  daemon(file: string): PackagedDaemon {
    return { path: `${this.packages}/${file}`, folder: `${this.#root}/empty`, environment: this.environment };
  }

  /** The command line that starts a package, by way of the program in `prefix` if there is one. */
  command(
    file: string,
    args: readonly string[] = [],
    prefix: readonly string[] = [],
  ): [string, ...string[]] {
    const settings = Object.entries(this.environment).map(([name, value]) => `${name}=${value}`);
    const folder = ["--chdir", `${this.#root}/empty`];
    const program = [...prefix, `${this.packages}/${file}`, ...args];
    return ["env", "--ignore-environment", ...folder, ...settings, ...program];
  }

  /** Runs a package to its end. */
  run(file: string, args: readonly string[]): Promise<Ran> {
    const [program, ...rest] = this.command(file, args);
    return runToEnd(program, { args: rest, signal: AbortSignal.timeout(TIMEOUT_MS) });
  }

  /** What packages left in the folder that they ran in, and the npm packages that they downloaded. */
  leftovers(): string[] {
    return ["empty", "home/.cache/deno/npm"].flatMap((folder) => [...listFiles(`${this.#root}/${folder}`)]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.#root, { recursive: true });
  }
}

function* listFiles(folder: string): Generator<string> {
  try {
    for (const { name, isDirectory } of Deno.readDirSync(folder)) {
      if (isDirectory) yield* listFiles(`${folder}/${name}`);
      else yield `${folder}/${name}`;
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
