import { assert, assertEquals } from "@std/assert";
import { fillPayload, isWhole } from "../../bench/torn_payload.ts";
import { RECORD_BYTES, SEQUENCE_WORD } from "../../record/layout.ts";

const WORDS = RECORD_BYTES / 4;
/** Neighbours, the extremes of 32 bits, and the wrap from the last even number to 0. */
const SEQUENCES = [0, 2, 4, 1000, 0x7ffffffe, -0x80000000, -2];

function publication(sequence: number): Int32Array {
  const words = new Int32Array(WORDS);
  fillPayload(words, sequence);
  words[SEQUENCE_WORD] = sequence;
  return words;
}

Deno.test("a payload is whole under the sequence that it was filled for", () => {
  for (const sequence of SEQUENCES) assert(isWhole(publication(sequence)));
});

Deno.test("a payload with any one word of another publication is not whole", () => {
  for (const mine of SEQUENCES) {
    for (const others of SEQUENCES) {
      for (let word = 0; mine !== others && word < WORDS; word++) {
        const words = publication(mine);
        words[word] = publication(others)[word]!;
        assertEquals(isWhole(words), false, `word ${word} of ${others} in ${mine}`);
      }
    }
  }
});

Deno.test("payloads take bit patterns that a double would not carry: signalling NaNs", () => {
  // High words 0x7ff0_0001 to 0x7ff7_ffff, and the same with the sign: a copy through numbers would quieten them.
  const isSignallingNan = (high: number) => (high & 0x7ff80000) === 0x7ff00000 && (high & 0x7ffff) !== 0;
  let found = 0;
  for (let sequence = 0; sequence < 20_000; sequence += 2) {
    if (publication(sequence).some((word, i) => i % 2 === 1 && isSignallingNan(word))) found++;
  }
  assert(found > 0);
});
