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
import { buildFeatures } from "../daemon/forecast/features.ts";
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
const VARIANTS = 3;
/** Instants looked at in each trace, the first after so many seconds. */
const INSTANTS = 30;
const FIRST_INSTANT_SECONDS = 60;
/** A trace's mean is taken over so many instants. */
const BIAS_POINTS = 64;
/** So that the instants are not the world's own randomness. */
const SALT = 1n << 60n;

const FILES = ["long_context", "long_globals", "short_globals", "long_targets", "short_targets"] as const;
type Row = Record<(typeof FILES)[number], Float32Array>;

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

  row(world: World, biases: ReadonlyMap<string, number>, atSeconds: number): Row | null {
    const estimate = this.estimator.estimateAt(atSeconds);
    if (estimate === null) return null;
    const beliefOf = (source: string) => this.estimator.pathBelief(source);
    const short = buildFeatures(this.#history.samples, estimate, beliefOf, SHORT_CONTEXT);
    const long = buildFeatures(this.#history.samples, estimate, beliefOf, LONG_CONTEXT);
    if (short === null || long === null) return null;
    const shift = visibleShift(biases, this.estimator);
    const targets = (horizons: readonly number[], unitSeconds: number) =>
      Float32Array.from(horizons, (horizon) => residual(world, estimate, horizon, shift) / unitSeconds);
    return {
      long_context: long.context,
      long_globals: long.globals,
      short_globals: short.globals,
      long_targets: targets(LONG_HORIZONS, long.unitSeconds),
      short_targets: targets(SHORT_HORIZONS, short.unitSeconds),
    };
  }
}

/**
 * What cannot be told from one end is not asked of a model: the truth is shifted to where servers that never queue
 * would show it, given what the estimator believes of their biases, each weighed by how little its bias may be.
 */
function visibleShift(biases: ReadonlyMap<string, number>, estimator: SelectingEstimator): number {
  let weight = 0;
  let sum = 0;
  for (const [source, biasSeconds] of biases) {
    const belief = estimator.pathBelief(source);
    if (belief === null) continue;
    weight += 1 / belief.biasVariance;
    sum += (biasSeconds - belief.biasSeconds) / belief.biasVariance;
  }
  return weight === 0 ? 0 : sum / weight;
}

/** What each server's offsets are off in the mean of the trace, s: what they wander about it should not be followed. */
function meanBiases(world: World): Map<string, number> {
  return new Map(world.sources.map((source, index) => {
    let sum = 0;
    for (let i = 0; i < BIAS_POINTS; i++) {
      sum += world.pathBiasAt(index, (i + 0.5) / BIAS_POINTS * world.durationSeconds);
    }
    return [source, sum / BIAS_POINTS];
  }));
}

/** What is left of the truth after the estimate, s; NaN where the truth has ended or the oscillator changed in between. */
function residual(world: World, estimate: Estimate, horizonSeconds: number, shiftSeconds: number): number {
  const atSeconds = estimate.atSeconds + horizonSeconds;
  const isBroken = world.events.some((event) =>
    estimate.atSeconds < event.atSeconds && event.atSeconds <= atSeconds
  );
  if (isBroken || atSeconds > world.durationSeconds + AFTERMATH_SECONDS) return NaN;
  return world.truth.offsetAt(atSeconds) + shiftSeconds - carryEstimate(estimate, atSeconds).offsetSeconds;
}

function* rowsOf(seed: number, variant: number): Generator<Row> {
  const scenario = trainingScenario(seed, variant);
  const world = new World(scenario, seed);
  const biases = meanBiases(world);
  const observer = new Observer(world.base);
  const daemon = new VirtualDaemon(world, observer, scenario.scope, new Random(BigInt(seed) + SALT));
  const random = new Random(BigInt(seed) - SALT);
  const instants = Float64Array.from(
    { length: INSTANTS },
    () => random.between([FIRST_INSTANT_SECONDS, scenario.durationSeconds]),
  ).sort();
  for (const at of instants) {
    daemon.runUntil(at);
    const row = observer.row(world, biases, at);
    if (row !== null) yield row;
  }
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
