/**
 * The worlds that the models learn from: the named scenarios, and as many that nobody named, so that a model cannot get
 * to know the former by heart.
 *
 * @module
 */
import { Random, type Range } from "../sim/random.ts";
import type { OscillatorParameters } from "../sim/world/oscillator.ts";
import type { Scenario } from "../sim/world/scenario.ts";
import { type ScenarioName, SCENARIOS } from "../sim/world/scenarios.ts";
import type { NetworkParameters } from "../sim/world/server_path.ts";

/** Traces that nobody named last this long, s: past the end there must be an hour of truth for the horizons. */
const DURATION_SECONDS = 9000;
/** The share of the traces that has a name. */
const NAMED_SHARE = 0.4;
/** The share of the others in which all servers fall silent for a while. */
const OUTAGE_SHARE = 0.4;
/** Too long, or about servers whose own error changes, which is no model's business. */
const LEFT_OUT: readonly ScenarioName[] = [
  "office_day",
  "suspend",
  "route",
  "falsetick",
  "majority_falsetick",
  "unruly",
];
/** So that the draw of a world is not the draw of what happens in it. */
const SALT = 1n << 61n;
const VARIANT_SHIFT = 32n;

const NAMED = (Object.keys(SCENARIOS) as ScenarioName[]).filter((name) => !LEFT_OUT.includes(name));

/** One of the worlds of a seed: 0, 1, 2 … */
export function trainingScenario(seed: number, variant: number): Scenario {
  const random = new Random(BigInt(seed) + (BigInt(variant) << VARIANT_SHIFT) + SALT);
  return random.uniform() < NAMED_SHARE ? SCENARIOS[random.pick(NAMED)] : randomScenario(random);
}

function randomScenario(random: Random): Scenario {
  const isNear = random.uniform() < 0.5;
  return {
    summary: "Drawn at random",
    durationSeconds: DURATION_SECONDS,
    oscillator: randomOscillator(random),
    network: randomNetwork(random, isNear),
    server: {
      errorDeviationSeconds: random.logBetween(isNear ? [3e-6, 80e-6] : [50e-6, 500e-6]),
      rootDelaySeconds: isNear ? [20e-6, 1e-3] : [0.5e-3, 15e-3],
    },
    serverCount: isNear ? random.pick([1, 1, 2]) : random.pick([1, 3, 4, 4, 6]),
    scope: isNear ? "private" : "public",
    refusals: random.uniform() < OUTAGE_SHARE ? [randomOutage(random)] : [],
  };
}

function randomOutage(random: Random): { fromSeconds: number; untilSeconds: number; manner: "silent" } {
  const fromSeconds = random.between([1200, 4000]);
  return { fromSeconds, untilSeconds: fromSeconds + random.logBetween([200, 3600]), manner: "silent" };
}

function randomOscillator(random: Random): OscillatorParameters {
  const least = random.logBetween([0.02e-6, 0.3e-6]);
  return {
    maxFrequency: 50e-6,
    white: random.logBetween([0.5e-9, 5e-9]),
    flicker: random.logBetween([0.7e-9, 10e-9]),
    randomWalk: random.logBetween([0.1e-9, 2e-9]),
    temperatureCoefficient: [least, 2 * least],
    temperature: {
      roomDeviation: random.logBetween([0.2, 1.5]),
      roomCorrelationSeconds: random.logBetween([1500, 6000]),
      cycleAmplitude: random.logBetween([0.05, 0.6]),
      cycleSeconds: random.logBetween([600, 4000]),
      dayAmplitude: 0,
      load: {
        fullWarming: random.between([0, 20]),
        meanSeconds: random.logBetween([100, 1500]),
        shareAtCrystal: random.between([0.03, 0.3]),
        officeHours: null,
      },
      crystalLagSeconds: random.logBetween([60, 500]),
      sensor: null,
    },
  };
}

function randomNetwork(random: Random, isNear: boolean): NetworkParameters {
  const leastSeconds = random.logBetween(isNear ? [50e-6, 1e-3] : [3e-3, 30e-3]);
  const jitterMedianSeconds = random.logBetween(isNear ? [5e-6, 100e-6] : [60e-6, 2e-3]);
  const sides: Range = random.pick<Range>([[0.3, 0.7], [0.2, 0.8], [0.5, 0.95], [0.05, 0.5]]);
  return {
    baseSeconds: [leastSeconds, 2 * leastSeconds],
    asymmetry: 0.08,
    jitterMedianSeconds,
    jitterSigma: random.between([0.5, 1.2]),
    tail: {
      probability: random.logBetween([0.005, 0.1]),
      leastSeconds: jitterMedianSeconds * random.between([3, 8]),
      shape: random.between([1.3, 2]),
    },
    outboundShare: sides,
    lossProbability: random.logBetween([5e-4, 0.05]),
    congestion: random.uniform() < 0.5 ? randomCongestion(random, jitterMedianSeconds) : null,
    powerSave: !isNear && random.uniform() < 0.2 ? { probability: 0.05, maxSeconds: 0.1 } : null,
    secondWay: random.uniform() < 0.25
      ? { probability: random.between([0.3, 0.9]), extraSeconds: leastSeconds * random.logBetween([0.3, 8]) }
      : null,
    stampMeanSeconds: random.logBetween([5e-6, 40e-6]),
  };
}

function randomCongestion(random: Random, jitterSeconds: number): NetworkParameters["congestion"] {
  return {
    meanSeconds: random.logBetween([20, 400]),
    meanGapSeconds: random.logBetween([200, 2000]),
    outboundSeconds: jitterSeconds * random.logBetween([5, 200]),
    inboundSeconds: jitterSeconds * random.logBetween([5, 50]),
    lossProbability: random.between([0, 0.06]),
  };
}
