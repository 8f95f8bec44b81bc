/**
 * Making a counter, and beginning one anew. The file gets its name only when it is whole, and keeps its inode for ever.
 *
 * @module
 */
import { FileDescriptor, OpenFlag, statusOfDescriptor } from "../ffi/files.ts";
import { CounterFile, counterPath } from "./counter_file.ts";
import { encodeFreshFile, FILE_BYTES } from "./counter_layout.ts";
import { TickError } from "./errors.ts";
import { orUnavailable } from "./or_unavailable.ts";
import { checkStateFolder, makeStateFolder } from "./state_folder.ts";
import { LAST_TICK } from "./reservation.ts";

const FILE_MODE = 0o600;

/**
 * Makes the folder and the counter where they are missing; the first tick will be 1. Leaves a counter that is there
 * alone, whatever is in it.
 *
 * @returns whether there was none before
 * @throws {TickError} the folder is not safe, or the disk refused
 */
export function createCounter(folder: string): boolean {
  makeStateFolder(folder);
  checkStateFolder(folder);
  return placeCounter(folder, 0n);
}

/**
 * Makes `lastTick` the last tick handed out, whatever was before: ticks may come twice. Makes a counter where there
 * is none.
 *
 * @throws {TickError} `BUSY`: somebody has it open; `RANGE`: the tick; or the disk refused
 */
export function resetCounter(folder: string, lastTick = 0n): void {
  if (lastTick < 0n || lastTick > LAST_TICK) {
    throw new TickError("RANGE", `Cannot reset to tick ${lastTick}: give one from 0 to ${LAST_TICK}.`);
  }
  makeStateFolder(folder);
  checkStateFolder(folder);
  if (placeCounter(folder, lastTick)) return;
  using file = CounterFile.open(folder);
  explained(file.path, () =>
    file.exclusively(() => {
      if (!file.takeAlone()) throw countedError(file.path);
      file.writeAll(encodeFreshFile(file.inode, lastTick));
    }));
}

function countedError(path: string): TickError {
  return new TickError(
    "BUSY",
    `Cannot reset ${path}: another process is counting with it. Stop it first; lslocks shows which.`,
  );
}

/** Gives a whole new file the counter's name, unless there is one of that name: a link never replaces. */
function placeCounter(folder: string, lastTick: bigint): boolean {
  const path = counterPath(folder);
  if (exists(path)) return false;
  const temporary = `${path}.${crypto.randomUUID()}.new`;
  return explained(path, () => {
    try {
      writeWhole(temporary, lastTick);
      Deno.linkSync(temporary, path);
      return true;
    } catch (error) {
      if (error instanceof Deno.errors.AlreadyExists) return false;
      throw error;
    } finally {
      removeIfThere(temporary); // the names are synced by the first who opens it, before any tick
    }
  });
}

function writeWhole(path: string, lastTick: bigint): void {
  using file = FileDescriptor.open(path, OpenFlag.RDWR | OpenFlag.CREAT | OpenFlag.EXCL, FILE_MODE);
  file.allocate(FILE_BYTES);
  file.writeAt(encodeFreshFile(statusOfDescriptor(file).inode, lastTick), 0);
  file.sync();
}

function exists(path: string): boolean {
  try {
    Deno.lstatSync(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

function removeIfThere(path: string): void {
  try {
    Deno.removeSync(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

function explained<Result>(path: string, action: () => Result): Result {
  return orUnavailable(action, (reason) => `Cannot make ${path}. ${reason} Make room and try again.`);
}
