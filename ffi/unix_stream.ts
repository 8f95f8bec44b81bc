/**
 * One question over a Unix socket, with FFI permission alone: Deno's own connection wants to read, to write and the
 * network besides.
 *
 * @module
 */
import { checked } from "./errno.ts";
import { FileDescriptor } from "./files.ts";
import { libc } from "./libc.ts";
import { waitReadable } from "./poll.ts";

/** What the answer may take. */
export interface AnswerBounds {
  readonly timeoutMs: number;
  readonly maxBytes: number;
}

const AF_UNIX = 1;
const SOCK_STREAM = 1;
const SOCK_NONBLOCK = 0o4000;
const SOCK_CLOEXEC = 0o2000000;
const MSG_NOSIGNAL = 0x4000;
const SOCKADDR_UN_BYTES = 110;
const PATH_OFFSET = 2;
const CHUNK_BYTES = 65_536;

/**
 * Sends `request` to whoever listens on `path`, and returns all that comes until the other side closes. Blocks.
 *
 * @throws {LibcError} nobody listens there, or it may not be used
 * @throws {RangeError} the path or the answer is too long, or the answer takes too long
 */
export function askUnixSocket(
  path: string,
  request: Uint8Array<ArrayBuffer>,
  { timeoutMs, maxBytes }: AnswerBounds,
): Uint8Array {
  const fd = libc.socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  using socket = new FileDescriptor(checked(fd, "open a Unix socket"));
  const address = addressOf(path);
  checked(libc.connect(socket.value, address, address.length), `connect to ${path}`);
  const sent = libc.sendto(socket.value, request, BigInt(request.length), MSG_NOSIGNAL, null, 0);
  if (Number(checked(sent, `ask ${path}`)) < request.length) {
    throw new RangeError(`Cannot ask ${path}: the question does not fit.`);
  }
  return readAll(socket, path, performance.now() + timeoutMs, maxBytes);
}

function readAll(socket: FileDescriptor, path: string, deadline: number, maxBytes: number): Uint8Array {
  const answer = new Uint8Array(maxBytes);
  const chunk = new Uint8Array(CHUNK_BYTES);
  let length = 0;
  while (true) {
    if (!waitReadable([socket.value], deadline - performance.now())) {
      throw new RangeError(`Cannot wait any longer for the answer of ${path}.`);
    }
    const count = libc.read(socket.value, chunk, BigInt(chunk.length));
    const received = Number(checked(count, `read the answer of ${path}`));
    if (received === 0) return answer.subarray(0, length);
    if (length + received > maxBytes) {
      throw new RangeError(`Cannot take the answer of ${path}: it is too long.`);
    }
    answer.set(chunk.subarray(0, received), length);
    length += received;
  }
}

/** A `struct sockaddr_un`. */
function addressOf(path: string): Uint8Array<ArrayBuffer> {
  const text = new TextEncoder().encode(path);
  const address = new Uint8Array(SOCKADDR_UN_BYTES);
  if (text.length >= address.length - PATH_OFFSET) {
    throw new RangeError(`Cannot connect to ${path}: the path is too long for a socket.`);
  }
  new DataView(address.buffer).setUint16(0, AF_UNIX, true);
  address.set(text, PATH_OFFSET);
  return address;
}
