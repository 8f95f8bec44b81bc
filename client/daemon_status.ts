/**
 * What the daemon says of itself over its status socket, beyond what the record has room for.
 *
 * @module
 */
import { LibcError } from "../ffi/errno.ts";
import { askUnixSocket } from "../ffi/unix_stream.ts";
import { type Environment, statusSocketPaths } from "../record/status_socket.ts";

/** One time server, as the status API has it; numbers are null where nothing is known yet. */
export interface ServerStatus {
  /** As it was configured. */
  readonly name: string;
  /** Address and port; null for a PTP clock. */
  readonly address: string | null;
  /** Whether the time is taken from it. */
  readonly is_selected: boolean;
  /** Why, or why not. */
  readonly reason: string;
  /** The last eight questions as bits, the latest the lowest. */
  readonly reach: number;
  readonly offset_seconds: number | null;
  readonly half_width_seconds: number | null;
  readonly delay_seconds: number | null;
}

/** A configured name without an address. */
export interface UnresolvedServer {
  readonly name: string;
  readonly reason: string;
}

/** The document of `GET /v1/status`, as far as it is shown; the rest of it is there too. */
export interface DaemonStatus {
  /** One sentence that says why the bound is what it is. */
  readonly why: string;
  readonly servers: readonly ServerStatus[];
  readonly unresolved: readonly UnresolvedServer[];
}

/** What came of asking. */
export type StatusAnswer =
  | { readonly status: DaemonStatus }
  /** Why there is none, to complete "not told:". */
  | { readonly fault: string };

/** A daemon that takes longer is busy with better things, ms. */
const TIMEOUT_MS = 1000;
const MAX_ANSWER_BYTES = 1 << 20;
const REQUEST = "GET /v1/status HTTP/1.0\r\nHost: localhost\r\n\r\n";

/** Asks the daemon of `segment`, or whoever serves at `socketPath` when that is given. Blocks for a second at most. */
export function askDaemonStatus(
  segment: string,
  socketPath: string | undefined,
  environment: Environment,
): StatusAnswer {
  const paths = socketPath === undefined ? statusSocketPaths(segment, environment) : [socketPath];
  const faults: string[] = [];
  for (const path of paths) {
    try {
      return { status: statusIn(askSocket(path)) };
    } catch (error) {
      if (!(error instanceof LibcError || error instanceof RangeError)) throw error;
      faults.push(error.message.replace(/\.$/, ""));
    }
  }
  return { fault: faults.at(0) ?? "no place for its status socket is known" };
}

function askSocket(path: string): string {
  const bounds = { timeoutMs: TIMEOUT_MS, maxBytes: MAX_ANSWER_BYTES };
  return new TextDecoder().decode(askUnixSocket(path, new TextEncoder().encode(REQUEST), bounds));
}

/**
 * The document in an answer of HTTP/1.0.
 *
 * @throws {RangeError} it is another answer than the status API gives
 */
function statusIn(answer: string): DaemonStatus {
  const [head = "", ...parts] = answer.split("\r\n\r\n");
  if (!/^HTTP\/1\.[01] 200 /.test(head)) {
    throw new RangeError(`Cannot use the daemon's answer ${JSON.stringify(head.split("\r\n", 1)[0])}`);
  }
  let status: Partial<DaemonStatus> | null;
  try {
    status = JSON.parse(parts.join("\r\n\r\n"));
  } catch {
    status = null;
  }
  const isWhole = typeof status?.why === "string" && Array.isArray(status.servers) &&
    Array.isArray(status.unresolved);
  if (!isWhole) throw new RangeError("Cannot use the daemon's answer: it is no status");
  return status as DaemonStatus;
}
