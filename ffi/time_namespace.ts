/**
 * CLOCK_BOOTTIME across time namespaces (`time_namespaces(7)`): a container may see it shifted, the record may not.
 *
 * @module
 */
import { LibcError } from "./errno.ts";
import { readSmallFile } from "./files.ts";

const OFFSETS_FILE = "/proc/self/timens_offsets";
const NANOSECONDS_PER_SECOND = 1_000_000_000n;

let cachedOffsetNs: bigint | undefined;

/**
 * What this process's CLOCK_BOOTTIME reads more than the host's, in ns; subtract it to get the host's. A process
 * cannot leave its time namespace, so it is read once. 0 where the kernel has no time namespaces.
 */
export function boottimeNamespaceOffsetNs(): bigint {
  return cachedOffsetNs ??= parseBoottimeOffset(readOffsets());
}

/** The `boottime` line of a `timens_offsets` file in ns; 0 when there is none. */
export function parseBoottimeOffset(text: string): bigint {
  const fields = /^boottime\s+(-?\d+)\s+(\d+)\s*$/m.exec(text);
  if (fields === null) return 0n;
  return BigInt(fields[1]!) * NANOSECONDS_PER_SECOND + BigInt(fields[2]!);
}

function readOffsets(): string {
  try {
    return readSmallFile(OFFSETS_FILE);
  } catch (error) {
    if (error instanceof LibcError) return "";
    throw error;
  }
}
