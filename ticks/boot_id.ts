/**
 * Which boot of the machine this is: what is only in memory is lost with it.
 *
 * @module
 */
import { LibcError } from "../ffi/errno.ts";
import { readSmallFile } from "../ffi/files.ts";
import { TickError } from "./errors.ts";

const PATH = "/proc/sys/kernel/random/boot_id";
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** A boot's UUID in two words; never both 0. */
export interface BootId {
  /** The last 16 of its 32 digits. */
  readonly low: bigint;
  /** The first 16. */
  readonly high: bigint;
}

/**
 * The kernel's name for this boot.
 *
 * @throws {TickError} `UNAVAILABLE`: it cannot be read
 */
export function readBootId(): BootId {
  let text: string;
  try {
    text = readSmallFile(PATH).trim();
  } catch (error) {
    if (!(error instanceof LibcError)) throw error;
    throw new TickError("UNAVAILABLE", `${error.message} Without it, what a crash has cost cannot be known.`);
  }
  return parseBootId(text);
}

/** @throws {TickError} `UNAVAILABLE`: the text is no UUID */
function parseBootId(text: string): BootId {
  const digits = text.replaceAll("-", "");
  if (!UUID.test(text) || /^0+$/.test(digits)) {
    throw new TickError("UNAVAILABLE", `Cannot tell this boot from others: ${PATH} is no UUID. Mount /proc.`);
  }
  return { high: BigInt(`0x${digits.slice(0, 16)}`), low: BigInt(`0x${digits.slice(16)}`) };
}
