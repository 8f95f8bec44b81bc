/**
 * Writes what the models are to learn: `deno run --allow-write --allow-ffi models/dump_features.ts FOLDER FIRST LAST`
 * runs the production estimator through the training worlds of the seeds FIRST … LAST − 1 in virtual time, builds the
 * features with the daemon's own code, and puts the truth beside them. Rows of float32, one file for each array.
 *
 * @module
 */
import { createEstimator } from "../daemon/estimate/create_estimator.ts";
import { carryEstimate, type Estimate, type SelectingEstimator } from "../daemon/estimate/estimator.ts";
import { toSample } from "../daemon/estimate/sample.ts";
import type { TimeBase } from "../daemon/estimate/time_base.ts";
import { rawSecondsSince } from "../daemon/estimate/time_base.ts";
import { buildFeatures, type Features } from "../daemon/forecast/features.ts";
import { LONG_HORIZONS, SHORT_HORIZONS } from "../daemon/forecast/model_signature.ts";
import { SampleHistory } from "../daemon/forecast/sample_history.ts";
import type { Exchange } from "../daemon/sources/measurement.ts";
import { Random } from "../sim/random.ts";
import { type Timekeeper, type TimekeeperPrediction, VirtualDaemon } from "../sim/world/virtual_daemon.ts";
import { AFTERMATH_SECONDS, World } from "../sim/world/world.ts";
import { trainingScenario } from "./training_world.ts";

/** Worlds up to this seed may be learned from; those above are for judging. */
const FIRST_HELD_OUT_SEED = 1000;
const SHORT_CONTEXT = 100;
const LONG_CONTEXT = 300;
/** Worlds of each seed. */
const VARIANTS = 2;
/** Instants looked at in each trace, the first after so many seconds. */
const INSTANTS = 60;
const FIRST_INSTANT_SECONDS = 60;
/** The estimator's own errors are looked at so often, s… */
const ERROR_INTERVAL_SECONDS = 60;
/** …once it has settled… */
const SETTLING_SECONDS = 300;
/** …and while it hears of anybody, s. */
const SILENCE_SECONDS = 60;
/** So that the instants are not the world's own randomness. */
const SALT = 1n << 60n;

const FILES = [
  "long_context",
  "long_globals",
  "short_globals",
  "long_targets",
  "short_targets",
  "long_wander",
  "short_wander",
] as const;
type Row = Record<(typeof FILES)[number], Float32Array>;

/** What the models would have seen, and by how much the estimate turned out to be off at each horizon, s. */
interface Instant {
  readonly short: Features;
  readonly long: Features;
  readonly missingSeconds: (horizonSeconds: number) => number;
}

/** Estimates, and looks on as the models would. */
class Observer implements Timekeeper {
  readonly estimator: SelectingEstimator = createEstimator();
  readonly #history = new SampleHistory();
  readonly #base: TimeBase;

  constructor(base: TimeBase) {
    this.#base = base;
  }

  add(exchange: Exchange): void {
    this.estimator.add(toSample(exchange, this.#base));
    this.#history.follow(this.estimator.window);
  }

  disrupt(rawNs: bigint): void {
    this.estimator.disrupt(rawSecondsSince(this.#base, rawNs));
    this.#history.follow(this.estimator.window);
  }

  predict(): TimekeeperPrediction {
    throw new Error("Cannot predict: the training data is made of estimates alone.");
  }

  /** What the truth has on top of the estimate, s; null while there is none, or while it is held over. */
  missingSeconds(world: World, atSeconds: number): number | null {
    const estimate = this.estimator.estimateAt(atSeconds);
    const newest = this.#history.samples.at(-1)?.atSeconds ?? -Infinity;
    if (estimate === null || atSeconds - newest > SILENCE_SECONDS) return null;
    return world.truth.offsetAt(atSeconds) - estimate.offsetSeconds;
  }

  /** Null with too little history. */
  instant(world: World, atSeconds: number): Instant | null {
    const estimate = this.estimator.estimateAt(atSeconds);
    if (estimate === null) return null;
    const beliefOf = (source: string) => this.estimator.pathBelief(source);
    const short = buildFeatures(this.#history.samples, estimate, beliefOf, SHORT_CONTEXT);
    const long = buildFeatures(this.#history.samples, estimate, beliefOf, LONG_CONTEXT);
    if (short === null || long === null) return null;
    return { short, long, missingSeconds: (horizon) => residual(world, estimate, horizon) };
  }
}

/** What is left of the truth after the estimate, s; NaN where the truth has ended or the oscillator changed in between. */
function residual(world: World, estimate: Estimate, horizonSeconds: number): number {
  const atSeconds = estimate.atSeconds + horizonSeconds;
  const isBroken = world.events.some((event) =>
    estimate.atSeconds < event.atSeconds && event.atSeconds <= atSeconds
  );
  if (isBroken || atSeconds > world.durationSeconds + AFTERMATH_SECONDS) return NaN;
  return world.truth.offsetAt(atSeconds) - carryEstimate(estimate, atSeconds).offsetSeconds;
}

/** What a trace's errors have in common, and what is left of them without it. */
interface Wander {
  readonly medianSeconds: number;
  /** Mean size of what is left, s. */
  readonly meanSeconds: number;
}

/**
 * What cannot be told from one end is not asked of a model: the median of the trace's errors is taken out. And a trace
 * that is hard for the estimator must not outweigh ten easy ones: errors count in units of what is left.
 */
function wanderOf(errors: readonly number[]): Wander {
  const medianSeconds = errors.toSorted((a, b) => a - b)[Math.floor(errors.length / 2)] ?? 0;
  const sum = errors.reduce((total, error) => total + Math.abs(error - medianSeconds), 0);
  return { medianSeconds, meanSeconds: sum / errors.length };
}

function rowOf({ short, long, missingSeconds }: Instant, { medianSeconds, meanSeconds }: Wander): Row {
  const targets = (horizons: readonly number[], { unitSeconds }: Features) =>
    Float32Array.from(horizons, (horizon) => (missingSeconds(horizon) - medianSeconds) / unitSeconds);
  return {
    long_context: long.context,
    long_globals: long.globals,
    short_globals: short.globals,
    long_targets: targets(LONG_HORIZONS, long),
    short_targets: targets(SHORT_HORIZONS, short),
    long_wander: Float32Array.of(meanSeconds / long.unitSeconds),
    short_wander: Float32Array.of(meanSeconds / short.unitSeconds),
  };
}

function rowsOf(seed: number, variant: number): Row[] {
  const scenario = trainingScenario(seed, variant);
  const world = new World(scenario, seed);
  const observer = new Observer(world.base);
  const daemon = new VirtualDaemon(world, observer, scenario.scope, new Random(BigInt(seed) + SALT));
  const random = new Random(BigInt(seed) - SALT);
  const { durationSeconds } = scenario;
  const looks = Float64Array.from(
    { length: INSTANTS },
    () => random.between([FIRST_INSTANT_SECONDS, durationSeconds]),
  ).sort();
  const errors: number[] = [];
  let errorAt = SETTLING_SECONDS;
  const lookOn = (untilSeconds: number) => {
    for (; errorAt < untilSeconds; errorAt += ERROR_INTERVAL_SECONDS) {
      daemon.runUntil(errorAt);
      const missing = observer.missingSeconds(world, errorAt);
      if (missing !== null) errors.push(missing);
    }
    daemon.runUntil(untilSeconds);
  };
  const instants = Array.from(looks, (at) => {
    lookOn(at);
    return observer.instant(world, at);
  });
  lookOn(durationSeconds);
  const wander = wanderOf(errors);
  return instants.flatMap((instant) => instant === null ? [] : [rowOf(instant, wander)]);
}

if (import.meta.main) {
  const [folder = ".", first = "0", last = "0"] = Deno.args;
  if (Number(last) > FIRST_HELD_OUT_SEED) {
    throw new RangeError(`Cannot train on seed ${last}: those from ${FIRST_HELD_OUT_SEED} on are held out.`);
  }
  Deno.mkdirSync(folder, { recursive: true });
  const files = FILES.map((name) => Deno.createSync(`${folder}/${name}.${first}.f32`));
  for (let seed = Number(first); seed < Number(last); seed++) {
    for (let variant = 0; variant < VARIANTS; variant++) {
      for (const row of rowsOf(seed, variant)) {
        FILES.forEach((name, i) => files[i]!.writeSync(new Uint8Array(row[name].buffer)));
      }
    }
  }
  for (const file of files) file.close();
}
