/**
 * What a tick costs, beside other ways to count durably; and the hunt for ticks that come twice.
 *
 * @module
 */
import { createCounter } from "../ticks/create_counter.ts";
import type { BenchContext } from "./bench_context.ts";
import { huntCrashes } from "./crash_hunt.ts";
import { DenoChild } from "./deno_child.ts";
import type { Figure, Group } from "./figure.ts";
import type { TickRate, TickWay } from "./ticks_child.ts";

const DURATION_MS = { usual: 2000, long: 10_000 };
const KILLS = { usual: 2000, long: 10_000 };
/** 5 million a second. */
const GOAL_NS = 200;

/** Times `next()` in one process and in two, stamps, SQLite, and bare writes that are synced. */
export async function measureTicks({ isLong, progress }: BenchContext): Promise<Group> {
  const folder = await Deno.makeTempDir({ prefix: "chronotick-bench-" });
  const nsPerTick = async (way: TickWay, processes: number) => {
    progress.begin(`ticks: ${way} in ${processes === 1 ? "1 process" : `${processes} processes`}`);
    return await countTogether(way, processes, folder, isLong ? DURATION_MS.long : DURATION_MS.usual);
  };
  try {
    createCounter(folder);
    const pwrite = { what: "pwrite + fdatasync", value: await nsPerTick("pwrite", 1) };
    const sqlite = { what: "node:sqlite (WAL, FULL)", value: await nsPerTick("sqlite", 1) };
    const alone = await nsPerTick("next", 1);
    const goal = { of: "value", atMost: GOAL_NS } as const;
    const row = (name: string, what: string, value: number) => ({ name, what, value, unit: "ns" });
    const figures: Figure[] = [
      { ...row("next_1", "next(), one process", alone), reference: pwrite, goal },
      {
        ...row("next_2", "next(), two processes sharing", await nsPerTick("next", 2)),
        reference: { what: "one alone", value: alone },
        goal,
      },
      { ...row("stamp_1", "nextStamped(), one process", await nsPerTick("stamp", 1)), reference: pwrite },
      {
        ...row("stamp_2", "nextStamped(), two processes sharing", await nsPerTick("stamp", 2)),
        reference: sqlite,
      },
      { ...row("sqlite", "node:sqlite (WAL, FULL), one process", sqlite.value), reference: pwrite },
    ];
    const title = "ns per tick, of all processes together, on the file system of the temporary folder";
    return { name: "ticks", title, figures };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Kills processes that count, and crashes the machine, as far as one can on a machine that goes on. */
export async function measureCrashes({ isLong, progress }: BenchContext): Promise<Group> {
  progress.begin("killing processes that count");
  const { kills, crashes, ticks, repeated, reversed, setBack } = await huntCrashes({
    kills: isLong ? KILLS.long : KILLS.usual,
    onProgress: (fraction) => progress.advance(fraction),
  });
  const none = { of: "value", atMost: 0 } as const;
  const faults = [
    { name: "repeated", what: `ticks of all ${ticks} that came twice`, value: repeated },
    {
      name: "reversed",
      what: "ticks below one that was handed out before they were asked for",
      value: reversed,
    },
    { name: "set_back", what: "stamps earlier than one of a lower tick", value: setBack },
  ];
  const found = faults.filter(({ value }) => value > 0).map(({ what, value }) => `${value} ${what}`).join(
    ", ",
  );
  return {
    name: "crash",
    title: `three processes that count, ${kills} kills at random moments, ${crashes} losses of all memory`,
    figures: faults.map((fault) => ({ ...fault, unit: "", goal: none })),
    ...(found !== "" && { fault: `${found}.` }),
  };
}

/** ns per tick of all processes together. */
async function countTogether(
  way: TickWay,
  processes: number,
  folder: string,
  durationMs: number,
): Promise<number> {
  await using children = new AsyncDisposableStack();
  const module = new URL("./ticks_child.ts", import.meta.url);
  const counters = Array.from(
    { length: processes },
    () => children.use(new DenoChild<TickRate | null>(module, [way, folder, durationMs])),
  );
  for (const child of counters) await child.next();
  await Promise.all(counters.map((child) => child.endInput()));
  const rates = await Promise.all(counters.map(async (child) => (await child.last())!));
  return 1e9 / rates.reduce((total, { ticks, seconds }) => total + ticks / seconds, 0);
}
