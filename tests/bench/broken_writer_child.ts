/**
 * A writer that counts its sequence up only once, after the payload, so that no reader sees a write under way.
 * Argument: the segment's name. Prints `null` when it publishes.
 */
import { printJsonLine } from "../../bench/json_line.ts";
import { fillPayload } from "../../bench/torn_payload.ts";
import { OwnedSegment } from "../../ffi/shared_memory.ts";
import { RECORD_BYTES, SEQUENCE_WORD } from "../../record/layout.ts";
import { blockOf } from "../../record/seqlock.ts";

const PUBLICATIONS_PER_LOOK = 100_000;

const [shmName] = Deno.args as [string];
const segment = OwnedSegment.take(shmName, RECORD_BYTES);
const { words } = blockOf(segment.buffer);
const payload = blockOf(new ArrayBuffer(RECORD_BYTES)).words;
const parent = Deno.ppid;

publishOften();
printJsonLine(null);
while (Deno.ppid === parent) publishOften();

function publishOften(): void {
  for (let i = 0; i < PUBLICATIONS_PER_LOOK; i++) {
    const sequence = (words[SEQUENCE_WORD]! + 2) | 0;
    fillPayload(payload, sequence);
    for (let word = 0; word < words.length; word++) {
      if (word !== SEQUENCE_WORD) Atomics.store(words, word, payload[word]!);
    }
    Atomics.store(words, SEQUENCE_WORD, sequence);
  }
}
