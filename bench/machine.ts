/**
 * On what the figures were measured.
 *
 * @module
 */

/** What the figures depend on. */
export interface Machine {
  readonly processor: string;
  readonly processors: number;
  readonly kernel: string;
  readonly deno: string;
  /** Load averages over 1, 5 and 15 min when the bench began: above 0, somebody else's work is in the figures. */
  readonly load: readonly number[];
}

/** This machine. */
export function describeMachine(): Machine {
  return {
    processor: /^model name\s*:\s*(.+)$/m.exec(Deno.readTextFileSync("/proc/cpuinfo"))?.[1] ??
      Deno.build.arch,
    processors: navigator.hardwareConcurrency,
    kernel: Deno.osRelease(),
    deno: Deno.version.deno,
    load: Deno.loadavg(),
  };
}
