/**
 * The name of a listening Unix socket: taken by one daemon at a time, with the mode and group that it is to have.
 *
 * @module
 */
import { Errno, LibcError } from "../../ffi/errno.ts";
import { FileDescriptor, OpenFlag } from "../../ffi/files.ts";
import { libc } from "../../ffi/libc.ts";
import { tryWriteLock } from "../../ffi/file_lock.ts";
import { groupId } from "./group_id.ts";

/** Who may connect. */
export interface SocketAccess {
  /** Permission bits; connecting needs the write bit. */
  readonly mode: number;
  /** The group that the socket is given to; null leaves the process's own. */
  readonly groupId: number | null;
}

/** chronosd cannot listen where it should; the message is one sentence that says why and what to do. */
export class SocketFileError extends Error {
  override readonly name = "SocketFileError";
  readonly path: string;

  /** `reason` completes the sentence, `remedy` is another one. */
  constructor(path: string, reason: string, remedy: string, options?: ErrorOptions) {
    super(`Cannot listen on ${path}: ${reason}. ${remedy}`, options);
    this.path = path;
  }
}

/** `sun_path` of `unix(7)`, its NUL not counted. */
const MAX_PATH_BYTES = 107;
const OWNER_ONLY_MASK = 0o177;
const OTHERS = 0o077;
const LOCK_MODE = 0o600;
const ANOTHER_PATH = "another path with --socket or CHRONOS_SOCKET.";
const CHOOSE_ANOTHER = `Choose ${ANOTHER_PATH}`;

/**
 * Reads what a user asks for: an octal mode, and a group by name or number, or none.
 *
 * @throws {SocketFileError} there is no such group
 */
export function socketAccess(path: string, mode: string, group: string | undefined): SocketAccess {
  const id = group === undefined ? null : groupId(group);
  if (group === undefined || id !== null) return { mode: parseInt(mode, 8), groupId: id };
  throw new SocketFileError(
    path,
    `there is no group ${group}`,
    "Name one of /etc/group, or give its number.",
  );
}

/** A listening socket and its name, until it is disposed. */
export class SocketFile implements Disposable {
  readonly listener: Deno.UnixListener;
  readonly path: string;
  readonly #lock: FileDescriptor;

  private constructor(path: string, lock: FileDescriptor, listener: Deno.UnixListener) {
    this.path = path;
    this.#lock = lock;
    this.listener = listener;
  }

  /**
   * Listens on `path`. What a dead daemon left there is removed when it is a socket of this user and nobody answers.
   * A lock on `PATH.lock`, which stays, keeps two daemons that start together from removing each other's.
   *
   * @throws {SocketFileError} the path is too long, taken, something else than a socket, or not to be used by this user
   */
  static async listen(path: string, access: SocketAccess): Promise<SocketFile> {
    if (new TextEncoder().encode(path).length > MAX_PATH_BYTES) {
      throw new SocketFileError(path, `a socket's path has at most ${MAX_PATH_BYTES} bytes`, CHOOSE_ANOTHER);
    }
    using stack = new DisposableStack();
    try {
      const lock = stack.use(takeLock(path, access));
      await removeStale(path);
      const listener = listenForOwner(path);
      stack.defer(() => listener.close());
      if (access.groupId !== null) Deno.chownSync(path, null, access.groupId);
      Deno.chmodSync(path, access.mode);
      const file = new SocketFile(path, lock, listener);
      stack.move();
      return file;
    } catch (error) {
      throw explained(path, error);
    }
  }

  /** Stops listening and removes the name. */
  [Symbol.dispose](): void {
    this.listener.close();
    // Newer versions of Deno have removed it by now.
    if (lstat(this.path)?.isSocket === true) Deno.removeSync(this.path);
    this.#lock[Symbol.dispose]();
  }
}

function takeLock(path: string, { mode }: SocketAccess): FileDescriptor {
  const folder = path.slice(0, path.lastIndexOf("/") + 1);
  // Whom the socket is open to must get at it.
  if (folder !== "") Deno.mkdirSync(folder, { recursive: true, mode: (mode & OTHERS) === 0 ? 0o700 : 0o755 });
  const lock = FileDescriptor.open(`${path}.lock`, OpenFlag.RDWR | OpenFlag.CREAT, LOCK_MODE);
  if (tryWriteLock(lock)) return lock;
  lock[Symbol.dispose]();
  throw takenError(path);
}

function takenError(path: string): SocketFileError {
  const remedy = `Stop that one or choose ${ANOTHER_PATH}`;
  return new SocketFileError(path, "another chronosd listens there already", remedy);
}

async function removeStale(path: string): Promise<void> {
  const status = lstat(path);
  if (status === null) return;
  if (!status.isSocket) {
    throw new SocketFileError(path, "it is something else than a socket", CHOOSE_ANOTHER);
  }
  if (status.uid !== libc.geteuid()) {
    throw new SocketFileError(path, `it is a socket of user ${status.uid}`, CHOOSE_ANOTHER);
  }
  if (await isAnswered(path)) throw takenError(path);
  Deno.removeSync(path);
}

function lstat(path: string): Deno.FileInfo | null {
  try {
    return Deno.lstatSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
}

async function isAnswered(path: string): Promise<boolean> {
  try {
    (await Deno.connect({ transport: "unix", path })).close();
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.ConnectionRefused) return false;
    throw error;
  }
}

/** Nobody else can connect before the mode is set. */
function listenForOwner(path: string): Deno.UnixListener {
  const mask = Deno.umask(OWNER_ONLY_MASK);
  try {
    return Deno.listen({ transport: "unix", path });
  } finally {
    Deno.umask(mask);
  }
}

/** What the system says of the path becomes a sentence; a fault in this program stays one. */
function explained(path: string, error: unknown): unknown {
  const isForbidden = error instanceof Deno.errors.PermissionDenied ||
    (error instanceof LibcError && error.errno === Errno.EACCES);
  if (isForbidden) return new SocketFileError(path, "this user may not", CHOOSE_ANOTHER, { cause: error });
  const isOfSystem = error instanceof LibcError || (error instanceof Error && "code" in error);
  if (!isOfSystem) return error;
  return new SocketFileError(path, error.message.replace(/\.$/, ""), CHOOSE_ANOTHER, { cause: error });
}
