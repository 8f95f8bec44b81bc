/**
 * Programs of the tests that must run in a process of their own.
 *
 * @module
 */
import { signalChild } from "../../sim/signal_child.ts";

/** How a child is started. */
export interface DenoChildOptions {
  readonly args?: readonly string[];
  /** `--allow-ffi` unless given. */
  readonly permissions?: readonly string[];
  /** A program and its arguments that starts Deno, such as `unshare`. */
  readonly prefix?: readonly string[];
}

/** A Deno process that prints lines; killed when it is disposed. */
export class DenoChild implements AsyncDisposable {
  readonly #process: Deno.ChildProcess;
  readonly #lines: ReadableStreamDefaultReader<string>;
  #unread = "";

  /** Starts `module`. */
  constructor(module: URL, { args = [], permissions = ["--allow-ffi"], prefix = [] }: DenoChildOptions = {}) {
    const [program, ...rest] = [
      ...prefix,
      Deno.execPath(),
      "run",
      "--quiet",
      "--no-prompt",
      ...permissions,
      module.href,
      ...args,
    ];
    this.#process = new Deno.Command(program!, { args: rest, stdin: "null", stdout: "piped" }).spawn();
    this.#lines = this.#process.stdout.pipeThrough(new TextDecoderStream()).getReader();
  }

  /** The next line that it prints. */
  async line(): Promise<string> {
    while (!this.#unread.includes("\n")) {
      const { value, done } = await this.#lines.read();
      if (done) throw new Error(`Cannot read a line: the child has ended after "${this.#unread}".`);
      this.#unread += value;
    }
    const end = this.#unread.indexOf("\n");
    const line = this.#unread.slice(0, end);
    this.#unread = this.#unread.slice(end + 1);
    return line;
  }

  /** Sends `signal` and waits until the process is gone. */
  async end(signal: Deno.Signal): Promise<Deno.CommandStatus> {
    signalChild(this.#process, signal);
    const [status] = await Promise.all([this.#process.status, this.#lines.cancel()]);
    return status;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.end("SIGKILL");
  }
}
