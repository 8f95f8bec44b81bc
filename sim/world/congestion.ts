/**
 * Congestion that comes and goes on the machine's own link.
 *
 * @module
 */
import type { Random, Range } from "../random.ts";

/** Bursts on the machine's own link, which all servers suffer from together. */
export interface CongestionParameters {
  readonly meanSeconds: number;
  readonly meanGapSeconds: number;
  /** Mean queue of an average burst. */
  readonly outboundSeconds: number;
  readonly inboundSeconds: number;
  /** On top of the path's own. */
  readonly lossProbability: number;
}

/** One burst of congestion. */
export interface Burst {
  readonly fromSeconds: number;
  readonly untilSeconds: number;
  /** Mean queues, s. */
  readonly outboundSeconds: number;
  readonly inboundSeconds: number;
  readonly lossProbability: number;
}

const SHORTEST_BURST_SECONDS = 5;
const BURST_SIGMA = 0.5;
/** One direction may have up to this much of an average burst, the other what is left to 2. */
const BURST_SIDE: Range = [0.5, 1.5];

/** Draws the congestion of `seconds` seconds, in order of time. */
export function drawBursts(
  parameters: CongestionParameters | null,
  seconds: number,
  random: Random,
): Burst[] {
  const bursts: Burst[] = [];
  if (parameters === null) return bursts;
  for (let at = random.exponential(parameters.meanGapSeconds); at < seconds;) {
    const untilSeconds = at + SHORTEST_BURST_SECONDS + random.exponential(parameters.meanSeconds);
    const severity = random.lognormal(1, BURST_SIGMA);
    const side = random.between(BURST_SIDE);
    bursts.push({
      fromSeconds: at,
      untilSeconds,
      outboundSeconds: parameters.outboundSeconds * severity * side,
      inboundSeconds: parameters.inboundSeconds * severity * (2 - side),
      lossProbability: parameters.lossProbability,
    });
    at = untilSeconds + random.exponential(parameters.meanGapSeconds);
  }
  return bursts;
}
