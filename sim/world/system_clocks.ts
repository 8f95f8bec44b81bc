/**
 * The kernel's other clocks, as they follow from the raw one: what another time daemon does to CLOCK_REALTIME, and what
 * the kernel makes of a suspend.
 *
 * @module
 */
import { type TimeBase, utcNsAt } from "../../daemon/estimate/time_base.ts";
import type { ClockReadings } from "../../daemon/publish/steering.ts";
import type { Random, Range } from "../random.ts";
import type { MachineEvent } from "./machine.ts";
import { rawNsAt, toNs } from "./raw_time.ts";

/** Another time daemon at work: now and then it steps the clock, or slews it for a while. */
export interface SteeringHabits {
  readonly firstAtSeconds: number;
  /** From one action to the next, s: at least… */
  readonly minGapSeconds: number;
  /** …and on average this much more. */
  readonly meanExtraGapSeconds: number;
  /** Share of the actions that are steps… */
  readonly stepShare: number;
  /** …of this sd, s. */
  readonly stepDeviationSeconds: number;
  /** The others are slews: uniform within ± this, s/s… */
  readonly maxSlew: number;
  /** …for so long, s. */
  readonly slewSeconds: Range;
}

/** CLOCK_REALTIME gains `rate` × the raw time between the two instants on CLOCK_MONOTONIC_RAW. */
interface Slew {
  readonly fromSeconds: number;
  readonly untilSeconds: number;
  readonly rate: number;
}

interface Step {
  readonly atSeconds: number;
  readonly seconds: number;
}

/** What a steering daemon did. */
export interface Steering {
  readonly steps: readonly Step[];
  readonly slews: readonly Slew[];
}

/** Draws what a daemon of these habits does in `seconds` seconds; null: there is none. */
export function drawSteering(habits: SteeringHabits | null, seconds: number, random: Random): Steering {
  const steps: Step[] = [];
  const slews: Slew[] = [];
  if (habits === null) return { steps, slews };
  for (
    let at = habits.firstAtSeconds;
    at < seconds;
    at += habits.minGapSeconds + random.exponential(habits.meanExtraGapSeconds)
  ) {
    if (random.uniform() < habits.stepShare) {
      steps.push({ atSeconds: at, seconds: habits.stepDeviationSeconds * random.normal() });
    } else {
      const untilSeconds = at + random.between(habits.slewSeconds);
      slews.push({ fromSeconds: at, untilSeconds, rate: random.between([-habits.maxSlew, habits.maxSlew]) });
    }
  }
  return { steps, slews };
}

/** All clocks of the machine at a raw instant. REALTIME reads the base's UTC at the base. */
export class SystemClocks {
  readonly #base: TimeBase;
  readonly #steering: Steering;
  readonly #events: readonly MachineEvent[];

  constructor(base: TimeBase, steering: Steering, events: readonly MachineEvent[]) {
    this.#base = base;
    this.#steering = steering;
    this.#events = events.filter(({ isNoticed }) => isNoticed);
  }

  /** REALTIME − raw, in s relative to the base. */
  realtimeOffsetAt(rawSeconds: number): number {
    const stepped = sum(
      this.#steering.steps,
      ({ atSeconds, seconds }) => atSeconds <= rawSeconds ? seconds : 0,
    );
    const woken = sum(
      this.#events,
      ({ atSeconds, standstillSeconds, wakeErrorSeconds }) =>
        atSeconds <= rawSeconds ? standstillSeconds + wakeErrorSeconds : 0,
    );
    return this.#slewedSeconds(rawSeconds) + stepped + woken;
  }

  /** What a process that reads all of them at once sees. */
  readingsAt(rawSeconds: number): ClockReadings {
    const rawNs = rawNsAt(this.#base, rawSeconds);
    const suspended = sum(
      this.#events,
      ({ atSeconds, standstillSeconds }) => atSeconds <= rawSeconds ? standstillSeconds : 0,
    );
    const monotonicNs = rawNs + toNs(this.#slewedSeconds(rawSeconds));
    return {
      rawNs,
      monotonicNs,
      boottimeNs: monotonicNs + toNs(suspended),
      realtimeNs: utcNsAt(this.#base, rawNs, this.realtimeOffsetAt(rawSeconds)),
      spreadNs: 0,
    };
  }

  /** Slews bend MONOTONIC and BOOTTIME too. */
  #slewedSeconds(rawSeconds: number): number {
    return sum(
      this.#steering.slews,
      ({ fromSeconds, untilSeconds, rate }) =>
        rate * Math.max(0, Math.min(untilSeconds, rawSeconds) - fromSeconds),
    );
  }
}

function sum<Item>(items: readonly Item[], valueOf: (item: Item) => number): number {
  return items.reduce((total, item) => total + valueOf(item), 0);
}
