/**
 * How many sources must have spoken before anybody is believed: a liar who answers first would be alone for a moment.
 *
 * @module
 */

/** Whom the pipeline waits for. */
export interface Settling {
  /** How many sources better than the system clock are configured. */
  readonly sources: number;
  /** For how long it waits for more than half of them. */
  readonly settleSeconds: number;
}

/** Sources that can outvote the others. */
export function quorumOf(sources: number): number {
  return Math.floor(sources / 2) + 1;
}

/** Whether `heard` sources are enough `atSeconds` after the start, because they are a quorum or all had their time. */
export function isSettled({ sources, settleSeconds }: Settling, atSeconds: number, heard: number): boolean {
  return atSeconds >= settleSeconds || heard >= quorumOf(sources);
}
