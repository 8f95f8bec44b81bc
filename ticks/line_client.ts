/**
 * The client's end of chronosd's line protocol: many requests on their way at once, replies in their order.
 *
 * @module
 */
import { TICK_ERROR_CODES, TickError } from "./errors.ts";

/** Why a connection has ended: the daemon went away, it gave no sign of life, it speaks another language, or we closed. */
export type LineClientEnding = "lost" | "silent" | "strange" | "closed";

/** Requests without a reply that one client may have. */
export const MAX_PENDING = 10_000;

/** A daemon that gives no sign for so long has died. */
const REPLY_TIMEOUT_MS = 10_000;
const READ_BYTES = 16_384;
/** No reply of a chronosd is longer, characters. */
const MAX_REPLY_CHARACTERS = 65_536;

const ENCODER = new TextEncoder();

interface Pending {
  readonly resolve: (reply: string) => void;
  readonly reject: (error: TickError) => void;
}

/** One connection. It ends once, with a reason, and is not opened again. */
export class LineClient implements Disposable {
  readonly #path: string;
  readonly #conn: Deno.UnixConn;
  readonly #pending: Pending[] = [];
  #outgoing = "";
  #isSending = false;
  #answeredAtMs = performance.now();
  #watch: ReturnType<typeof setTimeout> | null = null;
  #end: { readonly ending: LineClientEnding; readonly error: TickError } | null = null;

  private constructor(path: string, conn: Deno.UnixConn) {
    this.#path = path;
    this.#conn = conn;
    void this.#receive();
  }

  /** @throws {TickError} `UNAVAILABLE`: nobody listens on `path`, or this user may not connect */
  static async connect(path: string): Promise<LineClient> {
    try {
      return new LineClient(path, await Deno.connect({ transport: "unix", path }));
    } catch (error) {
      if (!(error instanceof Error) || error instanceof Deno.errors.NotCapable) throw error;
      throw new TickError(
        "UNAVAILABLE",
        `Cannot reach chronosd on ${path}: ${reasonOf(error)}.`,
        { cause: error },
      );
    }
  }

  /** Null as long as anything can be asked. */
  get ending(): LineClientEnding | null {
    return this.#end?.ending ?? null;
  }

  /**
   * The reply to `line`; neither has its line feed.
   *
   * @throws {TickError} with the daemon's own code, or `UNAVAILABLE` when there was no reply
   */
  async ask(line: string): Promise<string> {
    const reply = await new Promise<string>((resolve, reject) => this.#enqueue(line, { resolve, reject }));
    if (reply.startsWith("ERR:")) throw refusalOf(reply);
    return reply;
  }

  /** Closes; what waits for a reply is told so. */
  [Symbol.dispose](): void {
    this.#endWith("closed", "the connection was closed");
  }

  #enqueue(line: string, pending: Pending): void {
    if (this.#end !== null) return pending.reject(this.#end.error);
    if (this.#pending.length >= MAX_PENDING) {
      const message =
        `Cannot ask chronosd more than ${MAX_PENDING} things at once: await some replies first.`;
      return pending.reject(new TickError("BUSY", message));
    }
    if (this.#pending.length === 0) this.#answeredAtMs = performance.now();
    this.#pending.push(pending);
    this.#outgoing += `${line}\n`;
    this.#watchForSilence();
    if (!this.#isSending) void this.#sendAll();
  }

  async #sendAll(): Promise<void> {
    this.#isSending = true;
    try {
      while (this.#outgoing !== "") {
        const bytes = ENCODER.encode(this.#outgoing);
        this.#outgoing = "";
        for (let sent = 0; sent < bytes.length;) sent += await this.#conn.write(bytes.subarray(sent));
      }
      this.#isSending = false;
    } catch {
      // The other side is closed: what it said before that is still read, and reading then ends the connection.
    }
  }

  async #receive(): Promise<void> {
    const bytes = new Uint8Array(READ_BYTES);
    const decoder = new TextDecoder();
    let unread = "";
    try {
      for (let count = await this.#conn.read(bytes); count !== null; count = await this.#conn.read(bytes)) {
        const lines = (unread + decoder.decode(bytes.subarray(0, count), { stream: true })).split("\n");
        unread = lines.pop()!;
        this.#answeredAtMs = performance.now();
        for (const line of lines) this.#pending.shift()?.resolve(line);
        if (unread.length > MAX_REPLY_CHARACTERS) return this.#endWith("strange", "its reply has no end");
      }
      this.#endWith("lost", "it closed the connection");
    } catch (error) {
      this.#endWith("lost", error instanceof Error ? reasonOf(error) : String(error));
    }
  }

  /** One timer for all requests: it looks again as long as there are any. */
  #watchForSilence(): void {
    if (this.#watch !== null) return;
    this.#watch = setTimeout(() => {
      this.#watch = null;
      if (this.#pending.length === 0) return;
      const silentMs = performance.now() - this.#answeredAtMs;
      if (silentMs < REPLY_TIMEOUT_MS) return this.#watchForSilence();
      this.#endWith("silent", `it has not answered for ${REPLY_TIMEOUT_MS / 1000} s`);
    }, REPLY_TIMEOUT_MS);
  }

  #endWith(ending: LineClientEnding, reason: string): void {
    if (this.#end !== null) return;
    const code = ending === "closed" ? "CLOSED" : "UNAVAILABLE";
    const error = new TickError(
      code,
      `Cannot go on asking chronosd on ${this.#path}: ${reason}. Is it running?`,
    );
    this.#end = { ending, error };
    if (this.#watch !== null) clearTimeout(this.#watch);
    this.#conn.close();
    for (const { reject } of this.#pending.splice(0)) reject(error);
  }
}

/** `ERR:code:message` as the error that it was, as far as it can be told. */
function refusalOf(reply: string): TickError {
  const [, code = "", ...message] = reply.split(":");
  const known = TICK_ERROR_CODES.find((known) => known === code) ?? "UNAVAILABLE";
  return new TickError(known, message.join(":"));
}

const START_IT = "Start it with deno task chronosd";

/** Why, and what to do: the end of one sentence and another one, without its full stop. */
function reasonOf(error: Error): string {
  if (error instanceof Deno.errors.NotFound) return `there is no such socket. ${START_IT}`;
  if (error instanceof Deno.errors.ConnectionRefused) return `nobody listens on it. ${START_IT}`;
  if (error instanceof Deno.errors.PermissionDenied) {
    return "this user may not use it. Have chronosd started with --socket-mode 0660 and a --socket-group of this user";
  }
  return `${error.message}. ${START_IT}`;
}
