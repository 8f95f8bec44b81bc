const ENCODER = new TextEncoder();
const DECODER = new TextDecoder();

/** A client that knows nothing but bytes and lines. */
export class LinePeer implements Disposable {
  readonly #conn: Deno.UnixConn;
  #unread = "";
  #isClosed = false;

  private constructor(conn: Deno.UnixConn) {
    this.#conn = conn;
  }

  static async connect(path: string): Promise<LinePeer> {
    return new LinePeer(await Deno.connect({ transport: "unix", path }));
  }

  /** Sends all of `text`. */
  async send(text: string): Promise<void> {
    const bytes = ENCODER.encode(text);
    for (let sent = 0; sent < bytes.length;) sent += await this.#conn.write(bytes.subarray(sent));
  }

  /** Says that nothing more will be sent. */
  async endSending(): Promise<void> {
    await this.#conn.closeWrite();
  }

  /** The next line; null when the server has closed. */
  async line(): Promise<string | null> {
    while (!this.#unread.includes("\n")) {
      const bytes = new Uint8Array(65_536);
      const count = await this.#conn.read(bytes).catch(endedByReset);
      if (count === null) return null;
      this.#unread += DECODER.decode(bytes.subarray(0, count));
    }
    const end = this.#unread.indexOf("\n");
    const line = this.#unread.slice(0, end);
    this.#unread = this.#unread.slice(end + 1);
    return line;
  }

  /** Sends a line and waits for one. */
  async ask(line: string): Promise<string | null> {
    await this.send(`${line}\n`);
    return await this.line();
  }

  [Symbol.dispose](): void {
    if (!this.#isClosed) this.#conn.close();
    this.#isClosed = true;
  }
}

/** A server that closes with something unread resets the connection. */
function endedByReset(error: unknown): null {
  if (error instanceof Deno.errors.ConnectionReset) return null;
  throw error;
}
