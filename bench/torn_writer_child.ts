/**
 * The hunt's writer: publishes as fast as it can until it is killed. Argument: the segment's name.
 *
 * @module
 */
import { print } from "../cli/run_command.ts";
import { OwnedSegment } from "../ffi/shared_memory.ts";
import { RECORD_BYTES, SEQUENCE_WORD } from "../record/layout.ts";
import { blockOf, publishBlock } from "../record/seqlock.ts";
import { fillPayload } from "./torn_payload.ts";

/** Between two looks at whether anybody still wants them: some 30 ms. */
const PUBLICATIONS_PER_LOOK = 100_000;

const [name] = Deno.args as [string];
const segment = OwnedSegment.take(name, RECORD_BYTES);
const { words } = blockOf(segment.buffer);
const payload = blockOf(new ArrayBuffer(RECORD_BYTES)).words;
const parent = Deno.ppid;
let announced = false;

// A bench that dies must not leave a core burning.
while (Deno.ppid === parent) {
  for (let i = 0; i < PUBLICATIONS_PER_LOOK; i++) {
    fillPayload(payload, (words[SEQUENCE_WORD]! + 2) | 0);
    publishBlock(words, payload);
  }
  if (!announced) print("publishing\n");
  announced = true;
}
