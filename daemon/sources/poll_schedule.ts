/**
 * How long to wait between two questions to one address.
 *
 * @module
 */
import type { AddressScope } from "./address_scope.ts";

/** What the configuration asks for; times are seconds of CLOCK_MONOTONIC_RAW. */
export interface PollSchedule {
  /** Until when the daemon warms up. */
  readonly warmupUntilRawSeconds: number;
  readonly warmupIntervalSeconds: number;
  readonly intervalSeconds: number;
}

/** Public servers ban clients that ask more often; one address is never asked faster, whatever was configured. */
const PUBLIC_WARMUP_FLOOR_SECONDS = 4;
/** The same after the warm-up, and for a burst. */
export const PUBLIC_FLOOR_SECONDS = 16;

/** A private address is asked this often, this fast, when it is new and in a burst. */
export const QUICK_POLLS = 8;
export const QUICK_INTERVAL_SECONDS = 0.25;

/** Polls without a usable answer in a row that make an address unreachable: the length of the reach register. */
export const UNREACHABLE_POLLS = 8;
/** A public address that stays silent is asked ever less, down to once in this time. */
const SILENT_INTERVAL_MAX_SECONDS = 64;

/** What the wait depends on besides the schedule. */
export interface PollState {
  readonly scope: AddressScope;
  /** When the address was asked last. */
  readonly askedAtRawSeconds: number;
  /** Polls left of a quick start or a burst. */
  readonly quickPolls: number;
  /** Polls without a usable answer in a row. */
  readonly unanswered: number;
  /** The least that the server has asked for by RATE kisses. */
  readonly rateFloorSeconds: number;
  /** Factor ≥ 1 by which this wait is lengthened at random. */
  readonly stretch: number;
}

/** Seconds from the last question to the next one. The phase is the one in which the next question falls. */
export function pollGapSeconds(schedule: PollSchedule, state: PollState): number {
  const gapOf = state.scope === "public" ? publicGap : privateGap;
  const warmup = state.stretch * Math.max(gapOf(schedule, state, true), state.rateFloorSeconds);
  if (state.askedAtRawSeconds + warmup < schedule.warmupUntilRawSeconds) return warmup;
  return state.stretch * Math.max(gapOf(schedule, state, false), state.rateFloorSeconds);
}

function publicGap(schedule: PollSchedule, { quickPolls, unanswered }: PollState, isWarmup: boolean): number {
  const normal = quickPolls > 0 ? 0 : schedule.intervalSeconds;
  const gap = isWarmup
    ? Math.max(schedule.warmupIntervalSeconds, PUBLIC_WARMUP_FLOOR_SECONDS)
    : Math.max(normal, PUBLIC_FLOOR_SECONDS);
  const doublings = Math.floor(unanswered / UNREACHABLE_POLLS);
  return Math.max(gap, Math.min(gap * 2 ** doublings, SILENT_INTERVAL_MAX_SECONDS));
}

function privateGap(schedule: PollSchedule, { quickPolls }: PollState, isWarmup: boolean): number {
  const gap = isWarmup ? schedule.warmupIntervalSeconds : schedule.intervalSeconds;
  return quickPolls > 0 ? Math.min(gap, QUICK_INTERVAL_SECONDS) : gap;
}
