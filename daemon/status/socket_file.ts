/**
 * The Unix socket's name in the file system: taken over from the dead, left to the living.
 *
 * @module
 */
import { fileFault } from "../file_fault.ts";
import { StatusError } from "./status_error.ts";

const REMEDY = "Choose another one with status.socket_path in the configuration.";

/**
 * Makes sure that `path` is free to listen on: removes a socket that nobody listens on any more.
 *
 * @throws {StatusError} another process listens there, something else has that name, or the folder is not to be used
 */
export async function freeSocketPath(path: string): Promise<void> {
  try {
    const { isSocket } = await Deno.lstat(path);
    if (!isSocket) throw new StatusError(path, "something that is no socket has this name", REMEDY);
    if (await isAlive(path)) throw new StatusError(path, "another process serves there", REMEDY);
    await Deno.remove(path);
  } catch (error) {
    if (error instanceof StatusError) throw error;
    if (!(error instanceof Deno.errors.NotFound)) throw new StatusError(path, fileFault(error), REMEDY);
    await checkFolder(path);
  }
}

async function checkFolder(path: string): Promise<void> {
  const folder = path.slice(0, path.lastIndexOf("/")) || "/";
  try {
    if ((await Deno.stat(folder)).isDirectory) return;
    throw new StatusError(path, `${folder} is no folder`, REMEDY);
  } catch (error) {
    if (error instanceof StatusError) throw error;
    throw new StatusError(path, `${folder}: ${fileFault(error)}`, REMEDY);
  }
}

async function isAlive(path: string): Promise<boolean> {
  try {
    const connection = await Deno.connect({ transport: "unix", path });
    connection.close();
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.ConnectionRefused) return false;
    throw error; // such as PermissionDenied: whoever is there, it is not ours to judge
  }
}

/** The socket file that one server made: removes it, unless somebody else has put another one there since. */
export class SocketFile implements Disposable {
  readonly #path: string;
  readonly #inode: number | null;

  /** `path` has just been listened on; only those whom `mode` names may use it from now on. */
  constructor(path: string, mode: number) {
    Deno.chmodSync(path, mode);
    this.#path = path;
    this.#inode = Deno.lstatSync(path).ino;
  }

  /** Removes the file. */
  [Symbol.dispose](): void {
    try {
      if (Deno.lstatSync(this.#path).ino === this.#inode) Deno.removeSync(this.#path);
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
}
