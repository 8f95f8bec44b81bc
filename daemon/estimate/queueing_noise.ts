/**
 * How much a sample's offset scatters given how long it queued, learned while it goes.
 *
 * @module
 */
import { RecentQuantiles } from "./recent_quantiles.ts";

/** Noise of the stamps, s, below which nothing is believed. */
const STAMP_SD_SECONDS = 6e-6;
/** The floor itself has queued by this share of the usual excess. */
const FLOOR_SHARE = 0.06;
/** Variance of the offset per squared excess: at first, and within which limits it is learned. */
const FIRST_SHARE = 0.0625;
const LEAST_SHARE = 4e-4;
const MOST_SHARE = 0.2;
const LEARNING_RATE = 0.03;
/** What an excess far beyond the usual one comes with on top. */
const RARE_SHARE = 0.08;

/** Noise of one path's samples. */
export class QueueingNoise {
  readonly #excesses = new RecentQuantiles();
  #share = FIRST_SHARE;

  /** The usual excess, s. */
  get jitterSeconds(): number {
    return this.#excesses.quantile(0.5);
  }

  get share(): number { return this.#share; }
  /** Variance of a sample that queued for `excessSeconds`, s². */
  variance(excessSeconds: number): number {
    const jitter = this.jitterSeconds;
    const floor = Math.max(STAMP_SD_SECONDS, FLOOR_SHARE * jitter);
    const rare = Math.min(1, (excessSeconds / (5 * jitter + 20e-6)) ** 2);
    return floor ** 2 + (this.#share + RARE_SHARE * rare) * excessSeconds ** 2;
  }

  /** Notes how long a sample queued. */
  notice(excessSeconds: number): void {
    this.#excesses.add(excessSeconds);
  }

  /** Learns from how far a sample lay from where it was expected. */
  learn(excessSeconds: number, residualSeconds: number): void {
    if (excessSeconds <= 0.5 * this.jitterSeconds) return;
    const square = Math.min(residualSeconds ** 2, (0.7 * excessSeconds) ** 2);
    this.#share += LEARNING_RATE * (square / (excessSeconds ** 2 + 1e-15) - this.#share);
    this.#share = Math.min(MOST_SHARE, Math.max(LEAST_SHARE, this.#share));
  }

  /** Forgets what was learned. */
  restart(): void {
    this.#excesses.clear();
    this.#share = FIRST_SHARE;
  }
}
