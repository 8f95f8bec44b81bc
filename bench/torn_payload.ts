/**
 * A block whose every word follows from its sequence number: a mixture of two publications betrays itself.
 *
 * @module
 */
import { SEQUENCE_WORD } from "../record/layout.ts";

/** Odd, so that two sequences never give the same word; large, so that words take all bit patterns, NaNs too. */
const SEQUENCE_FACTOR = 0x9e3779b1;
const WORD_FACTOR = 0x85ebca6b;

/** Fills `words` (but for the sequence word) as the publication that will bear `sequence`. */
export function fillPayload(words: Int32Array, sequence: number): void {
  for (let word = 0; word < words.length; word++) words[word] = expectedWord(sequence, word);
}

/** Whether every word of a block that was read belongs to the publication that its sequence word names. */
export function isWhole(words: Int32Array): boolean {
  const sequence = words[SEQUENCE_WORD]!;
  let strayBits = 0;
  for (let word = 0; word < SEQUENCE_WORD; word++) strayBits |= words[word]! ^ expectedWord(sequence, word);
  for (let word = SEQUENCE_WORD + 1; word < words.length; word++) {
    strayBits |= words[word]! ^ expectedWord(sequence, word);
  }
  return strayBits === 0;
}

function expectedWord(sequence: number, word: number): number {
  return (Math.imul(sequence, SEQUENCE_FACTOR) + Math.imul(word, WORD_FACTOR)) | 0;
}
