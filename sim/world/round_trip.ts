/**
 * One exchange of packets over a path, through whatever is in its way.
 *
 * @module
 */
import { drawDelaySeconds, type OneWay, type Path } from "../path.ts";
import type { Random } from "../random.ts";
import type { Burst } from "./congestion.ts";
import type { Detour } from "./detour.ts";

/** What one exchange spends on its way, s. */
export interface RoundTrip {
  readonly outboundSeconds: number;
  readonly inboundSeconds: number;
}

/** Draws one exchange over `path`; null when it is lost. Draws equally often either way. */
export function drawRoundTrip(
  path: Path,
  burst: Burst | undefined,
  detour: Detour | undefined,
  random: Random,
): RoundTrip | null {
  const isLost = random.uniform() < (burst?.lossProbability ?? 0);
  const out = drawWay(path.outbound, burst?.outboundSeconds ?? 0, random);
  const back = drawWay(path.inbound, burst?.inboundSeconds ?? 0, random);
  if (isLost || out === null || back === null) return null;
  return {
    outboundSeconds: out + (detour?.outboundSeconds ?? 0),
    inboundSeconds: back + (detour?.inboundSeconds ?? 0),
  };
}

function drawWay(way: OneWay, queueSeconds: number, random: Random): number | null {
  const seconds = drawDelaySeconds(way, random);
  const queued = queueSeconds * erlang(random);
  return seconds === null ? null : seconds + queued;
}

/** A queue's length in units of its mean: the sum of two exponentials (Erlang, k = 2). */
function erlang(random: Random): number {
  return random.exponential(0.5) + random.exponential(0.5);
}
