/**
 * Asks and decodes many times, between marks on standard output. To be run with V8's `--trace-gc`, which reports there
 * whenever memory had to be collected.
 */
import { OwnedSegment } from "../../ffi/shared_memory.ts";
import { ChronoTickClient, type TimeInterval } from "../../mod.ts";
import { RECORD_BYTES } from "../../record/layout.ts";
import { checkRecord, decodeRecord, emptyRecord, encodeRecord } from "../../record/record.ts";
import { blockOf, publishBlock } from "../../record/seqlock.ts";
import { soundRecord } from "../../bench/sound_record.ts";

/** 16 bytes a call, the smallest number in a box, would be 48 MB: more than V8 leaves uncollected. */
const CHUNKS = 100;
const CALLS_PER_CHUNK = 30_000;
const WARM_UP_CHUNKS = 10;

const shmName = `chronotick_test_${crypto.randomUUID().replaceAll("-", "")}`;
using segment = OwnedSegment.take(shmName, RECORD_BYTES);
const shared = blockOf(segment.buffer).words;
const payload = blockOf(new ArrayBuffer(RECORD_BYTES)).words;
const view = new DataView(payload.buffer);
using client = new ChronoTickClient({ shmName });
const interval = { earliest: { seconds: 0, nanoseconds: 0 }, latest: { seconds: 0, nanoseconds: 0 } };
const record = emptyRecord();
/** Where the results go, so that making them cannot be left out. */
const kept: { interval?: TimeInterval } = {};

run("nowInto", (calls) => {
  for (let i = 0; i < calls; i++) client.nowInto(interval);
});
run("decode", (calls) => {
  for (let i = 0; i < calls; i++) {
    decodeRecord(view, record);
    checkRecord(record);
  }
});
run("now", (calls) => {
  for (let i = 0; i < calls; i++) kept.interval = client.now();
});
segment.unlink();

function run(name: string, loop: (calls: number) => void): void {
  runChunks(WARM_UP_CHUNKS, loop);
  print(`\nbegin ${name}\n`);
  runChunks(CHUNKS, loop);
  print(`\nend ${name}\n`);
}

/** Each chunk has a fresh publication, lest it grow stale on a busy machine. */
function runChunks(chunks: number, loop: (calls: number) => void): void {
  for (let chunk = 0; chunk < chunks; chunk++) {
    encodeRecord(soundRecord(), view);
    publishBlock(shared, payload);
    loop(CALLS_PER_CHUNK);
  }
}

function print(text: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(text));
}
