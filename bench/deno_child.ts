/**
 * Parts of a measurement that need a process of their own.
 *
 * @module
 */
import { signalChild } from "../sim/signal_child.ts";
import { jsonLines } from "./json_line.ts";

const END_TIMEOUT_MS = 5000;

/** A Deno process that answers in values of `T`. It is killed at dispose if it has not ended. */
export class DenoChild<T> implements AsyncDisposable {
  readonly #module: URL;
  readonly #process: Deno.ChildProcess;
  readonly #values: AsyncGenerator<T>;
  #isInputEnded = false;

  /** Starts `module`. */
  constructor(module: URL, args: readonly (string | number)[]) {
    this.#module = module;
    this.#process = new Deno.Command(Deno.execPath(), {
      args: ["run", "--quiet", "--no-prompt", "--allow-all", module.href, ...args.map(String)],
      stdin: "piped",
      stdout: "piped",
    }).spawn();
    this.#values = jsonLines<T>(this.#process.stdout);
  }

  /**
   * The next value.
   *
   * @throws {Error} it ended without
   */
  async next(): Promise<T> {
    const { value, done } = await this.#values.next();
    if (done) throw this.#endedError();
    return value;
  }

  /**
   * All values until it ends by itself; `onValue` sees each, the last one is returned.
   *
   * @throws {Error} it failed
   */
  async last(onValue: (value: T) => void = () => {}): Promise<T> {
    let last: T | undefined;
    for await (const value of this.#values) {
      last = value;
      onValue(value);
    }
    if (!(await this.#process.status).success || last === undefined) throw this.#endedError();
    return last;
  }

  /** Ends its standard input: the sign that it waits for. */
  async endInput(): Promise<void> {
    if (this.#isInputEnded) return;
    this.#isInputEnded = true;
    await this.#process.stdin.close();
  }

  /** Ends its standard input and waits until it has come to its end, or kills it after a while. */
  async end(): Promise<void> {
    const timeout = setTimeout(() => signalChild(this.#process, "SIGKILL"), END_TIMEOUT_MS);
    await this.endInput();
    while (!(await this.#values.next()).done); // it must not find its standard output closed
    await this.#process.status;
    clearTimeout(timeout);
  }

  /** Kills it, if it has not ended, and waits until it is gone. */
  async [Symbol.asyncDispose](): Promise<void> {
    signalChild(this.#process, "SIGKILL");
    await Promise.all([this.#process.status, this.#values.return(undefined)]);
    await this.endInput().catch(() => {}); // broken with the process
  }

  #endedError(): Error {
    const name = this.#module.pathname.split("/").at(-1);
    return new Error(`Cannot go on measuring: ${name} ended before its time. See what it wrote above.`);
  }
}
