import manifest from "../../../../deno.json" with { type: "json" };
import { LinePeer } from "./line_peer.ts";

const PROJECT = new URL("../../../../", import.meta.url).pathname;
/** `deno run …` as the project's task has it. */
const RUN = manifest.tasks.chronosd.split(" ").slice(1, -1);
const MAIN = `${PROJECT}${manifest.tasks.chronosd.split(" ").at(-1)}`;

/** How a chronosd is started. */
export interface ChronosdOptions {
  readonly args?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  /** A program and its arguments that starts Deno. */
  readonly prefix?: readonly string[];
}

/** A real chronosd with a state folder and a socket of its own, both of which go with it unless it is given them. */
export class ChronosdProcess implements AsyncDisposable {
  readonly folder: string;
  readonly #child: Deno.ChildProcess;
  readonly #log: Promise<string>;

  private constructor(folder: string, child: Deno.ChildProcess, log: Promise<string>) {
    this.folder = folder;
    this.#child = child;
    this.#log = log;
  }

  /** Starts it in a fresh folder; it listens when this resolves. */
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
  static async fail(
    folder: string,
    options: ChronosdOptions,
  ): Promise<{ readonly code: number; readonly stderr: string }> {
    const child = spawn(folder, options);
    const [{ code }, stderr] = await Promise.all([child.status, new Response(child.stderr).text()]);
    return { code, stderr };
  }

  get socket(): string {
    return `${this.folder}/chronos.sock`;
  }

  peer(): Promise<LinePeer> {
    return LinePeer.connect(this.socket);
  }

  /** Sends a signal and waits for the end; the folder stays. */
  async end(signal: Deno.Signal): Promise<{ readonly status: Deno.CommandStatus; readonly log: string }> {
    try {
      this.#child.kill(signal);
    } catch (error) {
      if (!(error instanceof TypeError)) throw error; // it has ended
    }
    return await this.ended();
  }

  /** Waits until it has ended by itself. */
  async ended(): Promise<{ readonly status: Deno.CommandStatus; readonly log: string }> {
    const [status, log] = await Promise.all([this.#child.status, this.#log]);
    return { status, log };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.end("SIGKILL");
    await Deno.remove(this.folder, { recursive: true }).catch(() => {}); // of two in one folder the first removes it
  }
}

function spawn(
  folder: string,
  { args = [], environment = {}, prefix = [] }: ChronosdOptions,
): Deno.ChildProcess {
  const [program, ...rest] = [
    ...prefix,
    Deno.execPath(),
    ...RUN,
    "--quiet",
    "--config",
    `${PROJECT}deno.json`,
    MAIN,
    ...args,
  ];
  return new Deno.Command(program!, {
    args: rest,
    env: {
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
