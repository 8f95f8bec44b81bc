/**
 * What this machine calls itself.
 *
 * @module
 */
import { checked } from "./errno.ts";
import { libc } from "./libc.ts";

/** HOST_NAME_MAX of Linux, and the NUL. */
const HOST_NAME_BYTES = 65;

/** The name of this machine, or of the container that this process runs in. */
export function hostName(): string {
  const bytes = new Uint8Array(HOST_NAME_BYTES);
  checked(libc.gethostname(bytes, BigInt(bytes.length)), "ask for the name of this machine");
  return new TextDecoder().decode(bytes.subarray(0, bytes.indexOf(0)));
}
