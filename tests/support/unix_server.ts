import { assertEquals } from "@std/assert";
import { DenoChild } from "./deno_child.ts";

const CHILD = new URL("../ffi/unix_server_child.ts", import.meta.url);

/** A process that listens on a Unix socket in a folder of its own, and answers everything with one text. */
export class UnixServer implements AsyncDisposable {
  readonly path: string;
  readonly #folder: string;
  readonly #child: DenoChild;

  private constructor(folder: string, child: DenoChild) {
    this.#folder = folder;
    this.path = `${folder}/server.sock`;
    this.#child = child;
  }

  /** Without an `answer` whoever asks waits. */
  static async start(answer?: string): Promise<UnixServer> {
    const folder = await Deno.makeTempDir({ prefix: "chronotick-unix-" });
    const args = [`${folder}/server.sock`, ...(answer === undefined ? [] : [answer])];
    const child = new DenoChild(CHILD, { args, permissions: ["--allow-all"] });
    assertEquals(await child.line(), "listening");
    return new UnixServer(folder, child);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#child[Symbol.asyncDispose]();
    await Deno.remove(this.#folder, { recursive: true });
  }
}
