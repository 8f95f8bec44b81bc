/**
 * The line protocol: what a client may ask, one request a line.
 *
 * @module
 */

/** What one line asks for. */
export type Request =
  | { readonly kind: "ping" | "status" | "get tick" }
  | { readonly kind: "next ticks"; readonly count: number }
  | { readonly kind: "stamp"; readonly agent: string }
  | { readonly kind: "stamp at"; readonly utcNs: bigint }
  | { readonly kind: "log"; readonly entry: LogRequest };

/** What is to be logged. */
export interface LogRequest {
  readonly agent: string;
  readonly action: string;
  readonly status: string;
  readonly details: string;
}

/** Why a request is refused, for programs; the first word after `ERR:`. */
export type RefusalCode =
  | "UNKNOWN_COMMAND"
  | "BAD_ARGUMENT"
  | "LINE_TOO_LONG"
  | "BUSY"
  | "UNAVAILABLE";

/** A request cannot be met; the message is one sentence for whoever sent it. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  /** For programs. */
  readonly code: RefusalCode;

  /** `message` says what is wrong and what would be right. */
  constructor(code: RefusalCode, message: string) {
    super(message);
    this.code = code;
  }
}

/** Ticks that one request may take. */
export const MAX_TICKS_PER_REQUEST = 1_000_000;

const DECIMAL = /^\d{1,20}$/;
const LOG_FIELDS: readonly (keyof LogRequest)[] = ["agent", "action", "status", "details"];

/** By the word before the colon: how the rest of the line is read. Null where nothing may follow. */
const COMMANDS: Readonly<Record<string, (argument: string | null) => Request>> = {
  PING: bare({ kind: "ping" }),
  STATUS: bare({ kind: "status" }),
  GET_TICK: bare({ kind: "get tick" }),
  NEXT_TICK: bare({ kind: "next ticks", count: 1 }),
  NEXT_TICKS: (argument) => ({ kind: "next ticks", count: parseCount(argument ?? "") }),
  STAMP: (argument) => ({ kind: "stamp", agent: argument ?? "" }),
  STAMP_AT: (argument) => ({ kind: "stamp at", utcNs: parseUtcNs(argument ?? "") }),
  LOG: (argument) => ({ kind: "log", entry: parseLogRequest(argument ?? "") }),
};

/**
 * Reads one line, without its line feed; a carriage return before that is no part of it.
 *
 * @throws {Refusal} it is no request
 */
export function parseRequest(line: string): Request {
  const [, word, argument] = /^([^:]*)(?::(.*))?$/s.exec(line.endsWith("\r") ? line.slice(0, -1) : line)!;
  if (!Object.hasOwn(COMMANDS, word!)) {
    const known = Object.keys(COMMANDS).join(", ");
    throw new Refusal(
      "UNKNOWN_COMMAND",
      `Cannot do ${JSON.stringify(word!.slice(0, 40))}: use one of ${known}.`,
    );
  }
  return COMMANDS[word!]!(argument ?? null);
}

/** `ERR:code:message`, always one line. */
export function refusalText({ code, message }: Refusal): string {
  return `ERR:${code}:${message.replaceAll(/\s+/g, " ")}`;
}

function bare(request: Request): (argument: string | null) => Request {
  return (argument) => {
    if (argument !== null) throw new Refusal("BAD_ARGUMENT", "This command takes no argument.");
    return request;
  };
}

function parseCount(text: string): number {
  const count = DECIMAL.test(text) ? Number(text) : 0;
  if (count >= 1 && count <= MAX_TICKS_PER_REQUEST) return count;
  throw new Refusal("BAD_ARGUMENT", `NEXT_TICKS takes a number from 1 to ${MAX_TICKS_PER_REQUEST}.`);
}

function parseUtcNs(text: string): bigint {
  if (DECIMAL.test(text)) return BigInt(text);
  throw new Refusal("BAD_ARGUMENT", "STAMP_AT takes Unix time in nanoseconds, a decimal integer.");
}

function parseLogRequest(text: string): LogRequest {
  const fields = parseJson(text);
  const expected = 'LOG takes one JSON object of texts: {"agent":…,"action":…,"status":…,"details":…}';
  if (typeof fields !== "object" || fields === null || Array.isArray(fields)) {
    throw new Refusal("BAD_ARGUMENT", `${expected}.`);
  }
  const given: Record<string, unknown> = { details: "", ...fields };
  const foreign = Object.keys(given).find((name) => !(LOG_FIELDS as readonly string[]).includes(name));
  const faulty = foreign ?? LOG_FIELDS.find((name) => typeof given[name] !== "string");
  if (faulty !== undefined) {
    throw new Refusal("BAD_ARGUMENT", `${expected}; ${JSON.stringify(faulty.slice(0, 40))} is not right.`);
  }
  return given as unknown as LogRequest;
}

/** Undefined when it is none. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
