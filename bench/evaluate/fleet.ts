/**
 * Many machines that agree to meet at a time: how far apart do they act, and can their stamps be put in order?
 *
 * @module
 */
import { Flag } from "../../record/layout.ts";
import { Random, type Range } from "../../sim/random.ts";
import type { Reading } from "../../sim/world/run_scenario.ts";
import { addOrders, type EventOrder, judgeOrder, type StampedEvent } from "./event_order.ts";
import { type Figure, jackknife, quantileOf, split } from "./jackknife.ts";

/** What is measured on a fleet. Times are in s. */
export interface FleetScore {
  readonly machines: number;
  readonly meetings: number;
  /** Between two machines at a meeting: half of the pairs are no further apart… */
  readonly medianApart: Figure;
  /** …and 99 of 100 are not. */
  readonly p99Apart: Figure;
  /** From the first machine to the last one: the median over meetings. */
  readonly medianSpan: Figure;
  /** Events put in order by the hard bounds of their stamps. */
  readonly byBound: EventOrder;
  /** The same by the 99.9 % intervals. */
  readonly bySigma: EventOrder;
  /** Share of the appointments at which a machine had a valid time. */
  readonly validShare: number;
}

/** One machine's readings, one for each meeting. */
export type Machine = readonly Reading[];

/** Every machine has an event so long before or after each meeting, s: as near to others' as intervals are wide. */
const EVENT_GAP_SECONDS: Range = [1e-6, 1];
/** Of the normal distribution, 99.9 % lie within. */
const SIGMAS = 3.290527;
/** The machines are left out in so many groups, to see how much the figures depend on them. */
const GROUPS = 10;

/** Judges a fleet whose machines all have readings of the same meetings. The events follow from `seed`. */
export function scoreFleet(machines: readonly Machine[], seed: number): FleetScore {
  const groups = split(machines, GROUPS);
  const meetings = Math.min(...machines.map(({ length }) => length));
  const figure = (statistic: (machines: readonly Machine[]) => number) =>
    jackknife(groups, (left) => statistic(left.flat()));
  const random = new Random(seed);
  const gatherings = Array.from({ length: meetings }, (_, i) => gathering(machines, i, random));
  const order = (width: (reading: Reading) => number) =>
    addOrders(gatherings.map((present) => judgeOrder(present.map((guest) => stampOf(guest, width)))));
  const came = gatherings.reduce((sum, present) => sum + present.length, 0);
  return {
    machines: machines.length,
    meetings,
    medianApart: figure((some) => quantileOf(apart(some, meetings), 0.5)),
    p99Apart: figure((some) => quantileOf(apart(some, meetings), 0.99)),
    medianSpan: figure((some) => quantileOf(spans(some, meetings), 0.5)),
    byBound: order(({ maxErrorSeconds }) => maxErrorSeconds),
    bySigma: order(({ sigmaSeconds }) => SIGMAS * sigmaSeconds),
    validShare: came / (machines.length * meetings),
  };
}

/** A machine with a valid time, and when its event was. */
interface Guest {
  readonly reading: Reading;
  readonly eventSeconds: number;
}

function gathering(machines: readonly Machine[], meeting: number, random: Random): Guest[] {
  return machines.map((machine) => ({
    reading: machine[meeting]!,
    eventSeconds: random.pick([-1, 1]) * random.logBetween(EVENT_GAP_SECONDS),
  })).filter(({ reading }) => isValid(reading));
}

function stampOf({ reading, eventSeconds }: Guest, width: (reading: Reading) => number): StampedEvent {
  return {
    trueSeconds: eventSeconds,
    stampSeconds: eventSeconds + reading.errorSeconds,
    halfWidthSeconds: width(reading),
    isBlind: reading.isBlind,
  };
}

/** A machine whose clock is ahead acts as much too early, so two act as far apart as their errors are. */
function apart(machines: readonly Machine[], meetings: number): Float64Array {
  const distances: number[] = [];
  for (let meeting = 0; meeting < meetings; meeting++) {
    const errors = errorsAt(machines, meeting);
    for (const [i, error] of errors.entries()) {
      for (let j = 0; j < i; j++) distances.push(Math.abs(error - errors[j]!));
    }
  }
  return Float64Array.from(distances);
}

function spans(machines: readonly Machine[], meetings: number): Float64Array {
  return Float64Array.from({ length: meetings }, (_, meeting) => {
    const errors = errorsAt(machines, meeting);
    return Math.max(...errors) - Math.min(...errors);
  });
}

function errorsAt(machines: readonly Machine[], meeting: number): number[] {
  return machines.map((machine) => machine[meeting]!).filter(isValid).map(({ errorSeconds }) => errorSeconds);
}

function isValid({ flags }: Reading): boolean {
  return (flags & Flag.VALID) !== 0;
}
