/**
 * A real chronosd as a child process, with a counter and a socket of its own.
 *
 * @module
 */
import type { PackagedDaemon } from "./daemon_process.ts";
import { signalChild } from "./signal_child.ts";
import { taskPermissions } from "./task_permissions.ts";

/** How a chronosd is started. */
export interface ChronosdOptions {
  readonly args?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  /** A program and its arguments that starts Deno. */
  readonly prefix?: readonly string[];
  /** A packaged chronosd to run instead of the checkout's. */
  readonly packaged?: PackagedDaemon;
}

/** How a chronosd ended. */
export interface ChronosdEnd {
  readonly code: number;
  readonly signal: Deno.Signal | null;
  /** All that it wrote to standard error. */
  readonly log: string;
}

/** Where its program is. */
const PROJECT = new URL("../", import.meta.url).pathname;

/** The command line that runs chronosd from its source. */
export const CHRONOSD_COMMAND: readonly string[] = [
  Deno.execPath(),
  "run",
  "--quiet",
  ...taskPermissions("chronosd"),
  "--config",
  `${PROJECT}deno.json`,
  `${PROJECT}ticks/chronosd.ts`,
];

/** Runs until it is ended or disposed; its folder goes with it. */
export class ChronosdProcess implements AsyncDisposable {
  /** Holds the socket `chronos.sock` and the state folder `state`. */
  readonly folder: string;
  readonly #child: Deno.ChildProcess;
  readonly #log: Promise<string>;

  private constructor(folder: string, child: Deno.ChildProcess, log: Promise<string>) {
    this.folder = folder;
    this.#child = child;
    this.#log = log;
  }

  /**
   * Starts it on a fresh counter; it listens when this resolves.
   *
   * @throws {Error} it ended instead: with its log
   */
  static async start(options: ChronosdOptions = {}): Promise<ChronosdProcess> {
    return await ChronosdProcess.startIn(await Deno.makeTempDir({ prefix: "chronosd-" }), options);
  }

  /** Starts it where another one ended. */
  static async startIn(folder: string, options: ChronosdOptions = {}): Promise<ChronosdProcess> {
    const child = spawn(folder, { ...options, args: ["--init", ...options.args ?? []] });
    const [forReady, forLog] = child.stderr.tee();
    const log = new Response(forLog).text();
    const reader = forReady.pipeThrough(new TextDecoderStream()).getReader();
    for (let text = ""; !text.includes("hands out the ticks");) {
      const { value, done } = await reader.read();
      if (done) throw new Error(`chronosd did not start: ${await log}`);
      text += value;
    }
    void drain(reader);
    return new ChronosdProcess(folder, child, log);
  }

  /** Runs it to its end, which it must come to by itself. */
  static async runToEnd(folder: string, options: ChronosdOptions): Promise<ChronosdEnd> {
    const child = spawn(folder, options);
    return await endOf(child, new Response(child.stderr).text());
  }

  /** Where it listens. */
  get socket(): string {
    return `${this.folder}/chronos.sock`;
  }

  /** Sends a signal and waits for the end; the folder stays. */
  async end(signal: Deno.Signal): Promise<ChronosdEnd> {
    signalChild(this.#child, signal);
    return await this.ended();
  }

  /** Waits until it has ended by itself. */
  async ended(): Promise<ChronosdEnd> {
    return await endOf(this.#child, this.#log);
  }

  /** Kills it and removes the folder, if another one in the same folder has not. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.end("SIGKILL");
    try {
      await Deno.remove(this.folder, { recursive: true });
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
}

function spawn(folder: string, options: ChronosdOptions): Deno.ChildProcess {
  const { args = [], environment = {}, prefix = [], packaged } = options;
  const command = packaged === undefined ? CHRONOSD_COMMAND : [packaged.path];
  const [program, ...rest] = [...prefix, ...command, ...args];
  return new Deno.Command(program!, {
    args: rest,
    ...(packaged === undefined ? {} : { cwd: packaged.folder, clearEnv: true }),
    env: {
      ...packaged?.environment,
      CHRONOS_STATE_DIR: `${folder}/state`,
      CHRONOS_SOCKET: `${folder}/chronos.sock`,
      NO_COLOR: "1",
      ...environment,
    },
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).spawn();
}

async function drain(reader: ReadableStreamDefaultReader<string>): Promise<void> {
  while (!(await reader.read()).done);
}

async function endOf(child: Deno.ChildProcess, whole: Promise<string>): Promise<ChronosdEnd> {
  const [{ code, signal }, log] = await Promise.all([child.status, whole]);
  return { code, signal, log };
}
