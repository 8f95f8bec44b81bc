/**
 * The paths between a machine and its servers, as long as nothing comes in the way.
 *
 * @module
 */
import type { Jitter, Path } from "../path.ts";
import type { Random, Range } from "../random.ts";
import type { CongestionParameters } from "./congestion.ts";

/** What kind of network it is. */
export interface NetworkParameters {
  /** Shortest one-way delay, s: drawn for each server, each order of magnitude as likely. */
  readonly baseSeconds: Range;
  /** (out − in)/2 of that, which nobody can see: this share of it, 1 sd. */
  readonly asymmetry: number;
  /** Everyday jitter, lognormal: its median, s, and the sd of its logarithm. */
  readonly jitterMedianSeconds: number;
  readonly jitterSigma: number;
  /** Now and then a packet waits much longer. */
  readonly tail: TailParameters;
  /** The share of the jitter that falls on the way out: half of it when symmetric. */
  readonly outboundShare: Range;
  /** Of an exchange, 0…1. */
  readonly lossProbability: number;
  readonly congestion: CongestionParameters | null;
  /** Wi-Fi that sleeps: with this probability an answer waits for the radio, up to so long. */
  readonly powerSave: { readonly probability: number; readonly maxSeconds: number } | null;
  /** A second way out: taken with this probability, longer by so much. */
  readonly secondWay: { readonly probability: number; readonly extraSeconds: number } | null;
  /** How late the machine's own stamps are, s: mean of the inbound one's exponential. */
  readonly stampMeanSeconds: number;
}

/** Pareto. */
export interface TailParameters {
  readonly probability: number;
  readonly leastSeconds: number;
  readonly shape: number;
}

/** The path of one server as long as its route stands; both directions can be given to a UDP relay too. */
export interface ServerPath extends Path {
  /** The shortest round trip, s. */
  readonly floorSeconds: number;
}

const MAX_TAIL_SECONDS = 1.5;
/** Beyond this many sd there is no asymmetry, so that no way gets shorter than nothing. */
const MAX_ASYMMETRY_SIGMAS = 2.5;
/** Some packets take neither the short nor the long way in full. */
const HALFWAY_PROBABILITY = 0.1;
/** A machine's scheduler now and then lets a packet lie. */
const STALL_PROBABILITY = 0.004;
const STALL_MEAN_SECONDS = 1e-3;
/** The outbound stamp is taken right before the send, so it is early by less. */
const OUTBOUND_STAMP_SHARE = 0.4;

/** Draws the paths to `count` servers, the nearest first. */
export function drawPaths(parameters: NetworkParameters, count: number, random: Random): ServerPath[] {
  return Array.from({ length: count }, () => drawPath(parameters, random))
    .sort((a, b) => a.floorSeconds - b.floorSeconds);
}

function drawPath(parameters: NetworkParameters, random: Random): ServerPath {
  const base = random.logBetween(parameters.baseSeconds);
  const sigmas = Math.min(MAX_ASYMMETRY_SIGMAS, Math.max(-MAX_ASYMMETRY_SIGMAS, random.normal()));
  const asymmetry = sigmas * parameters.asymmetry * base;
  const outboundShare = random.between(parameters.outboundShare);
  const { lossProbability } = parameters;
  return {
    outbound: {
      delaySeconds: base + asymmetry,
      jitter: outboundJitter(parameters, 2 * outboundShare),
      lossProbability,
    },
    inbound: {
      delaySeconds: base - asymmetry,
      jitter: inboundJitter(parameters, 2 * (1 - outboundShare)),
    },
    floorSeconds: 2 * base,
  };
}

function outboundJitter(parameters: NetworkParameters, scale: number): Jitter {
  const { secondWay, stampMeanSeconds } = parameters;
  const parts = [queueing(parameters, scale), exponential(OUTBOUND_STAMP_SHARE * stampMeanSeconds)];
  if (secondWay !== null) parts.push(detour(secondWay.probability, secondWay.extraSeconds));
  return { kind: "sum", of: parts };
}

function inboundJitter(parameters: NetworkParameters, scale: number): Jitter {
  const { powerSave, stampMeanSeconds } = parameters;
  const parts = [
    queueing(parameters, scale),
    exponential(stampMeanSeconds),
    sometimes(STALL_PROBABILITY, exponential(STALL_MEAN_SECONDS)),
  ];
  if (powerSave !== null) {
    parts.push(sometimes(powerSave.probability, { kind: "uniform", maxSeconds: powerSave.maxSeconds }));
  }
  return { kind: "sum", of: parts };
}

/** Everyday jitter and its tail, both `scale` times as long. */
function queueing({ jitterMedianSeconds, jitterSigma, tail }: NetworkParameters, scale: number): Jitter {
  const lognormal: Jitter = {
    kind: "lognormal",
    medianSeconds: scale * jitterMedianSeconds,
    sigma: jitterSigma,
  };
  const pareto: Jitter = {
    kind: "pareto",
    leastSeconds: scale * tail.leastSeconds,
    shape: tail.shape,
    maxSeconds: scale * MAX_TAIL_SECONDS,
  };
  return { kind: "sum", of: [lognormal, sometimes(tail.probability, pareto)] };
}

function detour(probability: number, seconds: number): Jitter {
  return {
    kind: "mixture",
    of: [
      { probability, jitter: { kind: "constant", seconds } },
      {
        probability: Math.min(HALFWAY_PROBABILITY, 1 - probability),
        jitter: { kind: "uniform", maxSeconds: seconds },
      },
    ],
  };
}

function exponential(meanSeconds: number): Jitter {
  return { kind: "exponential", meanSeconds };
}

function sometimes(probability: number, jitter: Jitter): Jitter {
  return { kind: "mixture", of: [{ probability, jitter }] };
}
