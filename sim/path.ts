/**
 * The way of a packet through a network: how long it takes, and whether it arrives.
 *
 * @module
 */
import type { Random } from "./random.ts";

/** What is added to a direction's floor, always ≥ 0: queues only ever delay. */
export type Jitter =
  | { readonly kind: "none" }
  | { readonly kind: "exponential"; readonly meanSeconds: number }
  | { readonly kind: "lognormal"; readonly medianSeconds: number; readonly sigma: number };

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
  const lost = random.uniform() < (oneWay.lossProbability ?? 0);
  const seconds = oneWay.delaySeconds + drawJitterSeconds(oneWay.jitter ?? NO_JITTER, random);
  return lost || seconds > MAX_DELAY_SECONDS ? null : BigInt(Math.round(seconds * NANOSECONDS_PER_SECOND));
}

/** @throws {RangeError} a delay or jitter is negative, or a probability outside 0…1 */
export function checkOneWay(oneWay: OneWay): void {
  checkRange("a delay", oneWay.delaySeconds, MAX_DELAY_SECONDS);
  checkRange("a jitter", jitterScaleSeconds(oneWay.jitter ?? NO_JITTER), MAX_DELAY_SECONDS);
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
    case "exponential":
      return random.exponential(jitter.meanSeconds);
    case "lognormal":
      return random.lognormal(jitter.medianSeconds, jitter.sigma);
  }
}

function jitterScaleSeconds(jitter: Jitter): number {
  switch (jitter.kind) {
    case "none":
      return 0;
    case "exponential":
      return jitter.meanSeconds;
    case "lognormal":
      return jitter.medianSeconds;
  }
}
