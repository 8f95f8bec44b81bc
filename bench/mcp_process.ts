/**
 * An MCP server as a process, spoken to by hand: no client library's own time counts.
 *
 * @module
 */
import { jsonLines } from "./json_line.ts";

interface Message {
  readonly id: number;
  readonly error?: unknown;
  readonly result?: { readonly isError?: boolean };
}

const INITIALIZE = {
  protocolVersion: "2025-11-25",
  capabilities: {},
  clientInfo: { name: "bench", version: "1.0.0" },
};

/** A server that is asked one thing after the other; killed at dispose. */
export class McpProcess implements AsyncDisposable {
  readonly #process: Deno.ChildProcess;
  readonly #input: WritableStreamDefaultWriter<Uint8Array<ArrayBuffer>>;
  readonly #messages: AsyncGenerator<Message>;
  readonly #encoder = new TextEncoder();
  #lastId = 0;

  private constructor(process: Deno.ChildProcess) {
    this.#process = process;
    this.#input = process.stdin.getWriter();
    this.#messages = jsonLines<Message>(process.stdout);
  }

  /** Starts `script`; resolves when it has answered the handshake. */
  static async start(script: string, args: readonly string[]): Promise<McpProcess> {
    const self = new McpProcess(
      new Deno.Command(Deno.execPath(), {
        args: ["run", "--quiet", "--no-prompt", "--no-config", "--allow-ffi", script, ...args],
        stdin: "piped",
        stdout: "piped",
        stderr: "null",
      }).spawn(),
    );
    await self.#ask("initialize", INITIALIZE);
    await self.#send({ method: "notifications/initialized" });
    return self;
  }

  /** Calls a tool; resolves when it has answered. */
  async callTool(name: string, args: Record<string, unknown>): Promise<void> {
    await this.#ask("tools/call", { name, arguments: args });
  }

  async #ask(method: string, params: unknown): Promise<void> {
    await this.#send({ id: ++this.#lastId, method, params });
    const { value } = await this.#messages.next();
    if (value?.id === this.#lastId && value.error === undefined && value.result?.isError !== true) return;
    throw new Error(`Cannot measure the MCP server: it answered ${method} with ${JSON.stringify(value)}.`);
  }

  async #send(message: Record<string, unknown>): Promise<void> {
    await this.#input.write(this.#encoder.encode(JSON.stringify({ jsonrpc: "2.0", ...message }) + "\n"));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#process.kill("SIGKILL");
    await Promise.all([this.#process.status, this.#messages.return(undefined)]);
    await this.#input.abort().catch(() => {}); // broken with the process
  }
}
