/**
 * What a tick from a cluster costs, beside a bare write of the same cluster.
 *
 * @module
 */
import { EtcdCluster, NoEtcdError } from "../sim/etcd_cluster.ts";
import { EtcdAuthority } from "../ticks/etcd_authority.ts";
import type { BenchContext } from "./bench_context.ts";
import type { Figure, Group } from "./figure.ts";
import type { Progress } from "./progress.ts";
import { median } from "./statistics.ts";

const ROUNDS = { usual: 200, long: 2000 };
const WARMUP_ROUNDS = 100;
/** Calls that wait at the same time. */
const CROWD = 64;
/** Authorities that share a counter. */
const RIVALS = 4;
const BLOCK = 1000;

/** One figure: a piece of work, and the bare writes that it is held against. */
interface Case {
  readonly name: string;
  readonly what: string;
  /** Hands out `ticks` ticks. */
  readonly work: () => Promise<unknown>;
  readonly ticks: number;
  /** How many bare writes are made at once; 1 unless given. */
  readonly puts?: number;
}

/** Starts a cluster of three members on loopback and counts in it. */
export async function measureEtcd({ isLong, progress }: BenchContext): Promise<Group> {
  progress.begin("ticks from an etcd cluster");
  const rounds = isLong ? ROUNDS.long : ROUNDS.usual;
  const title = "µs per tick from three etcd members on loopback, median of " +
    `${rounds} rounds that alternate with the reference`;
  try {
    await using cluster = await EtcdCluster.start();
    await using stack = new AsyncDisposableStack();
    const cases = await openCases(cluster, stack);
    return { name: "etcd", title, figures: await measureCases(cases, cluster.hosts[0]!, rounds, progress) };
  } catch (error) {
    if (!(error instanceof NoEtcdError)) throw error;
    return { name: "etcd", title: `not measured: ${error.message}`, figures: [] };
  }
}

async function openCases(cluster: EtcdCluster, stack: AsyncDisposableStack): Promise<Case[]> {
  const open = async (settings = "") =>
    stack.use(await EtcdAuthority.open(cluster.address("bench") + settings, { create: true }));
  const authority = await open();
  const rivals = [authority, await open(), await open(), await open()];
  const inBlocks = await open(`?block=${BLOCK}`);
  return [
    { name: "one_by_one", what: "next() one by one", work: () => authority.next(), ticks: 1 },
    {
      name: "stamped",
      what: "nextStamped() one by one",
      work: () => authority.nextStamped(BigInt(Date.now()) * 1_000_000n),
      ticks: 1,
    },
    {
      name: "at_once",
      what: `next() of ${CROWD} callers at once`,
      work: () => Promise.all(Array.from({ length: CROWD }, () => authority.next())),
      ticks: CROWD,
      puts: CROWD,
    },
    {
      name: "rivals",
      what: `next() of ${RIVALS} authorities, each one by one`,
      work: () => Promise.all(rivals.map((rival) => rival.next())),
      ticks: RIVALS,
      puts: RIVALS,
    },
    {
      name: "reserved",
      what: `next() one by one with ?block=${BLOCK}`,
      work: async () => {
        for (let i = 0; i < BLOCK; i++) await inBlocks.next();
      },
      ticks: BLOCK,
    },
  ];
}

async function measureCases(
  cases: readonly Case[],
  host: string,
  rounds: number,
  progress: Progress,
): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const { name, what, work, ticks, puts = 1 } of cases) {
    const write = () => Promise.all(Array.from({ length: puts }, () => barePut(host)));
    const workUs: number[] = [];
    const writeUs: number[] = [];
    for (let round = -WARMUP_ROUNDS; round < rounds; round++) {
      const times = [await timeUs(work) / ticks, await timeUs(write) / puts] as const;
      if (round < 0) continue;
      workUs.push(times[0]);
      writeUs.push(times[1]);
    }
    const asked = puts === 1 ? "one by one" : `${puts} at once`;
    const reference = { what: `gateway put with prev_kv, ${asked}`, value: median(writeUs) };
    figures.push({ name, what, value: median(workUs), unit: "µs", reference });
    progress.advance(figures.length / cases.length);
  }
  return figures;
}

async function timeUs(work: () => Promise<unknown>): Promise<number> {
  const beganMs = performance.now();
  await work();
  return (performance.now() - beganMs) * 1e3;
}

/** The least that a durable number from etcd can cost: the version of a key that is written. */
async function barePut(host: string): Promise<void> {
  const response = await fetch(`http://${host}/v3/kv/put`, {
    method: "POST",
    body: JSON.stringify({ key: btoa("/chronotick/bench"), value: btoa("tick"), prev_kv: true }),
  });
  if (!response.ok) throw new Error(`Cannot measure a bare put: etcd answered HTTP ${response.status}.`);
  await response.text();
}
