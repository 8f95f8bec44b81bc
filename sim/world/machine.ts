/**
 * What happens to a machine as a whole. Every incident comes down to the same two things: its oscillator stands still
 * for a while, and afterwards runs at another frequency.
 *
 * @module
 */
import type { Random, Range } from "../random.ts";

/** An incident, with what is drawn anew for each trace. */
export interface MachineIncident {
  /**
   * `migration`: a virtual machine moves to another host; `restore`: it comes back from a snapshot; `fork`: several do,
   * from the same one; `suspend`: sleep, as the kernel knows it; `clocksource`: the kernel counts another oscillator.
   */
  readonly kind: "migration" | "restore" | "fork" | "suspend" | "clocksource";
  /** When, raw s. */
  readonly atSeconds: Range;
  /** How long CLOCK_MONOTONIC_RAW stands still; none unless given. */
  readonly standstillSeconds?: Range;
  /** By how much the frequency changes for good, s/s, up or down; not at all unless given. */
  readonly frequencyShift?: Range;
}

/** An incident as it happened. */
export interface MachineEvent {
  readonly kind: MachineIncident["kind"];
  /** The raw instant at which the oscillator stood, or changed. */
  readonly atSeconds: number;
  /** True time that passed meanwhile: UTC − raw rises by as much. */
  readonly standstillSeconds: number;
  readonly frequencyShift: number;
  /** Whether the kernel knows: BOOTTIME counts the standstill and REALTIME is put forward. */
  readonly isNoticed: boolean;
  /** By how much REALTIME is put forward too far when the kernel knows, s. */
  readonly wakeErrorSeconds: number;
}

/** A battery-backed clock ticks once a second, so waking up is as exact as that; some kernels do better. */
const WAKE_ERROR: Range = [-0.5, 0.5];
const NEVER: Range = [0, 0];

/** Draws what happens, in order of time. A fork draws from `branch`, so that clones of a machine part there. */
export function drawMachineEvents(
  incidents: readonly MachineIncident[],
  random: Random,
  branch: Random,
): MachineEvent[] {
  return incidents.map((incident) => drawEvent(incident, random, incident.kind === "fork" ? branch : random))
    .sort((a, b) => a.atSeconds - b.atSeconds);
}

function drawEvent(incident: MachineIncident, time: Random, effect: Random): MachineEvent {
  const { kind, atSeconds, standstillSeconds = NEVER, frequencyShift = NEVER } = incident;
  return {
    kind,
    atSeconds: time.between(atSeconds),
    standstillSeconds: effect.between(standstillSeconds),
    frequencyShift: effect.between(frequencyShift) * effect.pick([-1, 1]),
    isNoticed: kind === "suspend",
    wakeErrorSeconds: effect.between(WAKE_ERROR),
  };
}
