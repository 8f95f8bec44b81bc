/**
 * The sequence lock around the record: one writer never waits, readers see all of one publication or nothing.
 *
 * The sequence number is odd while a write is under way. The argument for each side stands in PROTOCOL.md.
 *
 * @module
 */
import { RECORD_WORDS, SEQUENCE_WORD } from "./layout.ts";

/**
 * How a processor may reorder accesses to memory. Under `tso` (x86-64) loads are not reordered with loads, so a
 * reader may copy plainly between two atomic loads; under `weak` (arm64) it must load every word atomically.
 */
export type MemoryOrder = "tso" | "weak";

/** The memory order of a processor architecture as `Deno.build.arch` names it. */
export function memoryOrderOf(architecture: string): MemoryOrder {
  return architecture === "x86_64" ? "tso" : "weak";
}

/** The record in shared memory and a private copy of it, each seen as the words and doubles the seqlock needs. */
export interface RecordWords {
  readonly words: Int32Array;
  readonly doubles: Float64Array;
}

/** Views of 128 bytes at the start of `buffer`. */
export function recordWords(buffer: ArrayBufferLike): RecordWords {
  return {
    words: new Int32Array(buffer, 0, RECORD_WORDS),
    doubles: new Float64Array(buffer, 0, RECORD_WORDS / 2),
  };
}

/**
 * Publishes `payload` (its own sequence word is ignored). The sequence goes on from what is there: an odd number left
 * by a writer that was killed half-way stays odd during this write and ends even.
 */
export function publishRecord(shared: Int32Array, payload: Int32Array): void {
  const busy = Atomics.load(shared, SEQUENCE_WORD) | 1;
  Atomics.store(shared, SEQUENCE_WORD, busy);
  for (let word = 0; word < RECORD_WORDS; word++) {
    if (word !== SEQUENCE_WORD) Atomics.store(shared, word, payload[word]!);
  }
  Atomics.store(shared, SEQUENCE_WORD, (busy + 1) | 0);
}

/**
 * Copies one whole publication into `copy`; false when each of `attempts` met a write under way.
 */
export function readRecord(
  shared: RecordWords,
  copy: RecordWords,
  order: MemoryOrder,
  attempts: number,
): boolean {
  for (let attempt = 0; attempt < attempts; attempt++) {
    const before = Atomics.load(shared.words, SEQUENCE_WORD);
    if ((before & 1) !== 0) continue;
    if (order === "tso") copy.doubles.set(shared.doubles);
    else copyAtomically(shared.words, copy.words);
    if (Atomics.load(shared.words, SEQUENCE_WORD) === before) return true;
  }
  return false;
}

function copyAtomically(from: Int32Array, to: Int32Array): void {
  for (let word = 0; word < RECORD_WORDS; word++) to[word] = Atomics.load(from, word);
}
