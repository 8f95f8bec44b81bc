/**
 * Holds the pipeline's own predictions against the measurements that come after them.
 *
 * @module
 */
import type { Estimate, PathBelief, SelectingEstimator } from "../estimate/estimator.ts";
import type { Sample } from "../estimate/sample.ts";
import { Calibration } from "./calibration.ts";
import { type Coverage, CoverageCounter } from "./coverage.ts";
import {
  type PastPrediction,
  rejudge,
  rejudgedResidual,
  residualAt,
  type RetrospectiveMethod,
} from "./retrospective.ts";

/** Predictions are remembered this far apart … */
const SPACING_SECONDS = 1;
/** … and so many of them: as long as a record may be served. */
const MAX_PREDICTIONS = 60;

/** What is known of a sample before the estimator learns of it. */
interface Foresight {
  readonly belief: PathBelief;
  /** What the sample itself scatters by, s². */
  readonly noiseVariance: number;
  readonly inForce: PastPrediction;
  /** Old enough that what it said of now was about to expire. */
  readonly oldest: PastPrediction;
}

/** How the intervals have done so far. */
export interface Honesty {
  /** λ: the identifiable part of sigma is published so many times wider than the estimator has it. */
  readonly scale: number;
  readonly coverage: readonly Coverage[];
  /** By how much past predictions turned out to be off, as far as the method tells: root mean square over the last ones, s. */
  readonly correctionSeconds: number | null;
}

/** Remembers predictions, judges them, calibrates. Bounded memory. */
export class SelfCheck {
  readonly #method: RetrospectiveMethod;
  readonly #calibration = new Calibration();
  readonly #coverage = new CoverageCounter();
  #past: PastPrediction[] = [];
  #inForce: PastPrediction | null = null;
  #sinceSeconds = -Infinity;
  #correctionSeconds: number | null = null;

  constructor(method: RetrospectiveMethod) {
    this.#method = method;
  }

  /** λ to publish with. */
  get scale(): number {
    return this.#calibration.scale;
  }

  /** How the intervals have done so far. */
  get honesty(): Honesty {
    return {
      scale: this.scale,
      coverage: this.#coverage.counts,
      correctionSeconds: this.#correctionSeconds,
    };
  }

  /** This is published from now on: `offsetSeconds` with the uncertainty of `claim`, scaled by λ. */
  promise(offsetSeconds: number, claim: Estimate): void {
    const { atSeconds, frequency } = claim;
    this.#inForce = { atSeconds, offsetSeconds, frequency, claim, scale: this.scale };
    const last = this.#past.at(-1);
    if (last !== undefined && atSeconds - last.atSeconds < SPACING_SECONDS) return;
    this.#past.push(this.#inForce);
    if (this.#past.length > MAX_PREDICTIONS) this.#past.shift();
  }

  /** Lets `learn` teach the estimator `sample`, and judges by it what was predicted before. */
  judge(sample: Sample, estimator: SelectingEstimator, learn: () => void): void {
    const regimes = estimator.regimeChanges;
    const foresight = this.#foresightOf(sample, estimator);
    learn();
    // A server that was shut out since, or that the estimator doubts, says nothing about the clock.
    const isHeard = estimator.pathBelief(sample.source) !== null &&
      estimator.window.find(sample.source)?.doubted.length === 0;
    const hasStepped = estimator.regimeChanges !== regimes;
    if (foresight !== null && (isHeard || hasStepped)) {
      this.#compare(sample, foresight, hasStepped ? null : estimator);
    }
    if (hasStepped) this.forget();
    if (isHeard) this.#sinceSeconds = sample.atSeconds;
  }

  /** What was predicted so far is about a clock that is no more. */
  forget(): void {
    this.#past = [];
    this.#inForce = null;
    this.#sinceSeconds = -Infinity;
  }

  #foresightOf({ source, atSeconds, delaySeconds }: Sample, estimator: SelectingEstimator): Foresight | null {
    const belief = estimator.pathBelief(source);
    const inForce = this.#inForce;
    // An answer that was on its way while others came is no surprise to a prediction made since.
    if (belief === null || inForce === null || atSeconds < inForce.atSeconds) return null;
    const noiseVariance = belief.noiseVariance(delaySeconds);
    return { belief, noiseVariance, inForce, oldest: this.#past[0] ?? inForce };
  }

  /** A step is no fault of the scale: it counts as a miss, without an `estimator` to calibrate. */
  #compare(
    sample: Sample,
    { belief, noiseVariance, inForce, oldest }: Foresight,
    estimator: SelectingEstimator | null,
  ): void {
    const { atSeconds } = sample;
    const measured = { atSeconds, offsetSeconds: sample.offsetSeconds - belief.biasSeconds, noiseVariance };
    const own = residualAt(inForce, measured);
    this.#coverage.observe(own, inForce.scale);
    if (estimator === null) return;
    const sinceSeconds = Math.max(this.#sinceSeconds, oldest.atSeconds);
    const discovery = { atSeconds, sinceSeconds, missingSeconds: own.residualSeconds, noiseVariance };
    const rejudged = rejudge(this.#method, this.#past, discovery, (at) => estimator.estimateAt(at));
    this.#calibration.observe(own, [residualAt(oldest, measured), ...rejudged.map(rejudgedResidual)]);
    if (rejudged.length === 0) return;
    const squares = rejudged.reduce((sum, { correctionSeconds }) => sum + correctionSeconds ** 2, 0);
    this.#correctionSeconds = Math.sqrt(squares / rejudged.length);
  }
}
