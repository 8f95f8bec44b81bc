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

  /** The Schur complement of the server's own unknowns in its normal equations. */
  reduced(prior: PathPrior): Reduced {
    const [o, f] = this.#gains(prior);
    return {
      matrix: {
        xx: this.#weight - o.bias * this.#weight - o.slope * this.#queue,
        xy: this.#time - o.bias * this.#time - o.slope * this.#timeQueue,
        yy: this.#timeTime - f.bias * this.#time - f.slope * this.#timeQueue,
      },
      right: [
        this.#offset - o.bias * this.#offset - o.slope * this.#queueOffset,
        this.#timeOffset - f.bias * this.#offset - f.slope * this.#queueOffset,
      ],
    };
  }

  /** How the reduced right side changes when all of the server's offsets rise by 1 s. */
  biasResponse(prior: PathPrior): readonly [number, number] {
    const [o, f] = this.#gains(prior);
    return [o.bias * prior.biasWeight, f.bias * prior.biasWeight];
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

  /** By how much bias and slope take over what offset (first) and frequency (second) would explain. */
  #gains(prior: PathPrior): readonly [PathFit, PathFit] {
    const { xx, xy, yy } = this.#inverse(prior);
    return [
      { bias: this.#weight * xx + this.#queue * xy, slope: this.#weight * xy + this.#queue * yy },
      { bias: this.#time * xx + this.#timeQueue * xy, slope: this.#time * xy + this.#timeQueue * yy },
    ];
  }
}
