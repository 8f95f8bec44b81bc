/**
 * Says when what should be rare has become frequent.
 *
 * @module
 */

/** What is counted because it should not happen often; all since the daemon started. */
export interface RareEvents {
  readonly publications: number;
  readonly latePublications: number;
  readonly tornReadRetries: number;
  readonly slowInferences: number;
}

/** How often the counts are to be looked at, s: nothing is said more often. */
export const WATCH_SECONDS = 60;
/** More of them between two looks are worth a warning. */
const MAX_LATE_SHARE = 0.05;
const MAX_TORN_READ_RETRIES = 100;
const MAX_SLOW_INFERENCES = 10;

const NONE: RareEvents = { publications: 0, latePublications: 0, tornReadRetries: 0, slowInferences: 0 };

/** Compares counts with those of the last look. */
export class CounterWatch {
  #before = NONE;

  /** What is worth a warning, one sentence each; to be called every {@linkcode WATCH_SECONDS}. */
  look(now: RareEvents): string[] {
    const before = this.#before;
    this.#before = now;
    return remarksOn(before, now);
  }
}

function remarksOn(before: RareEvents, now: RareEvents): string[] {
  const more = (name: keyof RareEvents) => now[name] - before[name];
  const published = more("publications");
  const remarks: string[] = [];
  if (more("latePublications") > MAX_LATE_SHARE * published) {
    remarks.push(
      `${
        more("latePublications")
      } of ${published} publications in the last minute were more than 1 ms late: ` +
        "the machine is busy. Give the daemon a processor of its own (daemon.cpu_affinity).",
    );
  }
  if (more("tornReadRetries") > MAX_TORN_READ_RETRIES) {
    remarks.push(
      `Reading the record met a write under way ${more("tornReadRetries")} times in the last minute: ` +
        "publications take long. Lower daemon.update_frequency_hz.",
    );
  }
  if (more("slowInferences") > MAX_SLOW_INFERENCES) {
    remarks.push(
      `${more("slowInferences")} answers of the models in the last minute took longer than 10 ms: ` +
        "use smaller models, or none (models.enabled).",
    );
  }
  return remarks;
}
