/**
 * A name for this machine among its peers.
 *
 * @module
 */
import { LibcError } from "../ffi/errno.ts";
import { readSmallFile } from "../ffi/files.ts";
import { hostName } from "../ffi/host_name.ts";

const BOOT_ID_FILE = "/proc/sys/kernel/random/boot_id";
/** Enough of the boot's 122 random bits to tell apart machines that share a name. */
const BOOT_ID_DIGITS = 8;

/**
 * The host name and the beginning of the boot id, such as `compute-7-3f2a9c1e`: the same for every process until the
 * machine boots again. Where `/proc` is hidden, the host name alone.
 *
 * Costs some file reads: ask once. Needs only `--allow-ffi`.
 */
export function nodeIdentity(): string {
  const bootId = readBootId();
  return bootId === null ? hostName() : `${hostName()}-${bootId.slice(0, BOOT_ID_DIGITS)}`;
}

function readBootId(): string | null {
  try {
    return readSmallFile(BOOT_ID_FILE).trim();
  } catch (error) {
    if (error instanceof LibcError) return null;
    throw error;
  }
}
