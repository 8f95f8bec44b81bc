/**
 * One client of chronosd: what it sends is answered line by line, within a fixed amount of memory.
 *
 * @module
 */
import { LineBuffer } from "./line_buffer.ts";

/** Answers one line (null for one that was too long) with one line, neither with its line feed; never throws. */
export type AnswerLine = (line: string | null) => Promise<string>;

/** Text of replies that is sent at once, and so about all that waits in memory for a client that does not read. */
const REPLY_BATCH_CHARACTERS = 16_384;
/** Requests are answered for so long; then it is the others' turn. A log entry alone may take longer: the disk does. */
const MAX_TURN_MS = 1;

const ENCODER = new TextEncoder();
/** Bytes that are no UTF-8 become U+FFFD, which no command, agent or number holds. */
const DECODER = new TextDecoder();

/** Serves until the client leaves or is closed. */
export class Connection implements Disposable {
  readonly #conn: Deno.Conn;
  readonly #answer: AnswerLine;
  readonly #lines = new LineBuffer();
  #waitsFor: "request" | "answer" | "client" = "request";
  #waitsSinceMs = performance.now();
  /** How long it has worked since it was the others' turn. */
  #turnMs = 0;
  #isClosed = false;

  /** Takes over `conn`. */
  constructor(conn: Deno.Conn, answer: AnswerLine) {
    this.#conn = conn;
    this.#answer = answer;
  }

  /** Answers until the client has sent all it wants to, or until the connection breaks. */
  async serve(): Promise<void> {
    try {
      for (let count = await this.#read(); count !== null; count = await this.#read()) {
        await this.#answerLines(count);
      }
    } catch (error) {
      if (!this.#isClosed && !isDisconnection(error)) throw error;
    } finally {
      this[Symbol.dispose]();
    }
  }

  /** ms that it has been waiting for a whole request, or for the client to take a reply; 0 while it works. */
  silence(nowMs: number): { readonly idleMs: number; readonly stalledMs: number } {
    const waitedMs = nowMs - this.#waitsSinceMs;
    return {
      idleMs: this.#waitsFor === "request" ? waitedMs : 0,
      stalledMs: this.#waitsFor === "client" ? waitedMs : 0,
    };
  }

  /** Ends the connection at once; on older versions of Deno a write that waits for the client ends with the client. */
  [Symbol.dispose](): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#conn.close();
  }

  /** Bytes without a line feed do not end the wait: a request that never gets complete is none. */
  #read(): Promise<number | null> {
    return this.#conn.read(this.#lines.space);
  }

  async #answerLines(count: number): Promise<void> {
    let replies = "";
    for (const line of this.#lines.take(count)) {
      const beganMs = this.#waits("answer");
      replies += `${await this.#answer(line && DECODER.decode(line))}\n`;
      this.#turnMs += performance.now() - beganMs;
      if (this.#turnMs > MAX_TURN_MS) await this.#othersTurn();
      if (replies.length < REPLY_BATCH_CHARACTERS) continue;
      await this.#send(replies);
      replies = "";
    }
    if (replies !== "") await this.#send(replies);
  }

  async #send(replies: string): Promise<void> {
    this.#waits("client");
    const bytes = ENCODER.encode(replies);
    for (let sent = 0; sent < bytes.length;) sent += await this.#conn.write(bytes.subarray(sent));
    this.#waits("request");
  }

  /** The event loop reads on where there is something to read, and would forget those who ask little for it. */
  #othersTurn(): Promise<void> {
    this.#turnMs = 0;
    return new Promise((resolve) => setTimeout(resolve, 0));
  }

  #waits(what: "request" | "answer" | "client"): number {
    this.#waitsFor = what;
    return this.#waitsSinceMs = performance.now();
  }
}

/** Whether the other side went away, whatever it left unfinished. */
function isDisconnection(error: unknown): boolean {
  return error instanceof Deno.errors.BrokenPipe || error instanceof Deno.errors.ConnectionReset ||
    error instanceof Deno.errors.ConnectionAborted;
}
