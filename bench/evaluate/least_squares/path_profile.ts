/**
 * How the way to a server has behaved, from its recent round trips.
 *
 * @module
 */
import type { Sample } from "../../../daemon/estimate/sample.ts";

/** How a server's path has behaved. */
export interface PathProfile {
  /** Shortest round trip in the window, s. */
  readonly floorSeconds: number;
  /** What even that one is likely to have queued for, s. */
  readonly unseenSeconds: number;
}

/** The shortest round trips that the floor's own queueing is judged from. */
const SHORTEST = 4;
/** Nothing being known of a path, a quarter of its round trip is taken for queueing, with the weight of this many samples. */
const PRIOR_UNSEEN_SHARE = 0.25;
const PRIOR_WEIGHT = 2;

/**
 * The profile of a path by its samples. What the floor still holds is judged by how rare short round trips are. Where both ways queue (density ∝ excess) the
 * least of many lies above the true floor by 0.84 × the gap between the least and the fourth least, whatever
 * their scale and number; where one way does, by 0.33. Taken as 1 × the gap. There must be a sample.
 */
export function pathProfile(samples: readonly Sample[]): PathProfile {
  const delays = Float64Array.from(samples, ({ delaySeconds }) => delaySeconds).sort();
  const floorSeconds = delays[0] ?? 0;
  const gap = (delays[Math.min(SHORTEST, delays.length) - 1] ?? 0) - floorSeconds;
  const unseenSeconds =
    (delays.length * gap + PRIOR_WEIGHT * PRIOR_UNSEEN_SHARE * floorSeconds / Math.sqrt(delays.length)) /
    (delays.length + PRIOR_WEIGHT);
  return { floorSeconds, unseenSeconds };
}
