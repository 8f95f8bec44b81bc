/**
 * Where ticks are kept: which folder, and whether it can be trusted with them.
 *
 * @module
 */
import { Errno, LibcError } from "../ffi/errno.ts";
import { FileDescriptor, type FileStatus, isWritable, statusOfPath } from "../ffi/files.ts";
import { libc } from "../ffi/libc.ts";
import { TickError } from "./errors.ts";

/** Environment variables by name. */
export interface Environment {
  /** Its value, if it is set. */
  get(name: string): string | undefined;
}

/** The machine's own folder, for root and for the service. */
const SYSTEM_FOLDER = "/var/lib/chronos";
const FOLDER_MODE = 0o700;
const WRITABLE_BY_OTHERS = 0o022;

/**
 * The folder that the environment asks for: `$CHRONOS_STATE_DIR`, else `$STATE_DIRECTORY` (systemd), else
 * `/var/lib/chronos` where it is writable, else `$XDG_STATE_HOME/chronos` (`~/.local/state/chronos`).
 *
 * @throws {TickError} `STATE_FOLDER`: none of them, or one that is not absolute
 */
export function stateFolder(environment: Environment): string {
  const systemd = environment.get("STATE_DIRECTORY")?.split(":")[0];
  const home = environment.get("HOME");
  const xdg = environment.get("XDG_STATE_HOME") || (home ? `${home}/.local/state` : undefined);
  const folder = environment.get("CHRONOS_STATE_DIR") || systemd ||
    (isSystemFolderWritable() ? SYSTEM_FOLDER : undefined) || (xdg && `${xdg}/chronos`);
  if (!folder) {
    throw refused("keep ticks", "there is no folder for them", "Set CHRONOS_STATE_DIR to a folder of yours.");
  }
  if (folder.startsWith("/")) return folder;
  throw refused(
    `keep ticks in ${folder}`,
    "the path is not absolute",
    "Set CHRONOS_STATE_DIR to one that is.",
  );
}

/**
 * Makes the folder, mode 0700, and those above it, where they are missing.
 *
 * @throws {TickError} `STATE_FOLDER`: it cannot be made
 */
export function makeStateFolder(folder: string): void {
  try {
    Deno.mkdirSync(folder, { recursive: true, mode: FOLDER_MODE });
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable || !(error instanceof Error)) throw error;
    throw refused(`make ${folder}`, error.message, "Choose another folder with CHRONOS_STATE_DIR.");
  }
}

/**
 * Refuses a folder in which another user could put a counter of his own.
 *
 * @throws {TickError} `NO_COUNTER`: there is no such folder; `STATE_FOLDER`: it is not safe
 */
export function checkStateFolder(folder: string): void {
  const status = statusOrNull(folder);
  if (status === null) {
    throw new TickError(
      "NO_COUNTER",
      `Cannot find a tick counter: there is no folder ${folder}. Make one with chronos-ctl init.`,
    );
  }
  const self = libc.geteuid();
  const owner = status.userId;
  if (owner !== self) {
    throw refused(
      `keep ticks in ${folder}`,
      `it belongs to user ${owner}, not to user ${self}`,
      `Work as user ${owner}, or choose another folder with CHRONOS_STATE_DIR.`,
    );
  }
  if ((status.mode & WRITABLE_BY_OTHERS) !== 0) {
    throw refused(
      `keep ticks in ${folder}`,
      "other users may write there",
      "Choose another folder with CHRONOS_STATE_DIR, or take their right with chmod go-w.",
    );
  }
}

/**
 * Returns when the disk has the names of `folder`'s files and of the folders above on the same file system, as far as
 * this user may see to that: a name that is not on the disk is lost in a crash, with all that was synced under it.
 *
 * @throws {LibcError} the disk failed
 */
export function syncNames(folder: string): void {
  using entries = FileDescriptor.open(folder);
  entries.sync();
  const above = folder.replace(/(^|\/+)[^/]+\/*$/, "");
  if (above === folder || above === "" || !isSameFileSystem(above, folder)) return;
  try {
    syncNames(above);
  } catch (error) {
    // A folder that this user may not read is not of his making.
    if (!(error instanceof LibcError) || error.errno !== Errno.EACCES) throw error;
  }
}

function isSameFileSystem(a: string, b: string): boolean {
  const [deviceA, deviceB] = [a, b].map((path) => statusOfPath(path).identity.split("/")[0]);
  return deviceA === deviceB;
}

function isSystemFolderWritable(): boolean {
  const nearest = statusOrNull(SYSTEM_FOLDER) === null
    ? SYSTEM_FOLDER.replace(/\/[^/]*$/, "")
    : SYSTEM_FOLDER;
  return isWritable(nearest);
}

function statusOrNull(path: string): FileStatus | null {
  try {
    return statusOfPath(path);
  } catch (error) {
    if (error instanceof LibcError && error.errno === Errno.ENOENT) return null;
    throw error;
  }
}

function refused(what: string, why: string, remedy: string): TickError {
  return new TickError("STATE_FOLDER", `Cannot ${what}: ${why}. ${remedy}`);
}
