/**
 * Watches what the kernel and the hypervisor say of the machine's identity: what no clock shows.
 *
 * A snapshot restored, or a machine moved, without a VMClock device leaves no trace here. It shows in the next answer of
 * a server only.
 *
 * @module
 */
import { LibcError } from "../../ffi/errno.ts";
import { FileDescriptor, readSmallFile } from "../../ffi/files.ts";
import type { DisruptionReason } from "../disruption.ts";

/** What tells this machine, here and now, from another one; null where it cannot be read. */
export interface MachineSigns {
  /** Another one: this process was frozen, and thawed in another boot or on another machine. */
  readonly bootId: string | null;
  /** What the kernel counts; CLOCK_MONOTONIC_RAW runs at the rate of this. */
  readonly clocksource: string | null;
  /** The hypervisor raises it when the machine was moved, restored or cloned. */
  readonly vmDisruptionMarker: bigint | null;
}

const BOOT_ID = "/proc/sys/kernel/random/boot_id";
const CLOCKSOURCE = "/sys/devices/system/clocksource/clocksource0/current_clocksource";
const VMCLOCK = "/dev/vmclock0";

const REASONS: readonly (readonly [keyof MachineSigns, DisruptionReason])[] = [
  ["bootId", "boot_change"],
  ["vmDisruptionMarker", "vm_disruption"],
  ["clocksource", "clocksource_change"],
];

/** Compares the signs each time with the last ones that could be read. */
export class DisruptionWatch {
  readonly #read: () => MachineSigns;
  readonly #known: Partial<Record<keyof MachineSigns, string | bigint>> = {};

  /** Takes the first look. */
  constructor(read: () => MachineSigns = readMachineSigns) {
    this.#read = read;
    this.look();
  }

  /** What has happened since the last look, the gravest first; null for nothing. */
  look(): DisruptionReason | null {
    const signs = this.#read();
    let found: DisruptionReason | null = null;
    for (const [name, reason] of REASONS) {
      const now = signs[name];
      if (now === null) continue; // a sign that cannot be read for a moment says nothing
      const before = this.#known[name];
      this.#known[name] = now;
      if (before !== undefined && before !== now) found ??= reason;
    }
    return found;
  }
}

/** As this machine shows them. */
export function readMachineSigns(): MachineSigns {
  return {
    bootId: readable(() => readSmallFile(BOOT_ID).trim()),
    clocksource: readable(() => readSmallFile(CLOCKSOURCE).trim()),
    vmDisruptionMarker: readable(() => readVmClock(VMCLOCK)),
  };
}

/** `struct vmclock_abi` (linux/vmclock-abi.h), little-endian. */
const VMCLOCK_MAGIC = 0x4b4c4356; // "VCLK"
const SEQUENCE_OFFSET = 12;
const MARKER_OFFSET = 16;
const HEAD_BYTES = 24;

/**
 * The disruption marker of a VMClock device, which rises with each migration and each restore alike; null when what is
 * there is none, or is being changed. Reading through the driver gives a consistent copy.
 */
export function vmDisruptionMarkerOf(head: Uint8Array<ArrayBuffer>): bigint | null {
  if (head.length < HEAD_BYTES) return null;
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  const isSteady = view.getUint32(SEQUENCE_OFFSET, true) % 2 === 0;
  if (view.getUint32(0, true) !== VMCLOCK_MAGIC || !isSteady) return null;
  return view.getBigUint64(MARKER_OFFSET, true);
}

function readVmClock(path: string): bigint | null {
  using device = FileDescriptor.open(path);
  const head = new Uint8Array(HEAD_BYTES);
  return vmDisruptionMarkerOf(head.subarray(0, device.readAt(head, 0)));
}

/** Null where the kernel does not have it, or does not let us read it. */
function readable<T>(read: () => T): T | null {
  try {
    return read();
  } catch (error) {
    if (error instanceof LibcError) return null;
    throw error;
  }
}
