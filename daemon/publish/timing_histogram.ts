/**
 * Durations counted in buckets of constant relative width, in memory that another thread may read at any time.
 *
 * @module
 */

/** Buckets per doubling: each is about 9 % wide. */
const BUCKETS_PER_OCTAVE = 8;
const SMALLEST_SECONDS = 1e-7;
const OCTAVES = 30;
const BUCKETS = BUCKETS_PER_OCTAVE * OCTAVES;

const COUNT = 0;
const SUM = 1;
const MIN = 2;
const MAX = 3;
const FIRST_BUCKET = 4;

/** Bytes of one histogram. */
export const HISTOGRAM_BYTES: number = 8 * (FIRST_BUCKET + BUCKETS);

/** What the counts say, s; all 0 before the first. */
export interface TimingSummary {
  readonly count: number;
  readonly minSeconds: number;
  readonly meanSeconds: number;
  /** Upper edge of the bucket that holds the 99th percentile. */
  readonly p99Seconds: number;
  readonly maxSeconds: number;
}

/** One writer counts, any thread summarises; 0.1 µs to 100 s. */
export class TimingHistogram {
  readonly #cells: Float64Array;

  /** On `HISTOGRAM_BYTES` bytes of `buffer`, zeroed before the first use. */
  constructor(buffer: ArrayBufferLike, byteOffset = 0) {
    this.#cells = new Float64Array(buffer, byteOffset, FIRST_BUCKET + BUCKETS);
  }

  /** Counts one duration. */
  record(seconds: number): void {
    const cells = this.#cells;
    const isFirst = cells[COUNT] === 0;
    cells[COUNT]! += 1;
    cells[SUM]! += seconds;
    cells[MIN] = isFirst ? seconds : Math.min(cells[MIN]!, seconds);
    cells[MAX] = Math.max(cells[MAX]!, seconds);
    cells[FIRST_BUCKET + bucketOf(seconds)]! += 1;
  }

  /** Mean of all durations, s; 0 before the first. */
  get meanSeconds(): number {
    return this.#cells[COUNT] === 0 ? 0 : this.#cells[SUM]! / this.#cells[COUNT]!;
  }

  /** How many took longer than `seconds`, to the width of a bucket. */
  countAbove(seconds: number): number {
    const above = this.#cells.subarray(FIRST_BUCKET + bucketOf(seconds) + 1);
    return above.reduce((sum, count) => sum + count, 0);
  }

  /** Everything counted so far. */
  summary(): TimingSummary {
    const [count, , min, max] = this.#cells as unknown as [number, number, number, number];
    return {
      count,
      minSeconds: min,
      meanSeconds: this.meanSeconds,
      p99Seconds: Math.min(max, this.#quantile(0.99)),
      maxSeconds: max,
    };
  }

  #quantile(fraction: number): number {
    let remaining = fraction * this.#cells[COUNT]!;
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      remaining -= this.#cells[FIRST_BUCKET + bucket]!;
      if (remaining <= 0) return upperEdgeSeconds(bucket);
    }
    return upperEdgeSeconds(BUCKETS - 1);
  }
}

function bucketOf(seconds: number): number {
  if (!(seconds > SMALLEST_SECONDS)) return 0;
  return Math.min(BUCKETS - 1, Math.floor(Math.log2(seconds / SMALLEST_SECONDS) * BUCKETS_PER_OCTAVE));
}

function upperEdgeSeconds(bucket: number): number {
  return SMALLEST_SECONDS * 2 ** ((bucket + 1) / BUCKETS_PER_OCTAVE);
}
