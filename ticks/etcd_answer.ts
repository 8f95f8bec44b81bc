/**
 * What an answer of etcd's JSON gateway means. Pure: status and text in, meaning out.
 *
 * @module
 */
import type { TickErrorCode } from "./errors.ts";

/** Fields of a JSON object. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** The request was carried out. */
export interface EtcdDone {
  readonly kind: "done";
  readonly body: JsonObject;
}

/** It was not, or nobody knows. */
export interface EtcdFailure {
  readonly kind: "failed";
  readonly code: TickErrorCode;
  /** What happened, to stand in a sentence. */
  readonly text: string;
  /** `pass`: may be over soon, or be better at another member; `login`: the token is no longer good; `stay`: neither. */
  readonly remedy: "pass" | "login" | "stay";
}

/** What came of one request. */
export type EtcdAnswer = EtcdDone | EtcdFailure;

/** gRPC status codes (grpc/codes), which the gateway passes on in its JSON. */
const Code = {
  INVALID_ARGUMENT: 3,
  PERMISSION_DENIED: 7,
  RESOURCE_EXHAUSTED: 8,
  FAILED_PRECONDITION: 9,
  UNAUTHENTICATED: 16,
} as const;
/** CANCELLED, UNKNOWN, DEADLINE_EXCEEDED, INTERNAL, UNAVAILABLE: what a member says while there is no leader. */
const PASSING_CODES: readonly number[] = [1, 2, 4, 13, 14];
/** Enough for a sentence of somebody else's. */
const MAX_QUOTED_CHARS = 120;
/** Proxies say this of a member that is away. */
const PASSING_STATUS: readonly number[] = [502, 503, 504];

/** Judges an answer by its HTTP status and its text. */
export function judgeAnswer(status: number, text: string): EtcdAnswer {
  const body = parseObject(text);
  if (body !== null && status === 200) return { kind: "done", body };
  if (typeof body?.["code"] === "number" && typeof body["message"] === "string") {
    return judgeRefusal(body["code"], body["message"]);
  }
  const what = `it answered HTTP ${status}, and not as etcd's JSON gateway does: ${quoted(text)}`;
  return PASSING_STATUS.includes(status)
    ? failure("UNAVAILABLE", what, "pass")
    : failure("ADDRESS", what, "stay");
}

/** The beginning of a foreign text, on one line. */
function quoted(text: string): string {
  return JSON.stringify(text.trim().slice(0, MAX_QUOTED_CHARS));
}

/** etcd's own words (api/v3rpc/rpctypes/error.go) tell apart what shares a code. */
function judgeRefusal(code: number, message: string): EtcdFailure {
  if (PASSING_CODES.includes(code)) return failure("UNAVAILABLE", message, "pass");
  switch (code) {
    case Code.UNAUTHENTICATED:
      return failure("NOT_PERMITTED", message, "login");
    case Code.PERMISSION_DENIED:
      return failure("NOT_PERMITTED", `${message}: this user has no right to the counter's keys`, "stay");
    case Code.FAILED_PRECONDITION:
      return failure("NOT_PERMITTED", `${message}: leave the login out, or enable it in the cluster`, "stay");
    case Code.RESOURCE_EXHAUSTED:
      return message.includes("space exceeded")
        ? failure(
          "UNAVAILABLE",
          `${message}: compact its history, defragment it and disarm the alarm`,
          "stay",
        )
        : failure("UNAVAILABLE", message, "pass");
    case Code.INVALID_ARGUMENT:
      return judgeInvalid(message);
    default:
      return failure("UNAVAILABLE", message, "stay");
  }
}

function judgeInvalid(message: string): EtcdFailure {
  if (message.includes("revision of auth store is old")) return failure("NOT_PERMITTED", message, "login");
  if (message.includes("user name is empty")) {
    return failure(
      "NOT_PERMITTED",
      "it asks for a user: give ?login=FILE with one line user:password",
      "stay",
    );
  }
  const isLogin = message.includes("authentication failed");
  return failure(isLogin ? "NOT_PERMITTED" : "UNAVAILABLE", message, "stay");
}

function failure(
  code: TickErrorCode,
  text: string,
  remedy: EtcdFailure["remedy"],
): EtcdFailure {
  return { kind: "failed", code, text: text.replace("etcdserver: ", ""), remedy };
}

/** The object that `text` stands for in JSON; null when it stands for none. */
function parseObject(text: string): JsonObject | null {
  try {
    return asObject(JSON.parse(text));
  } catch {
    return null;
  }
}

/** `value` when it is an object, else null. */
export function asObject(value: unknown): JsonObject | null {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? value as JsonObject : null;
}
