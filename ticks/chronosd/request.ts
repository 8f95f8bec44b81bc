/**
 * The line protocol: what a client may ask, one request a line.
 *
 * @module
 */
import { quoted } from "../agent_id.ts";
import { TickError } from "../errors.ts";
import type { EventToLog } from "../event_recorder.ts";
import { MAX_COUNT } from "../check_demand.ts";

/** What one line asks for. */
export type Request =
  | { readonly kind: "ping" | "status" | "get tick" }
  | { readonly kind: "next ticks"; readonly count: number }
  | { readonly kind: "stamp"; readonly agent: string }
  | { readonly kind: "stamp at"; readonly utcNs: bigint }
  | { readonly kind: "log"; readonly event: EventToLog };

/** Why a line is no request, for programs. */
export type RefusalCode = "UNKNOWN_COMMAND" | "BAD_ARGUMENT" | "LINE_TOO_LONG";

/** A line is no request; the message is one sentence for whoever sent it. */
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

const DECIMAL = /^\d{1,20}$/;
const LOG_FIELDS: readonly (keyof EventToLog)[] = ["agent", "action", "status", "details"];

/** By what a line looks like: how what follows its colon, or null, is read. */
const FORMS: Readonly<Record<string, (argument: string | null) => Request>> = {
  PING: bare({ kind: "ping" }),
  STATUS: bare({ kind: "status" }),
  GET_TICK: bare({ kind: "get tick" }),
  NEXT_TICK: bare({ kind: "next ticks", count: 1 }),
  "NEXT_TICKS:COUNT": (argument) => ({ kind: "next ticks", count: parseCount(argument ?? "") }),
  "STAMP:AGENT": (argument) => ({ kind: "stamp", agent: argument ?? "" }),
  "STAMP_AT:UTC_NS": (argument) => ({ kind: "stamp at", utcNs: parseUtcNs(argument ?? "") }),
  "LOG:JSON": (argument) => ({ kind: "log", event: parseLogEvent(argument ?? "") }),
};

/** The same by the word before the colon. */
const COMMANDS = new Map(Object.entries(FORMS).map(([form, read]) => [form.split(":")[0]!, read]));

/**
 * Reads one line, without its line feed; a carriage return before that is no part of it.
 *
 * @throws {Refusal} it is no request
 * @throws {TickError} `RANGE`: it is one for more ticks than one may take at once, or for none
 */
export function parseRequest(line: string): Request {
  const [, word, argument] = /^([^:]*)(?::(.*))?$/s.exec(line.endsWith("\r") ? line.slice(0, -1) : line)!;
  const read = COMMANDS.get(word!);
  if (read !== undefined) return read(argument ?? null);
  const known = Object.keys(FORMS).join(", ");
  throw new Refusal("UNKNOWN_COMMAND", `Cannot do ${quoted(word!)}: use one of ${known}.`);
}

/** `ERR:code:message`, always one line. */
export function refusalText({ code, message }: Refusal | TickError): string {
  return `ERR:${code}:${message.replaceAll(/\s+/g, " ")}`;
}

function bare(request: Request): (argument: string | null) => Request {
  return (argument) => {
    if (argument !== null) throw new Refusal("BAD_ARGUMENT", "This command takes no argument.");
    return request;
  };
}

function parseCount(text: string): number {
  if (!DECIMAL.test(text)) throw new Refusal("BAD_ARGUMENT", "NEXT_TICKS takes a number, a decimal integer.");
  const count = Number(text);
  if (count >= 1 && count <= MAX_COUNT) return count;
  throw new TickError(
    "RANGE",
    `Cannot take ${text} ticks at once: take from 1 to ${MAX_COUNT}.`,
  );
}

function parseUtcNs(text: string): bigint {
  if (DECIMAL.test(text)) return BigInt(text);
  throw new Refusal("BAD_ARGUMENT", "STAMP_AT takes Unix time in nanoseconds, a decimal integer.");
}

function parseLogEvent(text: string): EventToLog {
  const fields = parseJson(text);
  const expected = 'LOG takes one JSON object of texts: {"agent":…,"action":…,"status":…,"details":…}';
  if (typeof fields !== "object" || fields === null || Array.isArray(fields)) {
    throw new Refusal("BAD_ARGUMENT", `${expected}.`);
  }
  const given: Record<string, unknown> = { details: "", ...fields };
  const foreign = Object.keys(given).find((name) => !(LOG_FIELDS as readonly string[]).includes(name));
  const faulty = foreign ?? LOG_FIELDS.find((name) => typeof given[name] !== "string");
  if (faulty !== undefined) {
    throw new Refusal("BAD_ARGUMENT", `${expected}; ${quoted(faulty)} is not right.`);
  }
  return given as unknown as EventToLog;
}

/** Undefined when it is none. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
