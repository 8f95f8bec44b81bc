/**
 * Time servers: how far their own clocks are off, what they claim, and when they answer.
 *
 * @module
 */
import type { Random, Range } from "../random.ts";

/** What servers of a kind are like when they are honest. */
export interface ServerParameters {
  /** How far their clocks are off for good, s, 1 sd. */
  readonly errorDeviationSeconds: number;
  /** What they say of the round trip to their reference clock, s. */
  readonly rootDelaySeconds: Range;
}

/** A lie told by a server's clock. */
export type Lie =
  /** It is off by so much. */
  | { readonly kind: "constant"; readonly seconds: number }
  /** From then on it gains, s/s; a server that smears a leap second looks like this. */
  | { readonly kind: "drifting"; readonly fromSeconds: number; readonly rate: number }
  /** It steps once. */
  | { readonly kind: "step"; readonly fromSeconds: number; readonly seconds: number }
  /** It steps again and again, each time from where it is: a random walk of steps with this sd. */
  | { readonly kind: "jumping"; readonly meanGapSeconds: number; readonly deviationSeconds: number };

/** One of the servers tells one of the lies. */
export interface Liar {
  /** Candidates, counted from the nearest. */
  readonly oneOf: readonly number[];
  readonly lies: readonly Lie[];
  /** What it says of its root dispersion, s; what an honest one of its kind would unless given. */
  readonly claimedDispersionSeconds?: number;
}

/** Times at which servers do not answer as they should. */
export interface Refusal {
  /** Counted from the nearest; all unless given. */
  readonly servers?: readonly number[];
  readonly fromSeconds: number;
  readonly untilSeconds: number;
  /** Nothing comes back, or a kiss-o'-death. */
  readonly manner: "silent" | "RATE" | "DENY";
}

/** A server that answers with RATE whoever asks again sooner than this. */
export interface RateLimit {
  readonly server: number;
  readonly minGapSeconds: number;
}

/** How far a clock is off at a raw instant, s. */
export type ClockError = (atSeconds: number) => number;

/** One server of a trace. */
export interface ServerCharacter {
  /** Its clock − UTC. */
  readonly errorAt: ClockError;
  readonly isLiar: boolean;
  readonly rootDelaySeconds: number;
  /** What it claims; covers the error of an honest one. */
  readonly rootDispersionSeconds: number;
}

/** An honest server's own error stays within so many of its sd. */
const MAX_SIGMAS = 3;
/** It wanders besides: a sine of up to this share of the sd… */
const MAX_WAVE_SHARE = 0.5;
/** …and such a period. */
const WAVE_SECONDS: Range = [1500, 6000];
/** Nobody claims less: the resolution of the field in the packet. */
const LEAST_DISPERSION_SECONDS = 2 ** -16;

/** Draws `count` servers, liars among them, for `seconds` seconds. */
export function drawServers(
  parameters: ServerParameters,
  liars: readonly Liar[],
  count: number,
  seconds: number,
  random: Random,
): ServerCharacter[] {
  const servers = Array.from({ length: count }, () => drawHonest(parameters, random));
  for (const { oneOf, lies, claimedDispersionSeconds } of liars) {
    const index = random.pick(oneOf);
    const honest = servers[index];
    const lie = drawLie(random.pick(lies), seconds, random.fork());
    if (honest === undefined) throw new RangeError(`Cannot make server ${index} lie: there are ${count}.`);
    servers[index] = {
      ...honest,
      isLiar: true,
      errorAt: (at) => honest.errorAt(at) + lie(at),
      rootDispersionSeconds: claimedDispersionSeconds ?? honest.rootDispersionSeconds,
    };
  }
  return servers;
}

function drawHonest(parameters: ServerParameters, random: Random): ServerCharacter {
  const { errorDeviationSeconds: deviation, rootDelaySeconds } = parameters;
  const constant = deviation * Math.min(MAX_SIGMAS, Math.max(-MAX_SIGMAS, random.normal()));
  const amplitude = deviation * MAX_WAVE_SHARE * random.uniform();
  const period = random.between(WAVE_SECONDS);
  const phase = random.uniform();
  return {
    errorAt: (at) => constant + amplitude * Math.sin(2 * Math.PI * (at / period + phase)),
    isLiar: false,
    rootDelaySeconds: random.between(rootDelaySeconds),
    rootDispersionSeconds: LEAST_DISPERSION_SECONDS + deviation * (MAX_SIGMAS + MAX_WAVE_SHARE),
  };
}

function drawLie(lie: Lie, seconds: number, random: Random): ClockError {
  switch (lie.kind) {
    case "constant":
      return () => lie.seconds;
    case "drifting":
      return (at) => lie.rate * Math.max(0, at - lie.fromSeconds);
    case "step":
      return (at) => at < lie.fromSeconds ? 0 : lie.seconds;
    case "jumping":
      return jumping(lie.meanGapSeconds, lie.deviationSeconds, seconds, random);
  }
}

function jumping(meanGapSeconds: number, deviation: number, seconds: number, random: Random): ClockError {
  const steps: { readonly atSeconds: number; readonly error: number }[] = [];
  let error = 0;
  for (
    let at = random.exponential(meanGapSeconds);
    at < seconds;
    at += random.exponential(meanGapSeconds)
  ) {
    error += deviation * random.normal();
    steps.push({ atSeconds: at, error });
  }
  return (at) => steps.findLast(({ atSeconds }) => atSeconds <= at)?.error ?? 0;
}
