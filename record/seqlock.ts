/**
 * The sequence lock around the record: one writer never waits, readers see all of one publication or nothing.
 *
 * The sequence number is odd while a write is under way. The argument for each side stands in PROTOCOL.md.
 *
 * @module
 */
import { RECORD_BYTES, SEQUENCE_WORD } from "./layout.ts";

/**
 * How a processor may reorder accesses to memory. Under `tso` (x86-64) loads are not reordered with loads, so a
 * reader may copy plainly between two atomic loads; under `weak` (arm64) it must load every word atomically.
 */
export type MemoryOrder = "tso" | "weak";

/** The memory order of a processor architecture as `Deno.build.arch` names it. */
export function memoryOrderOf(architecture: string): MemoryOrder {
  return architecture === "x86_64" ? "tso" : "weak";
}

/** A block of shared memory, or a private copy of one, as the words and doubles that the seqlock needs. */
export interface Block {
  readonly words: Int32Array;
  readonly doubles: Float64Array;
}

/** The first `byteLength` (a multiple of 8) bytes of `buffer` as a block. */
export function blockOf(buffer: ArrayBufferLike, byteLength: number = RECORD_BYTES): Block {
  return {
    words: new Int32Array(buffer, 0, byteLength / 4),
    doubles: new Float64Array(buffer, 0, byteLength / 8),
  };
}

/**
 * Publishes `payload` (its own sequence word is ignored). The sequence goes on from what is there: an odd number left
 * by a writer that was killed half-way stays odd during this write and ends even.
 */
export function publishBlock(
  shared: Int32Array,
  payload: Int32Array,
  sequenceWord: number = SEQUENCE_WORD,
): void {
  const busy = Atomics.load(shared, sequenceWord) | 1;
  Atomics.store(shared, sequenceWord, busy);
  for (let word = 0; word < payload.length; word++) {
    if (word !== sequenceWord) Atomics.store(shared, word, payload[word]!);
  }
  Atomics.store(shared, sequenceWord, (busy + 1) | 0);
}

/** Copies one whole publication into `copy`; false when each of `attempts` met a write under way. */
export function readBlock(
  shared: Block,
  copy: Block,
  order: MemoryOrder,
  attempts: number,
  sequenceWord: number = SEQUENCE_WORD,
): boolean {
  for (let attempt = 0; attempt < attempts; attempt++) {
    const before = Atomics.load(shared.words, sequenceWord);
    if ((before & 1) !== 0) continue;
    if (order === "tso") copy.doubles.set(shared.doubles);
    else copyAtomically(shared.words, copy.words);
    if (Atomics.load(shared.words, sequenceWord) === before) return true;
  }
  return false;
}

function copyAtomically(from: Int32Array, to: Int32Array): void {
  for (let word = 0; word < to.length; word++) to[word] = Atomics.load(from, word);
}
