/**
 * The way of a packet through a network: how long it takes, and whether it arrives.
 *
 * @module
 */
import type { Random } from "./random.ts";

/** What is added to a direction's floor, always ≥ 0: queues only ever delay. */
export type Jitter =
  | { readonly kind: "none" }
  | { readonly kind: "constant"; readonly seconds: number }
  | { readonly kind: "uniform"; readonly maxSeconds: number }
  | { readonly kind: "exponential"; readonly meanSeconds: number }
  | { readonly kind: "lognormal"; readonly medianSeconds: number; readonly sigma: number }
  /** A heavy tail: P(more than s) = (least/s)^shape, cut off at `maxSeconds`. */
  | {
    readonly kind: "pareto";
    readonly leastSeconds: number;
    readonly shape: number;
    readonly maxSeconds: number;
  }
  /** All of them, one after the other. */
  | { readonly kind: "sum"; readonly of: readonly Jitter[] }
  /** One of them, each with its probability; nothing with what these leave to 1. */
  | {
    readonly kind: "mixture";
    readonly of: readonly { readonly probability: number; readonly jitter: Jitter }[];
  };

/** One direction. */
export interface OneWay {
  /** The shortest time a packet takes, s. */
  readonly delaySeconds: number;
  /** None unless given. */
  readonly jitter?: Jitter;
  /** 0 (unless given) to 1. */
  readonly lossProbability?: number;
}

/** Both directions as the client sees them: outbound is towards the server. */
export interface Path {
  readonly outbound: OneWay;
  readonly inbound: OneWay;
}

const NANOSECONDS_PER_SECOND = 1e9;
const NO_JITTER: Jitter = { kind: "none" };
/** Of a sum of some probabilities. */
const ROUNDING = 1e-12;
/** A packet that takes longer has been lost. */
export const MAX_DELAY_SECONDS = 60;

/**
 * Both directions alike but for their floors: outbound takes `asymmetrySeconds` longer than inbound, which a client
 * cannot see and which shifts what it measures by half of it.
 */
export function symmetricPath(oneWay: OneWay, asymmetrySeconds = 0): Path {
  return {
    outbound: { ...oneWay, delaySeconds: oneWay.delaySeconds + asymmetrySeconds / 2 },
    inbound: { ...oneWay, delaySeconds: oneWay.delaySeconds - asymmetrySeconds / 2 },
  };
}

/** The time one packet takes in ns; null when it is lost. Draws equally often either way. */
export function drawDelayNs(oneWay: OneWay, random: Random): bigint | null {
  const seconds = drawDelaySeconds(oneWay, random);
  return seconds === null ? null : BigInt(Math.round(seconds * NANOSECONDS_PER_SECOND));
}

/** As {@linkcode drawDelayNs}, in seconds. */
export function drawDelaySeconds(oneWay: OneWay, random: Random): number | null {
  const lost = random.uniform() < (oneWay.lossProbability ?? 0);
  const seconds = oneWay.delaySeconds + drawJitterSeconds(oneWay.jitter ?? NO_JITTER, random);
  return lost || seconds > MAX_DELAY_SECONDS ? null : seconds;
}

/** @throws {RangeError} a delay or jitter is negative, or a probability outside 0…1 */
export function checkOneWay(oneWay: OneWay): void {
  checkRange("a delay", oneWay.delaySeconds, MAX_DELAY_SECONDS);
  checkJitter(oneWay.jitter ?? NO_JITTER);
  checkRange("a loss probability", oneWay.lossProbability ?? 0, 1);
}

/** @throws {RangeError} `value` is not from 0 to `highest` */
export function checkRange(what: string, value: number, highest: number): void {
  if (value >= 0 && value <= highest) return;
  throw new RangeError(`Cannot simulate ${what} of ${value}: it must be from 0 to ${highest}.`);
}

function drawJitterSeconds(jitter: Jitter, random: Random): number {
  switch (jitter.kind) {
    case "none":
      return 0;
    case "constant":
      return jitter.seconds;
    case "uniform":
      return jitter.maxSeconds * random.uniform();
    case "exponential":
      return random.exponential(jitter.meanSeconds);
    case "lognormal":
      return random.lognormal(jitter.medianSeconds, jitter.sigma);
    case "pareto":
      return Math.min(jitter.maxSeconds, random.pareto(jitter.leastSeconds, jitter.shape));
    case "sum":
      return jitter.of.reduce((seconds, part) => seconds + drawJitterSeconds(part, random), 0);
    case "mixture":
      return drawJitterSeconds(drawPart(jitter.of, random), random);
  }
}

type Mixture = Extract<Jitter, { kind: "mixture" }>["of"];

function drawPart(parts: Mixture, random: Random): Jitter {
  let left = random.uniform();
  for (const { probability, jitter } of parts) {
    if (left < probability) return jitter;
    left -= probability;
  }
  return NO_JITTER;
}

function checkJitter(jitter: Jitter): void {
  if (jitter.kind === "sum") return jitter.of.forEach(checkJitter);
  if (jitter.kind === "mixture") return checkMixture(jitter.of);
  checkRange("a jitter", jitterScaleSeconds(jitter), MAX_DELAY_SECONDS);
}

function checkMixture(parts: Mixture): void {
  const total = parts.reduce((sum, { probability }) => sum + checkedProbability(probability), 0);
  checkRange("a mixture whose probabilities add up to a total", total, 1 + ROUNDING);
  for (const { jitter } of parts) checkJitter(jitter);
}

function checkedProbability(probability: number): number {
  checkRange("a probability", probability, 1);
  return probability;
}

function jitterScaleSeconds(jitter: Exclude<Jitter, { kind: "sum" | "mixture" }>): number {
  switch (jitter.kind) {
    case "none":
      return 0;
    case "constant":
      return jitter.seconds;
    case "uniform":
    case "pareto":
      return jitter.maxSeconds;
    case "exponential":
      return jitter.meanSeconds;
    case "lognormal":
      return jitter.medianSeconds;
  }
}
