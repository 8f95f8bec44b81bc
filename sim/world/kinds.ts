/**
 * The kinds of oscillators, networks and servers that scenarios are put together from: all their parameters.
 *
 * @module
 */
import type { OscillatorParameters } from "./oscillator.ts";
import type { ServerParameters } from "./server.ts";
import type { NetworkParameters } from "./server_path.ts";

const SERVER_ROOM = {
  roomDeviation: 0.3,
  roomCorrelationSeconds: 4000,
  dayAmplitude: 0,
  crystalLagSeconds: 240,
};

/** Oscillators, by where they are found. */
export const OSCILLATORS = {
  hpc: {
    maxFrequency: 20e-6,
    white: 1e-9,
    flicker: 2.1e-9,
    randomWalk: 0.5e-9,
    temperatureCoefficient: [0.1e-6, 0.3e-6],
    temperature: {
      ...SERVER_ROOM,
      cycleAmplitude: 0.15,
      cycleSeconds: 2400,
      load: { fullWarming: 6, meanSeconds: 900, shareAtCrystal: 0.08, officeHours: null },
      sensor: { noise: 0.05, quantum: 1 / 32 },
    },
  },
  cloud: {
    maxFrequency: 15e-6,
    white: 2e-9,
    flicker: 2.1e-9,
    randomWalk: 0.4e-9,
    temperatureCoefficient: [0.05e-6, 0.25e-6],
    temperature: {
      ...SERVER_ROOM,
      cycleAmplitude: 0.2,
      cycleSeconds: 1800,
      load: { fullWarming: 5, meanSeconds: 900, shareAtCrystal: 0.08, officeHours: null },
      sensor: null,
    },
  },
  laptop: {
    maxFrequency: 50e-6,
    white: 3e-9,
    flicker: 7e-9,
    randomWalk: 1.2e-9,
    temperatureCoefficient: [0.03e-6, 0.15e-6],
    temperature: {
      roomDeviation: 0.8,
      roomCorrelationSeconds: 3000,
      cycleAmplitude: 0.3,
      cycleSeconds: 1500,
      dayAmplitude: 0,
      load: { fullWarming: 20, meanSeconds: 300, shareAtCrystal: 0.25, officeHours: null },
      crystalLagSeconds: 150,
      sensor: { noise: 0.3, quantum: 1 },
    },
  },
  office: {
    maxFrequency: 30e-6,
    white: 2e-9,
    flicker: 4e-9,
    randomWalk: 0.5e-9,
    temperatureCoefficient: [0.05e-6, 0.25e-6],
    temperature: {
      roomDeviation: 0.4,
      roomCorrelationSeconds: 5000,
      cycleAmplitude: 0.3,
      cycleSeconds: 1800,
      dayAmplitude: 2,
      load: { fullWarming: 15, meanSeconds: 900, shareAtCrystal: 0.15, officeHours: [8.5, 17.5] },
      crystalLagSeconds: 200,
      sensor: { noise: 0.1, quantum: 0.125 },
    },
  },
} as const satisfies Record<string, OscillatorParameters>;

const QUIET = { congestion: null, powerSave: null, secondWay: null };

/** Networks, by what lies between machine and servers. */
export const NETWORKS = {
  lan: {
    ...QUIET,
    baseSeconds: [60e-6, 150e-6],
    asymmetry: 0.05,
    jitterMedianSeconds: 12e-6,
    jitterSigma: 0.7,
    tail: { probability: 0.01, leastSeconds: 60e-6, shape: 1.5 },
    outboundShare: [0.3, 0.7],
    lossProbability: 0.0005,
    stampMeanSeconds: 8e-6,
  },
  cloud: {
    ...QUIET,
    baseSeconds: [120e-6, 400e-6],
    asymmetry: 0.06,
    jitterMedianSeconds: 25e-6,
    jitterSigma: 0.9,
    tail: { probability: 0.02, leastSeconds: 150e-6, shape: 1.4 },
    outboundShare: [0.3, 0.7],
    lossProbability: 0.001,
    stampMeanSeconds: 12e-6,
  },
  bimodal: {
    ...QUIET,
    baseSeconds: [330e-6, 380e-6],
    asymmetry: 0.06,
    jitterMedianSeconds: 15e-6,
    jitterSigma: 0.7,
    tail: { probability: 0.02, leastSeconds: 100e-6, shape: 1.5 },
    outboundShare: [0.5, 0.9],
    lossProbability: 0.001,
    secondWay: { probability: 0.8, extraSeconds: 2.03e-3 },
    stampMeanSeconds: 12e-6,
  },
  internet: {
    ...QUIET,
    baseSeconds: [4e-3, 35e-3],
    asymmetry: 0.08,
    jitterMedianSeconds: 150e-6,
    jitterSigma: 1,
    tail: { probability: 0.04, leastSeconds: 1e-3, shape: 1.4 },
    outboundShare: [0.2, 0.8],
    lossProbability: 0.01,
    congestion: {
      meanSeconds: 60,
      meanGapSeconds: 1500,
      outboundSeconds: 4e-3,
      inboundSeconds: 4e-3,
      lossProbability: 0.02,
    },
    stampMeanSeconds: 15e-6,
  },
  wifi: {
    ...QUIET,
    baseSeconds: [6e-3, 35e-3],
    asymmetry: 0.08,
    jitterMedianSeconds: 1.2e-3,
    jitterSigma: 1,
    tail: { probability: 0.1, leastSeconds: 5e-3, shape: 1.5 },
    outboundShare: [0.2, 0.8],
    lossProbability: 0.03,
    congestion: {
      meanSeconds: 90,
      meanGapSeconds: 900,
      outboundSeconds: 8e-3,
      inboundSeconds: 8e-3,
      lossProbability: 0.05,
    },
    powerSave: { probability: 0.05, maxSeconds: 0.1 },
    stampMeanSeconds: 30e-6,
  },
  congested: {
    ...QUIET,
    baseSeconds: [6e-3, 30e-3],
    asymmetry: 0.08,
    jitterMedianSeconds: 300e-6,
    jitterSigma: 1,
    tail: { probability: 0.06, leastSeconds: 2e-3, shape: 1.4 },
    outboundShare: [0.2, 0.8],
    lossProbability: 0.01,
    congestion: {
      meanSeconds: 240,
      meanGapSeconds: 240,
      outboundSeconds: 40e-3,
      inboundSeconds: 6e-3,
      lossProbability: 0.06,
    },
    stampMeanSeconds: 15e-6,
  },
} as const satisfies Record<string, NetworkParameters>;

/** Servers, by whose they are. */
export const SERVERS = {
  local: { errorDeviationSeconds: 5e-6, rootDelaySeconds: [20e-6, 200e-6] },
  provider: { errorDeviationSeconds: 20e-6, rootDelaySeconds: [50e-6, 400e-6] },
  campus: { errorDeviationSeconds: 50e-6, rootDelaySeconds: [0.2e-3, 2e-3] },
  public: { errorDeviationSeconds: 300e-6, rootDelaySeconds: [0.5e-3, 15e-3] },
} as const satisfies Record<string, ServerParameters>;
