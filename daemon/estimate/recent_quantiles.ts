/**
 * Quantiles of the last few values.
 *
 * @module
 */

/** Values kept. */
const CAPACITY = 64;

/** The last 64 values in the order of their size; `add` costs one binary search. */
export class RecentQuantiles {
  readonly #arrivals: number[] = [];
  readonly #sorted: number[] = [];

  /** How many values it holds. */
  get count(): number {
    return this.#sorted.length;
  }

  /** Takes a value in; the oldest one makes room. */
  add(value: number): void {
    if (this.#arrivals.length === CAPACITY) {
      this.#sorted.splice(this.#indexOf(this.#arrivals.shift()!), 1);
    }
    this.#arrivals.push(value);
    this.#sorted.splice(this.#indexOf(value), 0, value);
  }

  /** The value below which `share` (0…1) of them lie; 0 without any. */
  quantile(share: number): number {
    return this.#sorted[Math.floor(share * (this.#sorted.length - 1))] ?? 0;
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
