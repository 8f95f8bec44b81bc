/**
 * What the first question to a segment costs.
 *
 * @module
 */
import type { BenchContext } from "./bench_context.ts";
import { DenoChild } from "./deno_child.ts";
import type { Group } from "./figure.ts";
import { LivePublisher } from "./live_publisher.ts";
import { median } from "./statistics.ts";

const PROCESSES = { usual: 15, long: 60 };
const FREQUENCY_HZ = 100;

/** Times open + map + first read, cold and warm. */
export async function measureAttach({ isLong, progress }: BenchContext): Promise<Group> {
  progress.begin("attaching");
  await using publisher = await LivePublisher.start(FREQUENCY_HZ);
  const processes = isLong ? PROCESSES.long : PROCESSES.usual;
  const runs: number[][] = [];
  for (let process = 0; process < processes; process++) runs.push(await attachTimesMs(publisher.shmName));
  return {
    name: "attach",
    title: `open, map and first read, median of ${processes} processes`,
    figures: [
      {
        name: "second",
        what: "once libc is loaded: the second in a process",
        value: median(runs.map((run) => run[1]!)),
        unit: "ms",
        goal: { of: "value", atMost: 0.3 },
      },
      {
        name: "first",
        what: "first in a process, loading libc",
        value: median(runs.map((run) => run[0]!)),
        unit: "ms",
      },
      {
        name: "later",
        what: "later in a process",
        value: median(runs.flatMap((run) => run.slice(2))),
        unit: "ms",
      },
    ],
  };
}

async function attachTimesMs(shmName: string): Promise<number[]> {
  await using child = new DenoChild<number[]>(new URL("./attach_child.ts", import.meta.url), [shmName]);
  return await child.last();
}
