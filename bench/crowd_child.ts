/**
 * One of several readers of a live record. Arguments: the segment's name, ms to measure. Prints `null` when it is warm,
 * waits until standard input ends, and prints what it measured.
 *
 * @module
 */
import { AttachedSegment } from "../ffi/shared_memory.ts";
import { ChronoTickClient } from "../mod.ts";
import { RECORD_BYTES } from "../record/layout.ts";
import { blockOf, memoryOrderOf, readBlock } from "../record/seqlock.ts";
import { printJsonLine } from "./json_line.ts";

/** What one reader of the crowd measured. */
export interface CrowdCount {
  readonly nowIntoPerSecond: number;
  /** Whole records copied, and the attempts that met a write. */
  readonly copies: number;
  readonly retries: number;
}

const CALLS_PER_LOOK = 1000;
const WARM_UP_MS = 200;
const MEMORY_ORDER = memoryOrderOf(Deno.build.arch);

const [shmName, durationMs] = Deno.args as [string, string];
using client = new ChronoTickClient({ shmName });
using segment = AttachedSegment.open(shmName);
const shared = blockOf(segment.map(RECORD_BYTES));
const copy = blockOf(new ArrayBuffer(RECORD_BYTES));
const interval = { earliest: { seconds: 0, nanoseconds: 0 }, latest: { seconds: 0, nanoseconds: 0 } };

nowIntoPerSecond(WARM_UP_MS);
copyAll(WARM_UP_MS);
printJsonLine(null);
await Deno.stdin.read(new Uint8Array(1));
printJsonLine(
  {
    nowIntoPerSecond: nowIntoPerSecond(Number(durationMs)),
    ...copyAll(Number(durationMs)),
  } satisfies CrowdCount,
);

function nowIntoPerSecond(durationMs: number): number {
  const beganMs = performance.now();
  let calls = 0;
  let elapsedMs = 0;
  while (elapsedMs < durationMs) {
    for (let i = 0; i < CALLS_PER_LOOK; i++) client.nowInto(interval);
    calls += CALLS_PER_LOOK;
    elapsedMs = performance.now() - beganMs;
  }
  return (calls * 1000) / elapsedMs;
}

/** `nowInto` does not tell of its retries: the same copy, one attempt at a time. */
function copyAll(durationMs: number): { copies: number; retries: number } {
  const endMs = performance.now() + durationMs;
  let copies = 0;
  let retries = 0;
  while (performance.now() < endMs) {
    for (let i = 0; i < CALLS_PER_LOOK; i++) {
      if (readBlock(shared, copy, MEMORY_ORDER, 1)) copies++;
      else retries++;
    }
  }
  return { copies, retries };
}
