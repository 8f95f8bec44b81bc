/**
 * Drives a timekeeper through a world and compares what it says with the truth.
 *
 * @module
 */
import type { TimeBase } from "../../daemon/estimate/time_base.ts";
import type { PipelineOptions } from "../../daemon/pipeline.ts";
import type { AddressScope } from "../../daemon/sources/address_scope.ts";
import { JITTER_FRACTION } from "../../daemon/sources/ntp_server.ts";
import { PUBLIC_FLOOR_SECONDS } from "../../daemon/sources/poll_schedule.ts";
import { Random } from "../random.ts";
import { rawNsAt } from "./raw_time.ts";
import type { Scenario } from "./scenario.ts";
import {
  INTERVAL_SECONDS,
  type Timekeeper,
  type TimekeeperPrediction,
  VirtualDaemon,
  WARMUP_SECONDS,
} from "./virtual_daemon.ts";
import { TIMEOUT_SECONDS, World } from "./world.ts";

/** Makes a timekeeper for one trace. `base` is where its time begins. */
export type TimekeeperFactory = (options: PipelineOptions, base: TimeBase) => Timekeeper;

/** One trace, and who is to keep its time. */
export interface RunSettings {
  readonly scenario: Scenario;
  readonly seed: number;
  /** Which clone, where the scenario forks the machine; 0 unless given. */
  readonly branch?: number;
  /** Usually `(options, base) => new Pipeline(options, base)`. */
  readonly create: TimekeeperFactory;
  /** How often the time is read, s; {@linkcode READ_INTERVAL_SECONDS} unless given. */
  readonly readIntervalSeconds?: number;
}

/** What was read at one instant, and how far it was off. */
export interface Reading {
  /** Raw s since the trace began. */
  readonly atSeconds: number;
  /** Predicted − true UTC, s. */
  readonly errorSeconds: number;
  /** One sigma as published, s. */
  readonly sigmaSeconds: number;
  /** The hard half-width, s; +Infinity: unknown. */
  readonly maxErrorSeconds: number;
  /** Of `Flag`. */
  readonly flags: number;
  /** The error of what was predicted here for {@linkcode AHEAD_SECONDS} later; null when the machine stood still in between. */
  readonly aheadErrorSeconds: number | null;
  /** Its sigma as published, s. */
  readonly aheadSigmaSeconds: number;
  /** The machine stood still, and not every server can have been asked since. */
  readonly isBlind: boolean;
  /** No server can be reached at all. */
  readonly isOutage: boolean;
}

/** How often the time is read unless a run says otherwise, s. */
export const READ_INTERVAL_SECONDS = 2;
/** For how far ahead predictions are judged: as long as a record may be served, s. */
const AHEAD_SECONDS = 60;

/** Polls without any answer until a measurement counts as held over: what the daemon takes. */
const HOLDOVER_POLLS = 4;
/** The daemon's own randomness comes from the seed too, but is not that of the world. */
const DAEMON_SALT = 1n << 62n;

/** Runs one trace; reads are yielded in order of time. */
export function* runScenario(settings: RunSettings): Generator<Reading> {
  const { scenario, seed, branch = 0, create, readIntervalSeconds = READ_INTERVAL_SECONDS } = settings;
  const world = new World(scenario, seed, branch);
  const keeper = create(pipelineOptions(scenario.scope), world.base);
  const daemon = new VirtualDaemon(world, keeper, scenario.scope, new Random(BigInt(seed) + DAEMON_SALT));
  const judge = new Judge(world, scenario);
  // Between two whole seconds, where the production daemon's own ticks do not fall.
  for (let at = readIntervalSeconds / 2; at <= scenario.durationSeconds; at += readIntervalSeconds) {
    daemon.runUntil(at);
    yield judge.read(keeper.predict(rawNsAt(world.base, at), world.kernel), at);
  }
}

/** What the daemon's default configuration makes of these servers. */
export function pipelineOptions(scope: AddressScope): PipelineOptions {
  return {
    warmupSeconds: WARMUP_SECONDS,
    holdoverAfterSeconds: HOLDOVER_POLLS * pollSeconds(scope) + TIMEOUT_SECONDS,
    horizonSeconds: AHEAD_SECONDS,
    maxUncertaintySeconds: 0.01,
    sources: 1,
    settleSeconds: 0,
  };
}

function pollSeconds(scope: AddressScope): number {
  return scope === "public" ? Math.max(INTERVAL_SECONDS, PUBLIC_FLOOR_SECONDS) : INTERVAL_SECONDS;
}

/** Knows the truth. */
class Judge {
  readonly #world: World;
  readonly #scenario: Scenario;
  readonly #blindSeconds: number;

  constructor(world: World, scenario: Scenario) {
    this.#world = world;
    this.#scenario = scenario;
    this.#blindSeconds = pollSeconds(scenario.scope) * (1 + JITTER_FRACTION) + TIMEOUT_SECONDS;
  }

  read(prediction: TimekeeperPrediction, atSeconds: number): Reading {
    const aheadAt = atSeconds + AHEAD_SECONDS;
    const { offsetUncertaintySeconds, driftUncertainty, maxErrorSeconds, flags } = prediction;
    return {
      atSeconds,
      errorSeconds: this.#errorAt(prediction, atSeconds),
      sigmaSeconds: offsetUncertaintySeconds,
      maxErrorSeconds,
      flags,
      aheadErrorSeconds: this.#stoodStill(atSeconds, aheadAt) ? null : this.#errorAt(prediction, aheadAt),
      aheadSigmaSeconds: Math.hypot(offsetUncertaintySeconds, driftUncertainty * AHEAD_SECONDS),
      isBlind: this.#stoodStill(atSeconds - this.#blindSeconds, atSeconds),
      isOutage: (this.#scenario.refusals ?? []).some(({ servers, fromSeconds, untilSeconds }) =>
        servers === undefined && fromSeconds <= atSeconds && atSeconds < untilSeconds
      ),
    };
  }

  /** Of the prediction's line at another instant. */
  #errorAt(prediction: TimekeeperPrediction, rawSeconds: number): number {
    const { scale, offsetSeconds, frequency } = prediction;
    const reference = scale === "raw" ? 0 : this.#world.clocks.realtimeOffsetAt(rawSeconds);
    const carried = offsetSeconds + frequency * (rawSeconds - prediction.atSeconds);
    return reference + carried - this.#world.truth.offsetAt(rawSeconds);
  }

  #stoodStill(fromSeconds: number, untilSeconds: number): boolean {
    return this.#world.events.some(({ atSeconds, standstillSeconds }) =>
      standstillSeconds > 0 && fromSeconds < atSeconds && atSeconds <= untilSeconds
    );
  }
}
