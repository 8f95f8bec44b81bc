import type { Estimator } from "../../daemon/estimate/estimator.ts";
import type { ClockWorld, PathModel } from "./clock_world.ts";

/** An ordinary oscillator, 25 ms and 20 ppm off. */
export const ORDINARY_OSCILLATOR = {
  offsetSeconds: 0.025,
  frequency: 20e-6,
  whiteFm: 2e-9,
  randomWalk: 1e-9,
} as const;

/** A path of about `oneWaySeconds` each way; the way there is longer by `asymmetrySeconds`, back shorter by as much. */
export function path(
  source: string,
  oneWaySeconds: number,
  jitterSeconds: number,
  asymmetrySeconds = 0,
  serverError: (atSeconds: number) => number = () => 0,
): PathModel {
  return {
    source,
    upSeconds: oneWaySeconds + asymmetrySeconds,
    downSeconds: oneWaySeconds - asymmetrySeconds,
    queueUp: (random) => random.exponential(jitterSeconds),
    queueDown: (random) => random.exponential(jitterSeconds),
    serverError,
    rootDistanceSeconds: 50e-6,
  };
}

/** Asymmetry as on the internet: 8 % (1 sd) of half the round trip, cut where a way would vanish. */
export function drawnAsymmetry(world: ClockWorld, oneWaySeconds: number): number {
  return Math.max(-0.9, Math.min(0.9, 0.08 * world.random.gaussian())) * oneWaySeconds;
}

const QUICK_POLLS = 8;
const QUICK_INTERVAL_SECONDS = 0.25;

/**
 * Asks all servers in turn until `untilSeconds`: eight times every 250 ms (when the world has just begun), then every
 * `intervalSeconds`. `onRead` is called between the polls, with the world at the time of the read.
 */
export function track(
  world: ClockWorld,
  paths: readonly PathModel[],
  estimator: Estimator,
  untilSeconds: number,
  intervalSeconds = 1,
  onRead: () => void = () => {},
): void {
  let polls = world.atSeconds === 0 ? 0 : QUICK_POLLS;
  let nextSeconds = world.atSeconds;
  while (nextSeconds < untilSeconds) {
    world.advanceTo(nextSeconds);
    for (const server of paths) {
      estimator.add(world.ask(server));
      onRead();
    }
    nextSeconds += ++polls < QUICK_POLLS ? QUICK_INTERVAL_SECONDS : intervalSeconds;
    world.advanceTo((world.atSeconds + nextSeconds) / 2);
    onRead();
    world.advanceTo(nextSeconds);
    onRead();
  }
}
