/**
 * What can have happened to the machine, and whether an estimate outlives it.
 *
 * @module
 */

/** Evidence that the clock may not be where it was left. */
export const DISRUPTION_REASONS = [
  "suspend",
  "pause",
  "boot_change",
  "vm_disruption",
  "clocksource_change",
  "clock_step",
] as const;

/** One of {@linkcode DISRUPTION_REASONS}. */
export type DisruptionReason = typeof DISRUPTION_REASONS[number];

/** Disruptions so far, by reason. */
export type DisruptionCounts = Readonly<Record<DisruptionReason, number>>;

interface Nature {
  /** For the log. */
  readonly summary: string;
  /** Whether the oscillator is known to have stood still or changed. Otherwise the estimate waits for its confirmation. */
  readonly endsEstimate: boolean;
}

const NATURES: Readonly<Record<DisruptionReason, Nature>> = {
  suspend: { summary: "The machine was suspended", endsEstimate: true },
  // A stopped process, a debugger or a paused machine: the clocks went on, as far as they themselves can tell.
  pause: { summary: "The daemon did not run for some seconds", endsEstimate: false },
  boot_change: { summary: "This process goes on in another boot than it began in", endsEstimate: true },
  vm_disruption: { summary: "The hypervisor moved or restored this virtual machine", endsEstimate: true },
  clocksource_change: { summary: "The kernel changed its clock source", endsEstimate: true },
  // The estimator has begun anew by itself.
  clock_step: { summary: "The servers' answers show that the clock stepped", endsEstimate: false },
};

/** One sentence for the log. */
export function disruptionText(reason: DisruptionReason): string {
  return `${NATURES[reason].summary}: measuring anew.`;
}

/** Whether what was known of the offset is void. */
export function endsEstimate(reason: DisruptionReason): boolean {
  return NATURES[reason].endsEstimate;
}

/** None of any kind. */
export function noDisruptions(): Record<DisruptionReason, number> {
  return {
    suspend: 0,
    pause: 0,
    boot_change: 0,
    vm_disruption: 0,
    clocksource_change: 0,
    clock_step: 0,
  };
}
