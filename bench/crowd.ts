/**
 * Many readers of one record that is published a thousand times a second.
 *
 * @module
 */
import type { BenchContext } from "./bench_context.ts";
import type { CrowdCount } from "./crowd_child.ts";
import { DenoChild } from "./deno_child.ts";
import type { Figure, Group } from "./figure.ts";
import { LivePublisher } from "./live_publisher.ts";

const READERS: readonly number[] = [1, 2, 4, 8];
const FREQUENCY_HZ = 1000;
const DURATION_MS = { usual: 1000, long: 5000 };

/** Throughput of `nowInto` and retries of copies with 1, 2, 4 and 8 processes. */
export async function measureCrowd({ isLong, progress }: BenchContext): Promise<Group> {
  await using publisher = await LivePublisher.start(FREQUENCY_HZ);
  const durationMs = isLong ? DURATION_MS.long : DURATION_MS.usual;
  const figures: Figure[] = [];
  let alonePerSecond = 0;
  for (const readers of READERS) {
    const processes = readers === 1 ? "1 process" : `${readers} processes`;
    progress.begin(`nowInto() in ${processes} beside a writer at ${FREQUENCY_HZ} Hz`);
    const counts = await readTogether(publisher.shmName, readers, durationMs);
    const perSecond = sum(counts.map((count) => count.nowIntoPerSecond));
    if (readers === 1) alonePerSecond = perSecond;
    const processors = Math.min(readers, navigator.hardwareConcurrency);
    figures.push({
      name: `now_into_${readers}`,
      what: `nowInto(interval), ${processes}`,
      value: perSecond / 1e6,
      unit: "M/s",
      reference: { what: `one alone × ${processors}`, value: (alonePerSecond * processors) / 1e6 },
    }, {
      name: `retries_${readers}`,
      what: "retries per million copies",
      value: (1e6 * sum(counts.map(({ retries }) => retries))) / sum(counts.map(({ copies }) => copies)),
      unit: "",
    });
  }
  const title = `reader processes beside a writer at ${FREQUENCY_HZ} Hz, all together, ${durationMs} ms`;
  return { name: "crowd", title, figures };
}

/** Starts the readers, and lets them go at once when all are warm. */
async function readTogether(shmName: string, readers: number, durationMs: number): Promise<CrowdCount[]> {
  await using children = new AsyncDisposableStack();
  const crowd = Array.from({ length: readers }, () => {
    const module = new URL("./crowd_child.ts", import.meta.url);
    return children.use(new DenoChild<CrowdCount | null>(module, [shmName, durationMs]));
  });
  for (const child of crowd) await child.next();
  await Promise.all(crowd.map((child) => child.endInput()));
  return await Promise.all(crowd.map(async (child) => (await child.last())!));
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
