/**
 * Times the read side on one processor, and between its own rounds the C reference on the same one. Arguments: how
 * many rounds, and the path of the compiled reference, if there is one. Prints the ns of each round.
 *
 * @module
 */
import { ChronoTickClient, type TimeInterval } from "../mod.ts";
import { allowedProcessors, pinProcess } from "../ffi/affinity.ts";
import { Clock, Timespec } from "../ffi/clocks.ts";
import { libc } from "../ffi/libc.ts";
import { OwnedSegment } from "../ffi/shared_memory.ts";
import { RECORD_BYTES, SEQUENCE_WORD } from "../record/layout.ts";
import { checkRecord, decodeRecord, emptyRecord, encodeRecord } from "../record/record.ts";
import { blockOf, memoryOrderOf, publishBlock, readBlock } from "../record/seqlock.ts";
import { printJsonLine } from "./json_line.ts";
import { soundRecord } from "./sound_record.ts";
import { quickestNs } from "./statistics.ts";

/** ns of each round, by what was timed; `c` is empty without a C reference. */
export type ReadCosts = Record<"c" | keyof typeof loops, number[]>;

/** Short enough to pass between two interruptions, long enough that reading the clock does not count. */
const CALLS = 10_000;
const BATCHES = 7;
/** V8 has settled by then. */
const WARM_UP_ROUNDS = 5;
const READ_ATTEMPTS = 64;
const MEMORY_ORDER = memoryOrderOf(Deno.build.arch);

const [rounds, cClockRead] = Deno.args as [string, string | undefined];
const shmName = `chronotick_bench_${Deno.pid}`;
using segment = OwnedSegment.take(shmName, RECORD_BYTES);
const shared = blockOf(segment.buffer);
const payload = blockOf(new ArrayBuffer(RECORD_BYTES));
const payloadView = new DataView(payload.words.buffer);
const copy = blockOf(new ArrayBuffer(RECORD_BYTES));
const copyView = new DataView(copy.words.buffer);
const record = emptyRecord();
const timespec = new Timespec();
const clockGettime = libc.clock_gettime;
const interval = { earliest: { seconds: 0, nanoseconds: 0 }, latest: { seconds: 0, nanoseconds: 0 } };
/** Where results go, so that making them cannot be left out. */
const kept: { interval?: TimeInterval; time?: unknown } = {};
using client = new ChronoTickClient({ shmName });

const loops = {
  ffi(calls: number): void {
    for (let i = 0; i < calls; i++) clockGettime(Clock.BOOTTIME, timespec.pointer);
  },
  nowInto(calls: number): void {
    for (let i = 0; i < calls; i++) client.nowInto(interval);
  },
  now(calls: number): void {
    for (let i = 0; i < calls; i++) kept.interval = client.now();
  },
  getTime(calls: number): void {
    for (let i = 0; i < calls; i++) kept.time = client.getTime();
  },
  decode(calls: number): void {
    for (let i = 0; i < calls; i++) {
      readBlock(shared, copy, MEMORY_ORDER, READ_ATTEMPTS);
      decodeRecord(copyView, record);
      checkRecord(record);
    }
  },
  nowIntoAfterChange(calls: number): void {
    for (let i = 0; i < calls; i++) {
      shared.words[SEQUENCE_WORD]! += 2;
      client.nowInto(interval);
    }
  },
  publication(calls: number): void {
    for (let i = 0; i < calls; i++) {
      encodeRecord(record, payloadView);
      publishBlock(shared.words, payload.words);
    }
  },
};

pinProcess(allowedProcessors().slice(-1));
const costs = Object.fromEntries(
  ["c", ...Object.keys(loops)].map((name) => [name, [] as number[]]),
) as ReadCosts;
for (let round = -WARM_UP_ROUNDS; round < Number(rounds); round++) {
  for (const name of Object.keys(loops) as (keyof typeof loops)[]) {
    publishNow();
    const ns = quickestNs(loops[name], CALLS, BATCHES);
    if (round >= 0) costs[name].push(ns);
  }
  if (cClockRead !== undefined && round >= 0) costs.c.push(cReferenceNs(cClockRead));
}
printJsonLine(costs);
segment.unlink();

/** Every loop begins with a publication of its own, as it would beside a daemon. */
function publishNow(): void {
  encodeRecord(soundRecord(), payloadView);
  publishBlock(shared.words, payload.words);
}

/** The C program inherits this process's processor. */
function cReferenceNs(path: string): number {
  const { stdout } = new Deno.Command(path, { args: [String(CALLS), String(BATCHES)] }).outputSync();
  return Number(new TextDecoder().decode(stdout));
}
