/**
 * Which publications are worth telling of: between two of them, readers see a straight line, and one line says it all.
 *
 * @module
 */
import type { ClockReadings } from "./steering.ts";

/** What a publication adds to the prediction that it publishes; posted between threads. */
export interface Publication {
  /** Which prediction, counted from 1. */
  readonly number: number;
  /** Disruptions noticed until then; a prediction that has digested fewer was published as not valid. */
  readonly disruptions: number;
  /** The clocks as the publication restated the prediction on them. */
  readonly clocks: Pick<ClockReadings, "rawNs" | "realtimeNs" | "boottimeNs">;
  /** d(REALTIME)/d(RAW) − 1 as it ran. */
  readonly steeringRate: number;
  /** What the publication put on top of the prediction's hard bound grown to its age, s. */
  readonly allowanceSeconds: number;
}

/** Told to whoever records. */
export interface PublicationReport {
  /** From when on readers saw it, CLOCK_MONOTONIC_RAW. */
  readonly publishedRawNs: bigint;
  readonly publication: Publication;
}

/** CLOCK_REALTIME may be off from where the last telling has it by this much, s, besides what reading it costs. */
const FORESEEN_SECONDS = 0.5e-6;

/** Compares each publication with the last one told of. */
export class PublicationWatch {
  #told: Publication | null = null;
  #toldSpreadNs = 0;

  /**
   * Whether this publication says what could not be foreseen: another prediction, a disruption, or, where readers are
   * served the system clock as it is, that somebody steered it.
   *
   * @param followsRealtime the prediction is on CLOCK_REALTIME itself
   */
  isNews(publication: Publication, spreadNs: number, followsRealtime: boolean): boolean {
    const told = this.#told;
    const isNews = told === null || told.number !== publication.number ||
      told.disruptions !== publication.disruptions ||
      followsRealtime &&
        unforeseenSeconds(told, publication) > FORESEEN_SECONDS + (this.#toldSpreadNs + spreadNs) / 1e9;
    if (isNews) {
      this.#told = publication;
      this.#toldSpreadNs = spreadNs;
    }
    return isNews;
  }
}

/** CLOCK_REALTIME in ns when CLOCK_MONOTONIC_RAW reads `rawNs`, as far as `publication` can tell. */
export function realtimeNsAt({ clocks, steeringRate }: Publication, rawNs: bigint): bigint {
  const elapsedNs = rawNs - clocks.rawNs;
  return clocks.realtimeNs + elapsedNs + BigInt(Math.round(Number(elapsedNs) * steeringRate));
}

function unforeseenSeconds(told: Publication, { clocks }: Publication): number {
  return Math.abs(Number(clocks.realtimeNs - realtimeNsAt(told, clocks.rawNs))) / 1e9;
}
