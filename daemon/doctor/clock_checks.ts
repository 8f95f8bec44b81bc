/**
 * Whether this machine's clocks can be read, and how fast.
 *
 * @module
 */
import { Clock, type KernelClock, nowNs, readKernelClock } from "../../ffi/clocks.ts";
import { LibcError } from "../../ffi/errno.ts";
import { listFolder, readSmallFile } from "../../ffi/files.ts";
import { Phc, PTP_DEVICE, PTP_FOLDER } from "../sources/phc.ts";
import { systemClockQuality } from "../sources/system_clock.ts";
import { failed, type Finding, ok, warning } from "./finding.ts";

const CLOCKSOURCE_FOLDER = "/sys/devices/system/clocksource/clocksource0";
/** Those that a process reads without asking the kernel. */
const FAST_CLOCKSOURCES = ["tsc", "kvm-clock", "hyperv_clocksource_tsc_page", "arch_sys_counter"];

/** Whether calls into the C library work. */
export function checkLibrary(): Finding {
  const uptimeHours = Number(nowNs(Clock.BOOTTIME)) / 3.6e12;
  return ok("C library", `its clocks can be read; the machine has been up for ${uptimeHours.toFixed(1)} h`);
}

/** Whether reading the clock is quick here. */
export function checkClocksource(): Finding {
  return clocksourceFinding(
    readWords(`${CLOCKSOURCE_FOLDER}/current_clocksource`)[0] ?? null,
    readWords(`${CLOCKSOURCE_FOLDER}/available_clocksource`),
  );
}

/** As {@linkcode checkClocksource}, of what the kernel's files say; null: nothing. */
export function clocksourceFinding(current: string | null, available: readonly string[]): Finding {
  if (current === null) {
    return warning("clocksource", "the kernel does not say", "Mount /sys, if the clock is slow to read.");
  }
  if (FAST_CLOCKSOURCES.includes(current)) return ok("clocksource", `${current}, read without a system call`);
  const better = FAST_CLOCKSOURCES.find((name) => available.includes(name));
  const remedy = better === undefined
    ? "See why the kernel distrusts this processor's counter: dmesg | grep -i clocksource."
    : `Let root choose a quick one: echo ${better} > ${CLOCKSOURCE_FOLDER}/current_clocksource.`;
  return warning("clocksource", `${current}, each reading of which is a slow system call`, remedy);
}

/** Whether there is a PTP hardware clock, and it may be read. */
export function checkPtpClock(device: string | null, taiOffsetSeconds: number): Finding {
  const devices = device === null ? listFolder(PTP_FOLDER).filter((name) => PTP_DEVICE.test(name)) : [device];
  if (devices.length === 0) return ok("PTP clock", "there is none; time servers do");
  try {
    using phc = device === null ? Phc.openFirst(taiOffsetSeconds) : Phc.open(device, taiOffsetSeconds);
    if (phc !== null) return ok("PTP clock", `${phc.device} can be read`);
  } catch (error) {
    if (!(error instanceof LibcError)) throw error;
    return failed(
      "PTP clock",
      sentenceOf(error),
      "Let the daemon's user read it, or take it out of phc.device.",
    );
  }
  const names = devices.sort().join(", ");
  return warning(
    "PTP clock",
    `${names}: there, but not for this user to read`,
    'Give it to a group with udev: SUBSYSTEM=="ptp", GROUP="chronotick", MODE="0640".',
  );
}

/** What the daemon falls back to when nobody answers. */
export function checkSystemClock(kernel: KernelClock = readKernelClock()): Finding {
  const { isTrustworthy, maxErrorSeconds } = systemClockQuality(kernel);
  const found = isTrustworthy
    ? `disciplined, by its own account to ± ${(maxErrorSeconds * 1e3).toFixed(1)} ms; it is the last resort`
    : "nobody disciplines it, so that there is no time while no server answers";
  return ok("system clock", found);
}

function sentenceOf(error: Error): string {
  return error.message.replace(/\.$/, "");
}

function readWords(path: string): string[] {
  try {
    return readSmallFile(path).trim().split(/\s+/);
  } catch (error) {
    if (error instanceof LibcError) return [];
    throw error;
  }
}
