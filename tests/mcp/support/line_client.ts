/**
 * A client written by hand: it can say what no library would.
 *
 * @module
 */
import { signalChild } from "../../../sim/signal_child.ts";
import { serverCommand } from "./server_command.ts";

/** A message of JSON-RPC, whatever it says. */
// deno-lint-ignore no-explicit-any
export type Message = any;

/** The server as a process, one line of text each way at a time. */
export class LineClient implements AsyncDisposable {
  readonly #process: Deno.ChildProcess;
  readonly #input: WritableStreamDefaultWriter<Uint8Array<ArrayBuffer>>;
  readonly #output: ReadableStreamDefaultReader<string>;
  readonly #encoder = new TextEncoder();
  #unread = "";
  /** Everything that came on standard output, line by line. */
  readonly lines: string[] = [];

  /** Starts `command`, the server with `args` unless given. */
  constructor(args: readonly string[], command: readonly string[] = serverCommand(args)) {
    const [program, ...rest] = command;
    this.#process = new Deno.Command(program!, {
      args: rest,
      stdin: "piped",
      stdout: "piped",
      stderr: "null",
    }).spawn();
    this.#input = this.#process.stdin.getWriter();
    this.#output = this.#process.stdout.pipeThrough(new TextDecoderStream()).getReader();
  }

  /** Sends text as it is. */
  async sendText(text: string): Promise<void> {
    await this.#input.write(this.#encoder.encode(text));
  }

  /** Sends a message. */
  async send(message: Message): Promise<void> {
    await this.sendText(JSON.stringify(message) + "\n");
  }

  /** The next message. */
  async receive(): Promise<Message> {
    while (!this.#unread.includes("\n")) {
      const { value, done } = await this.#output.read();
      if (done) throw new Error(`The server ended after ${JSON.stringify(this.#unread)}.`);
      this.#unread += value;
    }
    const end = this.#unread.indexOf("\n");
    const line = this.#unread.slice(0, end);
    this.#unread = this.#unread.slice(end + 1);
    this.lines.push(line);
    return JSON.parse(line);
  }

  /** Sends a request; the answer is the next message. */
  async ask(id: unknown, method: string, params: unknown = {}): Promise<Message> {
    await this.send({ jsonrpc: "2.0", id, method, params });
    return await this.receive();
  }

  /** The handshake. */
  async initialize(): Promise<Message> {
    const answer = await this.ask(0, "initialize", {
      protocolVersion: "2025-11-25",
      capabilities: {},
      clientInfo: { name: "by hand", version: "1" },
    });
    await this.send({ jsonrpc: "2.0", method: "notifications/initialized" });
    return answer;
  }

  /** Ends the server's input; resolves when it has ended. */
  async end(): Promise<Deno.CommandStatus> {
    await this.#input.close();
    return await this.#process.status;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    signalChild(this.#process, "SIGKILL");
    await this.#output.cancel();
    await this.#input.abort().catch(() => {});
    await this.#process.status;
  }
}
