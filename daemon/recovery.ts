/**
 * From the first evidence of a disruption until the clock has been measured anew.
 *
 * @module
 */
import { type DisruptionCounts, type DisruptionReason, endsEstimate, noDisruptions } from "./disruption.ts";
import type { Exchange } from "./sources/measurement.ts";

/** What the estimator made of an exchange. */
export type Opinion = "trusted" | "doubted" | "shown a step";

/** A doubt asks all servers at once, yet not each doubt of a server that jumps about, raw ns. */
const LEAST_BETWEEN_BURSTS_NS = 60_000_000_000n;

/** Says whether the time may be relied upon, and when everybody is to be asked. */
export class Recovery {
  readonly #counts = noDisruptions();
  /** An exchange that began later confirms the time; null when nothing is in doubt. */
  #awaitedAfterRawNs: bigint | null = null;
  /** Exchanges that began before this are of another time. */
  #oldUntilRawNs: bigint | null = null;
  #reason: DisruptionReason | null = null;
  #burstRawNs: bigint | null = null;
  /** Who has confirmed the time since: a liar may answer first. */
  readonly #witnesses = new Set<string>();

  /** Whether nobody may rely on the time yet. */
  get isUnderWay(): boolean {
    return this.#awaitedAfterRawNs !== null;
  }

  /** Whether even the hard bound rests on answers from before; after a step it is made of those since. */
  get voidsBound(): boolean {
    return this.isUnderWay && this.#reason !== "clock_step";
  }

  /** Disruptions so far, by reason. */
  get counts(): DisruptionCounts {
    return { ...this.#counts };
  }

  /** Something happened before `rawNs`. */
  begin(rawNs: bigint, reason: DisruptionReason): void {
    this.#counts[reason]++;
    this.#reason = reason;
    this.#awaitedAfterRawNs = rawNs;
    this.#witnesses.clear();
    if (endsEstimate(reason)) this.#oldUntilRawNs = rawNs;
  }

  /** Whether `exchange` says something of the time since. */
  concerns({ t1RawNs }: Exchange): boolean {
    return this.#oldUntilRawNs === null || t1RawNs > this.#oldUntilRawNs;
  }

  /** So much time has passed: whoever was going to answer has, and those who did are enough if there are any. */
  settle(rawNs: bigint, settleSeconds: number): void {
    if (this.#awaitedAfterRawNs === null || this.#witnesses.size === 0) return;
    if (Number(rawNs - this.#awaitedAfterRawNs) >= settleSeconds * 1e9) this.#awaitedAfterRawNs = null;
  }

  /** An exchange came in; `quorum` sources confirm the time. Returns whether all servers are to be asked at once. */
  hear({ source, t1RawNs, t4RawNs }: Exchange, opinion: Opinion, quorum: number): boolean {
    if (opinion === "shown a step") this.begin(t4RawNs, "clock_step");
    else if (opinion === "trusted") {
      if (this.#awaitedAfterRawNs !== null && t1RawNs > this.#awaitedAfterRawNs) {
        this.#witnesses.add(source);
        if (this.#witnesses.size >= quorum) this.#awaitedAfterRawNs = null;
      }
      return false;
    } else if (this.#burstRawNs !== null && t4RawNs - this.#burstRawNs < LEAST_BETWEEN_BURSTS_NS) {
      return false;
    }
    this.#burstRawNs = t4RawNs;
    return true;
  }
}
