import { signalChild } from "../../../sim/signal_child.ts";
import { serverCommand } from "./server_command.ts";

const PERMISSIONS = ["--allow-ffi", "--allow-net", "--allow-read"];

/** The server as a process that serves HTTP on a port of its own choice. */
export class HttpServerProcess implements AsyncDisposable {
  readonly url: string;
  readonly #process: Deno.ChildProcess;
  readonly #log: ReadableStreamDefaultReader<string>;

  private constructor(process: Deno.ChildProcess, log: ReadableStreamDefaultReader<string>, url: string) {
    this.#process = process;
    this.#log = log;
    this.url = url;
  }

  /** Resolves when it listens. */
  static async start(args: readonly string[], address = "127.0.0.1:0"): Promise<HttpServerProcess> {
    const [command, ...rest] = serverCommand(["--http", address, ...args], PERMISSIONS);
    const process = new Deno.Command(command!, { args: rest, stdin: "null", stdout: "null", stderr: "piped" })
      .spawn();
    const log = process.stderr.pipeThrough(new TextDecoderStream()).getReader();
    let text = "";
    while (true) {
      const { value, done } = await log.read();
      if (done) throw new Error(`The server ended and said ${text}`);
      text += value;
      const [url] = /http:\/\/\S+\/mcp/.exec(text) ?? [];
      if (url !== undefined) return new HttpServerProcess(process, log, url.replace("0.0.0.0", "127.0.0.1"));
    }
  }

  /** Ends it as an operator would; what it has logged since it listened comes with its status. */
  async stop(): Promise<{ code: number; log: string }> {
    this.#process.kill("SIGTERM");
    let log = "";
    for (let part = await this.#log.read(); !part.done; part = await this.#log.read()) log += part.value;
    return { code: (await this.#process.status).code, log };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    signalChild(this.#process, "SIGKILL");
    await this.#process.status;
    await this.#log.cancel();
  }
}
