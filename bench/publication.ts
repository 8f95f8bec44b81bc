/**
 * How punctual the publisher is, beside a thread in C that does nothing but sleep and wake.
 *
 * @module
 */
import type { PublisherStatistics } from "../daemon/publish/publisher.ts";
import type { BenchContext } from "./bench_context.ts";
import type { Figure, Group } from "./figure.ts";
import { LivePublisher, type PublisherLoad } from "./live_publisher.ts";
import { median } from "./statistics.ts";

const FREQUENCIES_HZ: readonly number[] = [100, 1000];
const LOADS: readonly PublisherLoad[] = ["idle", "busy"];
const ROUNDS = { usual: 3, long: 9 };
const ROUND_MS = { usual: 4000, long: 10_000 };

/** Lateness of one run, ms. */
interface Lateness {
  readonly min: number;
  readonly mean: number;
  readonly p99: number;
  readonly max: number;
}

interface Round {
  readonly publisher: PublisherStatistics;
  readonly c: Lateness | null;
}

/** Lateness and write times at 100 and 1000 Hz, with and without another thread that computes. */
export async function measurePublication(context: BenchContext): Promise<Group> {
  const rounds = context.isLong ? ROUNDS.long : ROUNDS.usual;
  const roundMs = context.isLong ? ROUND_MS.long : ROUND_MS.usual;
  const figures: Figure[] = [];
  for (const load of LOADS) {
    for (const frequencyHz of FREQUENCIES_HZ) {
      context.progress.begin(`publishing at ${frequencyHz} Hz, ${load}`);
      const results: Round[] = [];
      for (let round = 0; round < rounds; round++) {
        results.push(await measureRound(context, frequencyHz, load, roundMs));
        context.progress.advance((round + 1) / rounds);
      }
      figures.push(...figuresOf(frequencyHz, load, results));
    }
  }
  return {
    name: "publish",
    title:
      `median of ${rounds} runs of ${roundMs} ms, alternating with the reference; busy: another thread ` +
      "of the same process computes all the time",
    figures,
  };
}

async function measureRound(
  { references }: BenchContext,
  frequencyHz: number,
  load: PublisherLoad,
  roundMs: number,
): Promise<Round> {
  const timedSleep = references.path("timed_sleep");
  const c = timedSleep === null ? null : await runReference(timedSleep, frequencyHz, load, roundMs);
  await using publisher = await LivePublisher.start(frequencyHz, load);
  await new Promise((resolve) => setTimeout(resolve, roundMs));
  return { publisher: await publisher.finish(), c };
}

async function runReference(
  path: string,
  frequencyHz: number,
  load: PublisherLoad,
  roundMs: number,
): Promise<Lateness> {
  const args = [String(frequencyHz), String(roundMs / 1000), load === "busy" ? "1" : "0"];
  const { success, stdout } = await new Deno.Command(path, { args }).output();
  if (!success) throw new Error(`Cannot measure: ${path} failed.`);
  const [, ...seconds] = new TextDecoder().decode(stdout).trim().split(" ").map(Number);
  const [min, mean, p99, max] = seconds.map((each) => 1000 * each) as [number, number, number, number];
  return { min, mean, p99, max };
}

function figuresOf(frequencyHz: number, load: PublisherLoad, rounds: readonly Round[]): Figure[] {
  const ms = (pick: (statistics: PublisherStatistics) => number) =>
    1000 * median(rounds.map(({ publisher }) => pick(publisher)));
  const row = (name: string, what: string, value: number) => ({
    name: `${name}_${frequencyHz}_${load}`,
    what: `${frequencyHz} Hz, ${load}: ${what}`,
    value,
    unit: "ms",
  });
  const late = (statistic: keyof Lateness, pick: (statistics: PublisherStatistics) => number): Figure => {
    const inC = rounds.flatMap(({ c }) => c === null ? [] : [c[statistic]]);
    return {
      ...row(`lateness_${statistic}`, `lateness ${statistic}`, ms(pick)),
      ...(inC.length > 0 && { reference: { what: "C clock_nanosleep", value: median(inC) } }),
    };
  };
  return [
    late("min", ({ lateness }) => lateness.minSeconds),
    late("mean", ({ lateness }) => lateness.meanSeconds),
    { ...late("p99", ({ lateness }) => lateness.p99Seconds), goal: { of: "value", atMost: 0.25 } },
    late("max", ({ lateness }) => lateness.maxSeconds),
    row("write_mean", "write time mean", ms(({ writeTime }) => writeTime.meanSeconds)),
    row("write_p99", "write time p99", ms(({ writeTime }) => writeTime.p99Seconds)),
  ];
}
