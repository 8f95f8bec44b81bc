/**
 * One of the hunt's readers. Arguments: the segment's name, how many reads. Prints its progress about once a second as
 * a line of JSON; the last line is the result.
 *
 * @module
 */
import { Clock, nowNs, sleepUntil } from "../ffi/clocks.ts";
import { AttachedSegment } from "../ffi/shared_memory.ts";
import { RECORD_BYTES, SEQUENCE_WORD } from "../record/layout.ts";
import { type Block, blockOf, memoryOrderOf, readBlock } from "../record/seqlock.ts";
import { printJsonLine } from "./json_line.ts";
import { isWhole } from "./torn_payload.ts";

/** What one reader has seen so far. */
export interface ReaderCount {
  readonly reads: number;
  /** Attempts that met a write and were made again. */
  readonly retries: number;
  /** Reads that mixed two publications. */
  readonly torn: number;
  /** Reads that found another publication than the read before. */
  readonly publications: number;
  readonly seconds: number;
}

/** Some 0.3 ms. */
const ATTEMPTS_PER_LOOK = 1 << 13;
/** With fewer publications in so many attempts, the writer waits for a processor: it gets this one for a moment. */
const LIVELY_PUBLICATIONS = 8;
const YIELD_NS = 200_000n;
const REPORT_MS = 1000;
const STARVED_MS = 30_000;
const MEMORY_ORDER = memoryOrderOf(Deno.build.arch);

const [name, reads] = Deno.args as [string, string];
let lastSequence = 0;
using segment = AttachedSegment.open(name);
for (const count of hunt(blockOf(segment.map(RECORD_BYTES)), Number(reads))) {
  printJsonLine(count);
}

/** Reads until `target` reads have come to their end; yields the counts now and then and at the end. */
function* hunt(shared: Block, target: number): Generator<ReaderCount> {
  const copy = blockOf(new ArrayBuffer(RECORD_BYTES));
  let count: ReaderCount = { reads: 0, retries: 0, torn: 0, publications: 0, seconds: 0 };
  const beganMs = performance.now();
  let reportedMs = beganMs;
  let lastReadMs = beganMs;
  while (count.reads < target) {
    const more = attempt(shared, copy, target - count.reads);
    const nowMs = performance.now();
    if (more.reads > 0) lastReadMs = nowMs;
    if (nowMs - lastReadMs > STARVED_MS) {
      throw new Error(`Cannot read ${name}: for ${STARVED_MS} ms every attempt met a write under way.`);
    }
    count = {
      reads: count.reads + more.reads,
      retries: count.retries + more.retries,
      torn: count.torn + more.torn,
      publications: count.publications + more.publications,
      seconds: (nowMs - beganMs) / 1000,
    };
    if (more.publications < LIVELY_PUBLICATIONS) sleepUntil(nowNs(Clock.MONOTONIC) + YIELD_NS);
    if (count.reads < target && nowMs - reportedMs < REPORT_MS) continue;
    reportedMs = nowMs;
    yield count;
  }
}

/** A bounded number of attempts, one by one, so that retries can be counted. */
function attempt(shared: Block, copy: Block, maxReads: number): Omit<ReaderCount, "seconds"> {
  let reads = 0;
  let retries = 0;
  let torn = 0;
  let publications = 0;
  for (let attempts = 0; attempts < ATTEMPTS_PER_LOOK && reads < maxReads; attempts++) {
    if (!readBlock(shared, copy, MEMORY_ORDER, 1)) {
      retries++;
      continue;
    }
    reads++;
    const sequence = copy.words[SEQUENCE_WORD]!;
    if (sequence !== lastSequence) publications++;
    lastSequence = sequence;
    if (!isWhole(copy.words)) torn++;
  }
  return { reads, retries, torn, publications };
}
