/**
 * MCP over two byte streams, one JSON-RPC message a line.
 *
 * The SDK's own transport gives up at a line that is too long and leaves malformed ones without an answer; a server
 * that agents depend on answers and goes on.
 *
 * @module
 */
import { readLines, TooLongLine } from "./line_reader.ts";
import { type JSONRPCMessage, JSONRPCMessageSchema, type RequestId, type Transport } from "./server.ts";

/** Longer messages are refused: the longest that a tool has use for has some 100 KB. */
export const MAX_LINE_BYTES = 1 << 20;

/** What was asked before the input ended is still answered, unless that takes longer, ms. */
const LAST_ANSWERS_MS = 500;

const CANCELLED = "notifications/cancelled";

/** JSON-RPC 2.0 §5.1. */
const PARSE_ERROR = -32700;
const INVALID_REQUEST = -32600;

/** Reads requests from one stream and writes answers to another, until the first one ends. */
export class StdioTransport implements Transport {
  onclose?: () => void;
  onerror?: (error: Error) => void;
  onmessage?: (message: JSONRPCMessage) => void;
  readonly #input: ReadableStream<Uint8Array<ArrayBuffer>>;
  readonly #output: WritableStreamDefaultWriter<Uint8Array<ArrayBuffer>>;
  readonly #encoder = new TextEncoder();
  /** Requests without an answer. */
  readonly #open = new Set<RequestId>();
  #onAllAnswered: () => void = () => {};
  #isClosed = false;

  /** Takes both streams over. */
  constructor(
    input: ReadableStream<Uint8Array<ArrayBuffer>>,
    output: WritableStream<Uint8Array<ArrayBuffer>>,
  ) {
    this.#input = input;
    this.#output = output.getWriter();
  }

  /** Begins to read. */
  start(): Promise<void> {
    void this.#readAll();
    return Promise.resolve();
  }

  /** Writes one message; resolves when the stream has taken it. */
  async send(message: JSONRPCMessage): Promise<void> {
    await this.#write(message);
    if ("method" in message || message.id === undefined) return;
    this.#open.delete(message.id);
    if (this.#open.size === 0) this.#onAllAnswered();
  }

  /** Stops reading. */
  close(): Promise<void> {
    if (!this.#isClosed) {
      this.#isClosed = true;
      this.onclose?.();
    }
    return Promise.resolve();
  }

  async #readAll(): Promise<void> {
    try {
      for await (const line of readLines(this.#input, MAX_LINE_BYTES)) {
        if (this.#isClosed) return;
        // Who does not read the answers gets no more of them.
        await this.#output.ready;
        this.#take(line);
      }
    } catch (error) {
      this.onerror?.(error instanceof Error ? error : new Error(String(error)));
    }
    await this.#lastAnswers();
    await this.close();
  }

  /** Whoever asks by a pipe from a script closes it before the answers have come. */
  async #lastAnswers(): Promise<void> {
    if (this.#open.size === 0) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#onAllAnswered = resolve;
    const timer = setTimeout(resolve, LAST_ANSWERS_MS);
    await promise;
    clearTimeout(timer);
  }

  #take(line: string | TooLongLine): void {
    if (line instanceof TooLongLine) {
      return this.#refuse(
        PARSE_ERROR,
        `Cannot read a message of more than ${MAX_LINE_BYTES} bytes: send less.`,
      );
    }
    if (line.trim() === "") return;
    let value: unknown;
    try {
      value = JSON.parse(line);
    } catch {
      return this.#refuse(
        PARSE_ERROR,
        "Cannot read a line that is not JSON: send one JSON-RPC message a line.",
      );
    }
    const parsed = JSONRPCMessageSchema.safeParse(value);
    if (parsed.success) return this.#pass(parsed.data);
    const fault = Array.isArray(value)
      ? "Cannot answer a batch: MCP has none any more. Send one message a line."
      : "Cannot answer a line that is no JSON-RPC 2.0 message: it needs jsonrpc, method and, for an answer, an id.";
    this.#refuse(INVALID_REQUEST, fault, idOf(value));
  }

  #pass(message: JSONRPCMessage): void {
    if ("method" in message && "id" in message) this.#open.add(message.id);
    // What is cancelled has no answer.
    if ("method" in message && message.method === CANCELLED) {
      this.#open.delete(message.params?.["requestId"] as RequestId);
    }
    this.onmessage?.(message);
  }

  /** JSON-RPC wants the id null where it cannot be told. */
  #refuse(code: number, message: string, id: string | number | null = null): void {
    this.onerror?.(new Error(message));
    this.#write({ jsonrpc: "2.0", id, error: { code, message } }).catch(() => {}); // which has closed this
  }

  async #write(message: unknown): Promise<void> {
    try {
      await this.#output.write(this.#encoder.encode(JSON.stringify(message) + "\n"));
    } catch (error) {
      await this.close(); // nobody can hear it any more
      throw error;
    }
  }
}

function idOf(value: unknown): string | number | null {
  const { id } = (value ?? {}) as { id?: unknown };
  return typeof id === "string" || typeof id === "number" ? id : null;
}
