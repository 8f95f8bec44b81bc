/**
 * The hunt for torn reads: a writer at full speed, readers in other processes, every read checked.
 *
 * @module
 */
import { OwnedSegment } from "../ffi/shared_memory.ts";
import { RECORD_BYTES } from "../record/layout.ts";
import type { BenchContext } from "./bench_context.ts";
import { DenoChild } from "./deno_child.ts";
import type { Figure, Group } from "./figure.ts";
import { randomShmName } from "./live_publisher.ts";
import type { ReaderCount } from "./torn_reader_child.ts";

const READS = { usual: 1e8, long: 1e9 };
const READERS: readonly number[] = [1, 2, 4, 8];
const HONEST_WRITER = new URL("./torn_writer_child.ts", import.meta.url);

/** How to hunt. */
export interface HuntOptions {
  readonly readers: number;
  /** Of all readers together. */
  readonly reads: number;
  /** A module that publishes payloads under the name in its argument and prints a line when it does. */
  readonly writer?: URL;
  /** Of the segment to hunt in; a random one unless given. */
  readonly shmName?: string;
  readonly onProgress?: (fraction: number) => void;
}

/** What all readers of a hunt saw. */
export interface HuntResult {
  readonly reads: number;
  /** Attempts that met a write and were made again. */
  readonly retries: number;
  /** Reads that mixed two publications. */
  readonly torn: number;
  /** Reads that found another publication than the same reader's read before. */
  readonly publications: number;
  /** Of all readers together. */
  readonly readsPerSecond: number;
}

/** Hunts with 1, 2, 4 and 8 readers. */
export async function measureTornReads({ isLong, progress }: BenchContext): Promise<Group> {
  const total = isLong ? READS.long : READS.usual;
  const figures: Figure[] = [];
  let torn = 0;
  for (const readers of READERS) {
    progress.begin(`hunting torn reads with ${readers} ${readers === 1 ? "reader" : "readers"}`);
    const result = await huntTornReads({
      readers,
      reads: total / READERS.length,
      onProgress: (fraction) => progress.advance(fraction),
    });
    torn += result.torn;
    figures.push(...figuresOf(readers, result));
  }
  figures.push({
    name: "torn",
    what: `torn reads of all ${total}`,
    value: torn,
    unit: "",
    goal: { of: "value", atMost: 0 },
  });
  const title =
    "reads beside a writer at full speed, with and without random pauses; every word of every read checked";
  return { name: "torn", title, figures, ...(torn > 0 && { fault: `${torn} torn reads.` }) };
}

function figuresOf(readers: number, result: HuntResult): Figure[] {
  const row = (name: string, what: string, value: number, unit: string) => ({
    name: `${name}_${readers}`,
    what: `${readers} ${readers === 1 ? "reader" : "readers"}: ${what}`,
    value,
    unit,
  });
  return [
    row("reads", "reads", result.readsPerSecond / 1e6, "M/s"),
    row("retries", "retries per read", result.retries / result.reads, ""),
    row("publications", "reads of another publication", (100 * result.publications) / result.reads, "%"),
  ];
}

/** Starts the writer and the readers, and waits for the readers' end. */
export async function huntTornReads(options: HuntOptions): Promise<HuntResult> {
  const { readers, reads, writer = HONEST_WRITER, shmName = randomShmName(), onProgress = () => {} } =
    options;
  try {
    await using child = new DenoChild<null>(writer, [shmName]);
    await child.next();
    const counts = new Array<ReaderCount | undefined>(readers).fill(undefined);
    const share = Math.ceil(reads / readers);
    await Promise.all(counts.map(async (_, i) => {
      const module = new URL("./torn_reader_child.ts", import.meta.url);
      await using reader = new DenoChild<ReaderCount>(module, [shmName, share]);
      await reader.last((count) => {
        counts[i] = count;
        onProgress(sum(counts.map((each) => each?.reads ?? 0)) / (share * readers));
      });
    }));
    return resultOf(counts as ReaderCount[]);
  } finally {
    removeRemains(shmName);
  }
}

function resultOf(counts: readonly ReaderCount[]): HuntResult {
  return {
    reads: sum(counts.map(({ reads }) => reads)),
    retries: sum(counts.map(({ retries }) => retries)),
    torn: sum(counts.map(({ torn }) => torn)),
    publications: sum(counts.map(({ publications }) => publications)),
    readsPerSecond: sum(counts.map(({ reads, seconds }) => reads / seconds)),
  };
}

/** The writer was killed in the middle of its work: takes its segment over, as the next daemon would. */
function removeRemains(shmName: string): void {
  using remains = OwnedSegment.take(shmName, RECORD_BYTES);
  remains.unlink();
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
