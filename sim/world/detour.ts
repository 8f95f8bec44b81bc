/**
 * Routes that change: for a while the packets to one server go another, longer way in one direction.
 *
 * @module
 */
import type { Random, Range } from "../random.ts";

/** A change of route, with what is drawn anew for each trace. */
export interface RouteChange {
  /** Counted from the nearest. */
  readonly server: number;
  readonly fromSeconds: Range;
  readonly untilSeconds: Range;
  readonly direction: "outbound" | "inbound";
  readonly extraSeconds: Range;
}

/** A change of route as it happened: what it adds to either direction. */
export interface Detour {
  readonly server: number;
  readonly fromSeconds: number;
  readonly untilSeconds: number;
  readonly outboundSeconds: number;
  readonly inboundSeconds: number;
}

/** Draws what becomes of the routes. */
export function drawDetours(changes: readonly RouteChange[], random: Random): Detour[] {
  return changes.map(({ server, fromSeconds, untilSeconds, direction, extraSeconds }) => {
    const extra = random.between(extraSeconds);
    return {
      server,
      fromSeconds: random.between(fromSeconds),
      untilSeconds: random.between(untilSeconds),
      outboundSeconds: direction === "outbound" ? extra : 0,
      inboundSeconds: direction === "inbound" ? extra : 0,
    };
  });
}
