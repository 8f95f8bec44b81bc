import { assertEquals } from "@std/assert";
import manifest from "../../deno.json" with { type: "json" };
import { DaemonProcess } from "../../sim/daemon_process.ts";
import { quickConfig, readyClient, SimulatedServers } from "../system/support/daemon_world.ts";
import { exists } from "../support/exists.ts";
import { type Ran, runToEnd } from "../support/run_to_end.ts";
import { type ShellBlock, shellBlocks, tasksIn } from "./documented_commands.ts";

const ROOT = `${import.meta.dirname}/../../`;
const STAND_IN = `${import.meta.dirname}/deno_stand_in.sh`;
const TIMEOUT_MS = 60_000;

const pages = ["README.md", "CONTRIBUTING.md", ...docs()].map((path) => ({
  path,
  text: Deno.readTextFileSync(ROOT + path),
}));

function docs(): string[] {
  return [...Deno.readDirSync(`${ROOT}docs`)].map(({ name }) => `docs/${name}`)
    .filter((path) => path.endsWith(".md")).sort();
}

Deno.test("shellBlocks() finds what is to be run and what is not, with its line", () => {
  const text = "# T\n\n```sh\na\nb\n```\n\n```sh ignore\nc\n```\n\n```ts\nd\n```\n";
  assertEquals(shellBlocks(text), [
    { line: 4, text: "a\nb\n", isRun: true },
    { line: 9, text: "c\n", isRun: false },
  ]);
});

Deno.test("every task that a document names is there", () => {
  const unknown = pages.flatMap(({ path, text }) =>
    tasksIn(text).filter((task) => !(task in manifest.tasks)).map((task) => `${path}: deno task ${task}`)
  );
  assertEquals(unknown, []);
});

Deno.test("every file that a document links to is there", () => {
  const broken = pages.flatMap(({ path, text }) =>
    [...text.matchAll(/\]\(([^)#:]+)(?:#[^)]*)?\)/g)].map(([, target]) => target!)
      .filter((target) => !exists(new URL(target, new URL(path, `file://${ROOT}`)).pathname))
      .map((target) => `${path}: ${target}`)
  );
  assertEquals(broken, []);
});

/** A daemon with a valid time, and the environment in which documents' commands find it. */
class DocumentedWorld implements AsyncDisposable {
  readonly #stack: AsyncDisposableStack;
  readonly environment: Record<string, string>;

  private constructor(stack: AsyncDisposableStack, environment: Record<string, string>) {
    this.#stack = stack;
    this.environment = environment;
  }

  static async start(): Promise<DocumentedWorld> {
    await using stack = new AsyncDisposableStack();
    const folder = await Deno.makeTempDir({ prefix: "chronotick-documents-" });
    stack.defer(() => Deno.remove(folder, { recursive: true }));
    for (const name of ["bin", "home", "run", "state"]) {
      await Deno.mkdir(`${folder}/${name}`, { mode: 0o700 });
    }
    for (const name of ["deno", "npx"]) await Deno.symlink(STAND_IN, `${folder}/bin/${name}`);
    const servers = stack.use(await SimulatedServers.start([{}, {}, {}]));
    const config = quickConfig({ servers: servers.addresses });
    const daemon = stack.use(
      await DaemonProcess.start({ config, environment: { RUNTIME_DIRECTORY: `${folder}/run` } }),
    );
    (await readyClient(daemon)).close();
    // Documents speak of the usual name, and this daemon has another one.
    await Deno.symlink(`${folder}/run/${daemon.shmName}.sock`, `${folder}/run/chronotick.sock`);
    return new DocumentedWorld(stack.move(), {
      XDG_RUNTIME_DIR: `${folder}/run`,
      PATH: `${folder}/bin:${Deno.env.get("PATH")}`,
      DENO_DIR: await denoDirectory(),
      HOME: `${folder}/home`,
      CHRONOS_STATE_DIR: `${folder}/state`,
      CHRONOS_SOCKET: `${folder}/run/chronos.sock`,
      REAL_DENO: Deno.execPath(),
      SHM_NAME: daemon.shmName,
      OTHER_SHM_NAME: `${daemon.shmName}_other`,
      NO_COLOR: "1",
    });
  }

  /** Runs a block as somebody would who pastes it into a shell in the checkout. */
  run({ text }: ShellBlock): Promise<Ran> {
    return runToEnd("bash", {
      args: ["-euo", "pipefail", "-c", text],
      cwd: ROOT,
      env: this.environment,
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack.disposeAsync();
  }
}

Deno.test("the commands of every document do what they say", async (t) => {
  await using world = await DocumentedWorld.start();
  for (const { path, text } of pages) {
    for (const block of shellBlocks(text).filter(({ isRun }) => isRun)) {
      await t.step(`${path}:${block.line}`, async () => {
        const { code, stdout, stderr } = await world.run(block);
        assertEquals(code, 0, `${block.text}\n${stdout}${stderr}`);
      });
    }
  }
});

/** Where this Deno keeps what it has downloaded; the documents' commands are not to download it again. */
async function denoDirectory(): Promise<string> {
  return JSON.parse((await runToEnd(Deno.execPath(), { args: ["info", "--json"] })).stdout).denoDir;
}
