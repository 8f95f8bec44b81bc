/**
 * How much a sample's offset scatters given how long it queued, learned while it goes.
 *
 * @module
 */
import { RecentQuantiles } from "./recent_quantiles.ts";

/** Excesses that the quantiles are taken of. */
const EXCESSES = 128;
/** Noise of the stamps, s, below which nothing is believed. */
const STAMP_SD_SECONDS = 1e-6;
/** The fifth least of 128 excesses tells how densely round trips lie above the floor, whatever bursts are under way. */
const GRAIN_RANK = 5;
/** Before any excess is known, the grain is taken for this share of the floor, with the weight of so many samples. */
const PRIOR_GRAIN_SHARE = 0.05;
const PRIOR_WEIGHT = 2;
/** A sample that queued no longer than the floor did scatters by this share of it. */
const FLOOR_NOISE_SHARE = 0.18;
/** Variance of the offset per squared excess: at first, and within which limits it is learned. */
const FIRST_SHARE = 0.0625;
const LEAST_SHARE = 4e-4;
const MOST_SHARE = 0.2;
const LEARNING_RATE = 0.03;
/** No residual counts for more than this share of its excess. */
const MOST_RESIDUAL_SHARE = 0.7;
/** Excesses shorter than this many grains tell nothing about the share. */
const TELLING_GRAINS = 1.5;
/** Excesses beyond this many grains, and what they come with on top: what is rare is not learned soon. */
const RARE_GRAINS = 15;
const RARE_MARGIN_SECONDS = 20e-6;
const RARE_SHARE = 0.1;

/** Noise of one path's samples. */
export class QueueingNoise {
  readonly #excesses = new RecentQuantiles(EXCESSES);
  #share = FIRST_SHARE;
  #floorSeconds = 0;

  /** The usual excess, s. */
  get medianSeconds(): number {
    return this.#excesses.quantile(0.5);
  }

  /** How finely the floor is known, s: the excess of the few best samples. */
  get grainSeconds(): number {
    const { count } = this.#excesses;
    const excess = this.#excesses.ranked(Math.min(GRAIN_RANK, count));
    return (count * excess + PRIOR_WEIGHT * PRIOR_GRAIN_SHARE * this.#floorSeconds) / (count + PRIOR_WEIGHT);
  }

  /** Variance of a sample that queued for `excessSeconds`, s². */
  variance(excessSeconds: number): number {
    const grain = this.grainSeconds;
    const floor = Math.max(STAMP_SD_SECONDS, FLOOR_NOISE_SHARE * grain);
    const rarity = Math.min(1, (excessSeconds / (RARE_GRAINS * grain + RARE_MARGIN_SECONDS)) ** 2);
    return floor ** 2 + (this.#share + RARE_SHARE * rarity) * excessSeconds ** 2;
  }

  /** Notes how long a sample queued, and above which floor. */
  notice(excessSeconds: number, floorSeconds: number): void {
    this.#excesses.add(excessSeconds);
    this.#floorSeconds = floorSeconds;
  }

  /** Learns from how far a sample lay from where it was expected. */
  learn(excessSeconds: number, residualSeconds: number): void {
    if (excessSeconds <= TELLING_GRAINS * this.grainSeconds) return;
    const share = Math.min(MOST_RESIDUAL_SHARE, Math.abs(residualSeconds) / excessSeconds) ** 2;
    this.#share += LEARNING_RATE * (share - this.#share);
    this.#share = Math.min(MOST_SHARE, Math.max(LEAST_SHARE, this.#share));
  }

  /** Forgets what was learned. */
  restart(): void {
    this.#excesses.clear();
    this.#share = FIRST_SHARE;
  }
}
