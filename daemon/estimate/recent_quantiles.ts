/**
 * Quantiles of the last few values.
 *
 * @module
 */

/** The last `capacity` values in the order of their size; `add` costs one binary search. */
export class RecentQuantiles {
  readonly #capacity: number;
  readonly #arrivals: number[] = [];
  readonly #sorted: number[] = [];

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /** How many values it holds. */
  get count(): number {
    return this.#sorted.length;
  }

  /** Takes a value in; the oldest one makes room. */
  add(value: number): void {
    if (this.#arrivals.length === this.#capacity) {
      this.#sorted.splice(this.#indexOf(this.#arrivals.shift()!), 1);
    }
    this.#arrivals.push(value);
    this.#sorted.splice(this.#indexOf(value), 0, value);
  }

  /** The value below which `share` (0…1) of them lie; 0 without any. */
  quantile(share: number): number {
    return this.#sorted[Math.floor(share * (this.#sorted.length - 1))] ?? 0;
  }

  /** The value of that rank, 1 being the least; 0 without one. */
  ranked(rank: number): number {
    return this.#sorted[rank - 1] ?? 0;
  }

  /** Forgets everything. */
  clear(): void {
    this.#arrivals.length = 0;
    this.#sorted.length = 0;
  }

  /** Index of the first value that is not less. */
  #indexOf(value: number): number {
    let low = 0, high = this.#sorted.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#sorted[middle]! < value) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
