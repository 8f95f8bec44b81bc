/**
 * The hunt's writer: publishes as fast as it can until it is killed. Argument: the segment's name. Prints `null` when
 * it publishes.
 *
 * @module
 */
import { OwnedSegment } from "../ffi/shared_memory.ts";
import { RECORD_BYTES, SEQUENCE_WORD } from "../record/layout.ts";
import { blockOf, publishBlock } from "../record/seqlock.ts";
import { printJsonLine } from "./json_line.ts";
import { fillPayload } from "./torn_payload.ts";

/** Some 30 ms: after these it looks whether anybody still wants it, and changes its pace. */
const PUBLICATIONS_PER_STRETCH = 100_000;
/**
 * Longest pause after a publication, in turns of an empty loop. Without any, few reads come to their end; with short
 * random ones (up to half a microsecond) they fall on every part of a write.
 */
const PACES: readonly number[] = [0, 1023];

const [shmName] = Deno.args as [string];
const segment = OwnedSegment.take(shmName, RECORD_BYTES);
const { words } = blockOf(segment.buffer);
const payload = blockOf(new ArrayBuffer(RECORD_BYTES)).words;
const parent = Deno.ppid;
let random = Deno.pid;

publishStretch(0);
printJsonLine(null);
// A bench that dies must not leave a core burning.
while (Deno.ppid === parent) PACES.forEach(publishStretch);

function publishStretch(longestPause: number): void {
  for (let i = 0; i < PUBLICATIONS_PER_STRETCH; i++) {
    fillPayload(payload, (words[SEQUENCE_WORD]! + 2) | 0);
    publishBlock(words, payload);
    // xorshift32
    random ^= random << 13;
    random ^= random >>> 17;
    random ^= random << 5;
    for (let pause = random & longestPause; pause > 0;) pause--;
  }
}
