import { SEQUENCE_WORD } from "../../record/layout.ts";

/** Fills all words so that each follows from the first one: a mixture of two payloads betrays itself. */
export function fillPayload(words: Int32Array, counter: number): void {
  for (let word = 0; word < words.length; word++) {
    words[word] = Math.imul(counter, 2 * word + 1) + word * 0x01000193;
  }
}

/** Whether all words but the sequence number are of one payload. */
export function isWholePayload(words: Int32Array): boolean {
  const [counter] = words;
  for (let word = 0; word < words.length; word++) {
    const expected = (Math.imul(counter!, 2 * word + 1) + word * 0x01000193) | 0;
    if (words[word] !== expected && word !== SEQUENCE_WORD) return false;
  }
  return true;
}
