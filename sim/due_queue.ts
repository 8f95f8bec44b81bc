/**
 * Things that are to happen later, the soonest first.
 *
 * @module
 */

interface Entry<Item> {
  readonly dueNs: bigint;
  /** Order of arrival, so that equal instants leave in the order they came. */
  readonly serial: number;
  readonly item: Item;
}

/** A binary heap of at most `capacity` items ordered by the instant at which each is due. */
export class DueQueue<Item> {
  readonly #heap: Entry<Item>[] = [];
  readonly #capacity: number;
  #serial = 0;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /** How many items wait. */
  get size(): number {
    return this.#heap.length;
  }

  /** When the soonest item is due; null when none waits. */
  get nextDueNs(): bigint | null {
    return this.#heap[0]?.dueNs ?? null;
  }

  /** Takes `item` in; false (and nothing happens) when the queue is full. */
  push(dueNs: bigint, item: Item): boolean {
    if (this.#heap.length >= this.#capacity) return false;
    this.#heap.push({ dueNs, serial: this.#serial++, item });
    this.#siftUp(this.#heap.length - 1);
    return true;
  }

  /** Removes the soonest item if it is due at `nowNs`; null when none is. */
  popDue(nowNs: bigint): Item | null {
    const first = this.#heap[0];
    if (first === undefined || first.dueNs > nowNs) return null;
    const last = this.#heap.pop()!;
    if (last !== first) {
      this.#heap[0] = last;
      this.#siftDown();
    }
    return first.item;
  }

  #siftUp(from: number): void {
    let child = from;
    while (child > 0) {
      const parent = (child - 1) >> 1;
      if (!this.#precedes(child, parent)) return;
      this.#swap(child, parent);
      child = parent;
    }
  }

  #siftDown(): void {
    let parent = 0;
    for (;;) {
      const left = 2 * parent + 1;
      const right = left + 1;
      let soonest = parent;
      if (left < this.#heap.length && this.#precedes(left, soonest)) soonest = left;
      if (right < this.#heap.length && this.#precedes(right, soonest)) soonest = right;
      if (soonest === parent) return;
      this.#swap(parent, soonest);
      parent = soonest;
    }
  }

  #precedes(a: number, b: number): boolean {
    const first = this.#heap[a]!;
    const second = this.#heap[b]!;
    return first.dueNs === second.dueNs ? first.serial < second.serial : first.dueNs < second.dueNs;
  }

  #swap(a: number, b: number): void {
    [this.#heap[a], this.#heap[b]] = [this.#heap[b]!, this.#heap[a]!];
  }
}
