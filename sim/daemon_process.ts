/**
 * A real daemon as a child process, for worlds whose truth is known.
 *
 * @module
 */
import { signalChild } from "./signal_child.ts";
import { taskPermissions } from "./task_permissions.ts";

/** A daemon that is a program by itself. */
export interface PackagedDaemon {
  readonly path: string;
  /** Where it runs. */
  readonly folder: string;
  /** All of its environment, besides where it keeps its state and serves its status. */
  readonly environment: Readonly<Record<string, string>>;
}

/** What a daemon is started with. */
export interface DaemonOptions {
  /** The configuration, YAML. */
  readonly config: string;
  /** Where it is to publish; a random name unless given. */
  readonly shmName?: string;
  /** The configuration says so already; otherwise the command line does. */
  readonly isNameInConfig?: boolean;
  /** Further arguments. */
  readonly args?: readonly string[];
  /** A packaged daemon to run instead of the checkout's. */
  readonly packaged?: PackagedDaemon;
  /** What Deno is to permit; {@linkcode DAEMON_PERMISSIONS} unless given. Packages say so themselves. */
  readonly permissions?: readonly string[];
  /** Where it keeps what its next run may begin with; a folder that goes with it unless given. */
  readonly stateFolder?: string;
  /** Environment variables besides those that it inherits. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Told every line of the daemon's log as it comes. */
  readonly onLine?: (line: string) => void;
}

/** What the daemon may do, as the project's `daemon` task has it. */
export const DAEMON_PERMISSIONS: readonly string[] = taskPermissions("daemon");
/** Where the daemon's program is. */
const PROJECT = new URL("../", import.meta.url);
/** Lines of its log that are kept. */
const MAX_LINES = 1000;
/** A daemon that takes longer to end is killed. */
const STOP_TIMEOUT_MS = 5000;
const DEFAULT_LINE_TIMEOUT_MS = 20_000;
const OWNER_ONLY = 0o600;
const STREAMS = { stdin: "null", stdout: "null", stderr: "piped" } as const;

/** How a wait for a line ended. */
interface LineWaiter {
  readonly pattern: RegExp;
  readonly resolve: (line: string) => void;
  readonly reject: (error: Error) => void;
}

/**
 * Runs from `start` until it is stopped or disposed; then nothing of it is left, neither its process nor its folder
 * nor its segment.
 */
export class DaemonProcess implements AsyncDisposable {
  /** Where it publishes. */
  readonly shmName: string;
  readonly #folder: string;
  readonly #child: Deno.ChildProcess;
  readonly #onLine: (line: string) => void;
  readonly #lines: string[] = [];
  readonly #waiters = new Set<LineWaiter>();
  readonly #logEnd: Promise<void>;
  #isEnded = false;

  private constructor(
    shmName: string,
    folder: string,
    child: Deno.ChildProcess,
    onLine: (line: string) => void,
  ) {
    this.shmName = shmName;
    this.#folder = folder;
    this.#child = child;
    this.#onLine = onLine;
    this.#logEnd = this.#followLog();
  }

  /** Starts the process; it takes some tenths of a second until it publishes. */
  static async start(options: DaemonOptions): Promise<DaemonProcess> {
    const shmName = options.shmName ?? `chronotick_${crypto.randomUUID().slice(0, 8)}`;
    const folder = await Deno.makeTempDir({ prefix: "chronotick-" });
    const configPath = `${folder}/config.yaml`;
    await Deno.writeTextFile(configPath, options.config, { mode: OWNER_ONLY });
    const name = options.isNameInConfig === true ? [] : ["--shm-name", shmName];
    const args = ["--config", configPath, ...name, ...options.args ?? []];
    const child = spawnDaemon(options, args, {
      STATE_DIRECTORY: options.stateFolder ?? folder,
      RUNTIME_DIRECTORY: folder,
      ...options.environment,
    });
    return new DaemonProcess(shmName, folder, child, options.onLine ?? (() => {}));
  }

  /** The process's id. */
  get pid(): number {
    return this.#child.pid;
  }

  /** Where it serves its status. */
  get socketPath(): string {
    return `${this.#folder}/${this.shmName}.sock`;
  }

  /** The newest lines of its log, oldest first. */
  get lines(): readonly string[] {
    return this.#lines;
  }

  /** Resolves when the process has ended and all of its log has come. */
  async ended(): Promise<Deno.CommandStatus> {
    const status = await this.#child.status;
    await this.#logEnd;
    return status;
  }

  /**
   * The first line, past or to come, that matches `pattern`.
   *
   * @throws {Error} the daemon ended without one, or none came in time: with its log
   */
  async line(pattern: RegExp, timeoutMs = DEFAULT_LINE_TIMEOUT_MS): Promise<string> {
    const known = this.#lines.find((line) => pattern.test(line));
    if (known !== undefined) return known;
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    const waiter = { pattern, resolve, reject };
    const timer = setTimeout(() => reject(this.#missing(pattern, `in ${timeoutMs} ms`)), timeoutMs);
    this.#waiters.add(waiter);
    if (this.#isEnded) reject(this.#missing(pattern, "before it ended"));
    try {
      return await promise;
    } finally {
      clearTimeout(timer);
      this.#waiters.delete(waiter);
    }
  }

  /** Replaces its configuration file; SIGHUP makes it read that. */
  async writeConfig(config: string): Promise<void> {
    await Deno.writeTextFile(`${this.#folder}/config.yaml`, config);
  }

  /** Sends a signal; does nothing once the process has ended. */
  kill(signal: Deno.Signal): void {
    signalChild(this.#child, signal);
  }

  /** Ends it as an operator would, and by force if that takes too long. */
  async stop(): Promise<Deno.CommandStatus> {
    this.kill("SIGTERM");
    const force = setTimeout(() => this.kill("SIGKILL"), STOP_TIMEOUT_MS);
    const status = await this.ended();
    clearTimeout(force);
    return status;
  }

  /** Stops it, and removes whatever it may have left. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    for (const path of [this.#folder, `/dev/shm/${this.shmName}`]) await removeIfThere(path);
  }

  async #followLog(): Promise<void> {
    let rest = "";
    for await (const text of this.#child.stderr.pipeThrough(new TextDecoderStream())) {
      const lines = (rest + text).split("\n");
      rest = lines.pop()!;
      for (const line of lines) this.#take(line);
    }
    if (rest !== "") this.#take(rest);
    this.#isEnded = true;
    for (const { pattern, reject } of this.#waiters) reject(this.#missing(pattern, "before it ended"));
  }

  #take(line: string): void {
    this.#lines.push(line);
    if (this.#lines.length > MAX_LINES) this.#lines.shift();
    for (const { pattern, resolve } of this.#waiters) if (pattern.test(line)) resolve(line);
    this.#onLine(line);
  }

  #missing(pattern: RegExp, when: string): Error {
    return new Error(`The daemon did not log ${pattern} ${when}. It logged:\n${this.#lines.join("\n")}`);
  }
}

function spawnDaemon(
  options: DaemonOptions,
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
): Deno.ChildProcess {
  const { packaged, permissions = DAEMON_PERMISSIONS } = options;
  const [main, config] = ["daemon/main.ts", "deno.json"].map((path) => new URL(path, PROJECT).pathname);
  const command = packaged === undefined
    ? new Deno.Command(Deno.execPath(), {
      args: ["run", ...permissions, "--config", config!, main!, ...args],
      env: environment,
      ...STREAMS,
    })
    : new Deno.Command(packaged.path, {
      args: [...args],
      cwd: packaged.folder,
      clearEnv: true,
      env: { ...packaged.environment, ...environment },
      ...STREAMS,
    });
  return command.spawn();
}

async function removeIfThere(path: string): Promise<void> {
  try {
    await Deno.remove(path, { recursive: true });
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
