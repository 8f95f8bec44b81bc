/**
 * What a process was handed out, kept where its death cannot take it: in a mapped file.
 *
 * @module
 */
import { FileDescriptor, OpenFlag } from "../ffi/files.ts";
import { Mapping } from "../ffi/mapping.ts";

/** No journal has more entries than that; who fills it waits for the end. */
const JOURNAL_ENTRIES = 1024;
/** How many entries count. */
const COUNT = 0;
const FIRST_ENTRY = 8;
const WORDS_PER_ENTRY = 5;
const BYTES = 8 * (FIRST_ENTRY + WORDS_PER_ENTRY * JOURNAL_ENTRIES);
const FILE_MODE = 0o600;

/** Ticks that one call handed out. */
export interface JournalEntry {
  readonly first: bigint;
  readonly count: bigint;
  /** CLOCK_MONOTONIC before the call, ns. */
  readonly askedNs: bigint;
  /** CLOCK_MONOTONIC after it, ns. */
  readonly givenNs: bigint;
  /** The time that the tick carries, Unix ns; 0n for one without. */
  readonly utcNs: bigint;
}

/** A journal, empty when it is opened for the first time. */
export class TickJournal implements Disposable {
  readonly #file: FileDescriptor;
  readonly #mapping: Mapping;
  readonly #words: BigUint64Array<ArrayBuffer>;

  /** Opens or makes the file. */
  constructor(path: string) {
    this.#file = FileDescriptor.open(path, OpenFlag.RDWR | OpenFlag.CREAT, FILE_MODE);
    this.#file.allocate(BYTES);
    this.#mapping = new Mapping(this.#file, BYTES, "readwrite", `map ${path}`);
    this.#words = new BigUint64Array(this.#mapping.buffer);
  }

  /** How many entries there are. */
  get length(): number {
    return Number(Atomics.load(this.#words, COUNT));
  }

  /** Whether nothing more can be added. */
  get isFull(): boolean {
    return this.length >= JOURNAL_ENTRIES;
  }

  /** Adds an entry; one that is not whole when the process dies does not count. */
  add({ first, count, askedNs, givenNs, utcNs }: JournalEntry): void {
    this.#words.set([first, count, askedNs, givenNs, utcNs], FIRST_ENTRY + WORDS_PER_ENTRY * this.length);
    Atomics.add(this.#words, COUNT, 1n);
  }

  /** Takes all entries out. */
  take(): JournalEntry[] {
    const entries = Array.from({ length: this.length }, (_, i) => {
      const start = FIRST_ENTRY + WORDS_PER_ENTRY * i;
      const [first, count, askedNs, givenNs, utcNs] = this.#words.subarray(start, start + WORDS_PER_ENTRY);
      return { first: first!, count: count!, askedNs: askedNs!, givenNs: givenNs!, utcNs: utcNs! };
    });
    this.#words[COUNT] = 0n;
    return entries;
  }

  /** Unmaps and closes. */
  [Symbol.dispose](): void {
    this.#mapping[Symbol.dispose]();
    this.#file[Symbol.dispose]();
  }
}
