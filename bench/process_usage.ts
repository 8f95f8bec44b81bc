/**
 * What a process uses, as the kernel counts it in `/proc` (`proc(5)`).
 *
 * @module
 */

/** USER_HZ: the unit of times in `/proc`, 100 on every Linux that Deno runs on. */
const TICKS_PER_SECOND = 100;
/** Fields of `stat` after the command's name, counted from the state as 0: utime is the 14th of all, stime the 15th. */
const USER_TICKS = 11;
const SYSTEM_TICKS = 12;
const BYTES_PER_KILOBYTE = 1024;

/** User and system time of all threads, s, that `/proc/PID/stat` tells. */
export function parseCpuSeconds(stat: string): number {
  // The name stands in parentheses and may hold blanks and parentheses itself.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const seconds = (Number(fields[USER_TICKS]) + Number(fields[SYSTEM_TICKS])) / TICKS_PER_SECOND;
  if (!Number.isFinite(seconds)) throw new TypeError(`Cannot read "${stat.trim()}" as /proc/PID/stat.`);
  return seconds;
}

/** Resident memory, bytes, that `/proc/PID/status` tells. */
export function parseResidentBytes(status: string): number {
  const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1];
  if (kilobytes === undefined) throw new TypeError("Cannot find VmRSS in /proc/PID/status.");
  return Number(kilobytes) * BYTES_PER_KILOBYTE;
}

/** User and system time of process `pid` until now, s. */
export function cpuSecondsOf(pid: number): number {
  return parseCpuSeconds(Deno.readTextFileSync(`/proc/${pid}/stat`));
}

/** Resident memory of process `pid` now, bytes. */
export function residentBytesOf(pid: number): number {
  return parseResidentBytes(Deno.readTextFileSync(`/proc/${pid}/status`));
}
