/**
 * One server's samples as the least-squares fit sees them.
 *
 * @module
 */

/** offset + frequency × time. */
export interface Line {
  readonly offset: number;
  readonly frequency: number;
}

/** What sets a server's samples apart from the truth: `bias` + `slope` × queueing. */
export interface PathFit {
  /** s. */
  readonly bias: number;
  /** Share of the queueing by which it shifts the offset: ±½ when all of it is on one way. */
  readonly slope: number;
}

/** Weights (1/variance) of the priors of {@linkcode PathFit}, both around 0. */
export interface PathPrior {
  readonly biasWeight: number;
  readonly slopeWeight: number;
}

/** The part of a symmetric 2×2 matrix that has to be kept. */
export interface Symmetric {
  readonly xx: number;
  readonly xy: number;
  readonly yy: number;
}

/** What a server says of offset and frequency once its own two unknowns are eliminated: normal matrix and right side. */
export interface Reduced {
  readonly matrix: Symmetric;
  readonly right: readonly [number, number];
}

/** Weighted sums over one server's samples; all that the fit needs of them. */
export class ServerSums {
  /** Prior variance of the server's constant bias, s². */
  readonly biasVariance: number;
  #count = 0;
  #weight = 0;
  #time = 0;
  #queue = 0;
  #timeTime = 0;
  #timeQueue = 0;
  #queueQueue = 0;
  #offset = 0;
  #timeOffset = 0;
  #queueOffset = 0;
  #offsetOffset = 0;

  constructor(biasVariance: number) {
    this.biasVariance = biasVariance;
  }

  /** Samples summed. */
  get count(): number {
    return this.#count;
  }

  /** Adds a sample: time and offset from the fit's origin, its queueing, all in s; `weight` is 1/variance. */
  add(weight: number, time: number, queue: number, offset: number): void {
    this.#count++;
    this.#weight += weight;
    this.#time += weight * time;
    this.#queue += weight * queue;
    this.#timeTime += weight * time * time;
    this.#timeQueue += weight * time * queue;
    this.#queueQueue += weight * queue * queue;
    this.#offset += weight * offset;
    this.#timeOffset += weight * time * offset;
    this.#queueOffset += weight * queue * offset;
    this.#offsetOffset += weight * offset * offset;
  }

  /** Bias and slope that fit best, given the line. */
  pathFit(line: Line, prior: PathPrior): PathFit {
    const inverse = this.#inverse(prior);
    const bias = this.#offset - line.offset * this.#weight - line.frequency * this.#time;
    const slope = this.#queueOffset - line.offset * this.#queue - line.frequency * this.#timeQueue;
    return { bias: inverse.xx * bias + inverse.xy * slope, slope: inverse.xy * bias + inverse.yy * slope };
  }

  /**
   * The Schur complement of the server's own unknowns in its normal equations. The bias has the same column as the offset, so
   * for these rows C − C·D⁻¹·G is written as bias weight × D⁻¹: no digits are lost when the samples outweigh the prior.
   */
  reduced(prior: PathPrior): Reduced {
    const { xx, xy, yy } = this.#inverse(prior);
    const bias = this.#time * xx + this.#timeQueue * xy;
    const slope = this.#time * xy + this.#timeQueue * yy;
    return {
      matrix: {
        xx: prior.biasWeight * (this.#weight * xx + this.#queue * xy),
        xy: prior.biasWeight * bias,
        yy: this.#timeTime - bias * this.#time - slope * this.#timeQueue,
      },
      right: [
        prior.biasWeight * (this.#offset * xx + this.#queueOffset * xy),
        this.#timeOffset - bias * this.#offset - slope * this.#queueOffset,
      ],
    };
  }

  /** Weighted sum of squared residuals about the line and the server's own fit. */
  squaredResiduals(line: Line, path: PathFit): number {
    const level = line.offset + path.bias;
    const { frequency } = line;
    const { slope } = path;
    const explained = level * (2 * this.#offset - level * this.#weight) +
      frequency * (2 * this.#timeOffset - frequency * this.#timeTime) +
      slope * (2 * this.#queueOffset - slope * this.#queueQueue) -
      2 * level * (frequency * this.#time + slope * this.#queue) -
      2 * frequency * slope * this.#timeQueue;
    return Math.max(0, this.#offsetOffset - explained);
  }

  #inverse({ biasWeight, slopeWeight }: PathPrior): Symmetric {
    const bias = this.#weight + biasWeight;
    const slope = this.#queueQueue + slopeWeight;
    const determinant = bias * slope - this.#queue * this.#queue;
    return { xx: slope / determinant, xy: -this.#queue / determinant, yy: bias / determinant };
  }
}
