import { assert, assertAlmostEquals, assertEquals, assertGreater, assertMatch } from "@std/assert";
import { Clock, nowNs } from "../../ffi/clocks.ts";
import { ChronoTickClient, ChronoTickError, type TimeInterval, toNs } from "../../mod.ts";
import { DaemonProcess } from "../../sim/daemon_process.ts";
import { pause, quickConfig, readyClient, SimulatedServers } from "./support/daemon_world.ts";
import { runReplay } from "./support/run.ts";

/** What the daemon published, as a reader saw it at one instant. */
interface Seen {
  readonly rawNs: bigint;
  readonly utcNs: bigint;
  readonly maxErrorSeconds: number;
  readonly sigmaSeconds: number;
  readonly flags: number;
  readonly source: number;
}

/** One row of the replay. */
type Row = Readonly<Record<"local" | "utc" | "sigma" | "max_error" | "flags" | "source", string>>;

const STEP_SECONDS = 0.04;
const STOPPED_MS = 700;
const LOOK_INTERVAL_MS = 7;
/** The first looks after a pause are slow. */
const LOOKS = 10;
/** Readings of the raw clock on both sides of a look lie no further apart, ns: what was seen lies in between. */
const TIGHT_NS = 1000n;
const LIMIT_SECONDS = 1e-6;

/** One look at the record between two of CLOCK_MONOTONIC_RAW; null when something came in between, or no time is served. */
function look(client: ChronoTickClient, interval: TimeInterval): Seen | null {
  try {
    const { totalCorrections } = client.read();
    const before = nowNs(Clock.MONOTONIC_RAW);
    client.nowInto(interval);
    const after = nowNs(Clock.MONOTONIC_RAW);
    const { uncertaintySeconds, flags, source } = client.getTime();
    const end = nowNs(Clock.MONOTONIC_RAW); // sigma grows with time too
    if (after - before > TIGHT_NS || end - after > TIGHT_NS) return null;
    if (client.read().totalCorrections !== totalCorrections) return null;
    const [earliest, latest] = [toNs(interval.earliest), toNs(interval.latest)];
    return {
      rawNs: (before + after) / 2n,
      utcNs: (earliest + latest) / 2n,
      maxErrorSeconds: Number(latest - earliest) / 2e9,
      sigmaSeconds: uncertaintySeconds,
      flags,
      source,
    };
  } catch (error) {
    if (error instanceof ChronoTickError) return null;
    throw error;
  }
}

/** Looks again and again until `end` has come. */
async function watch(client: ChronoTickClient, end: Promise<unknown>): Promise<Seen[]> {
  const interval = { earliest: { seconds: 0, nanoseconds: 0 }, latest: { seconds: 0, nanoseconds: 0 } };
  const seen: Seen[] = [];
  let isOver = false;
  void end.finally(() => isOver = true);
  while (!isOver) {
    const looks = Array.from({ length: LOOKS }, () => look(client, interval)).filter((one) => one !== null);
    if (looks.length > 0) seen.push(looks.at(-1)!);
    await pause(LOOK_INTERVAL_MS);
  }
  return seen;
}

/** A daemon that records to `path`, watched until `disturb` is through. */
async function recordRun(
  path: string,
  servers: SimulatedServers,
  disturb: (daemon: DaemonProcess) => Promise<void>,
): Promise<Seen[]> {
  const config = quickConfig({ servers: servers.addresses, warmupSeconds: 2, intervalSeconds: 0.3 });
  await using daemon = await DaemonProcess.start({ config, args: ["--record", path] });
  using client = await readyClient(daemon);
  const seen = await watch(client, disturb(daemon));
  assertEquals((await daemon.stop()).code, 0);
  return seen;
}

/** The trace with a query at each instant, where its time has come. */
function withQueries(trace: string, seen: readonly Seen[]): string {
  const lines = trace.trimEnd().split("\n").map((line) => ({
    localNs: BigInt(/"local":(\d+)/.exec(line)![1]!),
    line,
  }));
  assert(lines.every(({ localNs }, index) => index === 0 || lines[index - 1]!.localNs <= localNs));
  const queries = seen.map(({ rawNs }) => ({ localNs: rawNs, line: `{"type":"query","local":${rawNs}}` }));
  const merged = [...lines, ...queries].sort((a, b) => Number(a.localNs - b.localNs));
  return merged.map(({ line }) => `${line}\n`).join("");
}

function rowsOf(csv: string): Row[] {
  const [header, ...rows] = csv.trimEnd().split("\n");
  assertEquals(header, "local,for,utc,sigma,max_error,flags,source");
  return rows.map((row) => {
    const [local, , utc, sigma, max_error, flags, source] = row.split(",") as [string, ...string[]];
    return { local, utc, sigma, max_error, flags, source } as Row;
  });
}

/** A publication whose clock readings lay apart may be off by as much, and says so in its bound. Returns how much. */
function judge(one: Seen, row: Row): number {
  assertEquals(row.local, String(one.rawNs));
  const spreadSeconds = Math.max(0, one.maxErrorSeconds - Number(row.max_error));
  const errorSeconds = Number(BigInt(row.utc) - one.utcNs) / 1e9;
  assertAlmostEquals(errorSeconds, 0, LIMIT_SECONDS + spreadSeconds, `at ${row.local}`);
  assertAlmostEquals(Number(row.sigma), one.sigmaSeconds, 1e-9, `at ${row.local}`);
  assertEquals([row.flags, row.source], [String(one.flags), String(one.source)], `at ${row.local}`);
  return spreadSeconds;
}

/** The daemon's own trace, in which nobody asks, tells what was published when. */
async function checkPublications(trace: string, seen: readonly Seen[], path: string): Promise<void> {
  const published = trace.split("\n").filter((line) => line.startsWith('{"type":"published"'));
  await Deno.writeTextFile(path, trace);
  const silent = await runReplay(["--input", path, "--output", `${path}.csv`]);
  assertMatch(silent.stderr, / 0 answers.* --every-publication /);
  const { code, stderr } = await runReplay([
    "--input",
    path,
    "--every-publication",
    "--output",
    `${path}.csv`,
  ]);
  assertEquals(code, 0, stderr);
  const rows = rowsOf(await Deno.readTextFile(`${path}.csv`));
  assertEquals(rows.map(({ local }) => local), published.map((line) => /"local":(\d+)/.exec(line)![1]!));
  const last = seen.at(-1)!;
  const latest = rows.findLast(({ local }) => BigInt(local) <= last.rawNs)!;
  const elapsedNs = last.rawNs - BigInt(latest.local);
  assertAlmostEquals(Number(last.utcNs - BigInt(latest.utc) - elapsedNs) / 1e9, 0, 1e-4);
}

/** What the time served gains on raw time from the first to the last of `seen`, s. */
function gainSeconds(seen: readonly Seen[]): number {
  const [first, last] = [seen[0]!, seen.at(-1)!];
  return Number((last.utcNs - first.utcNs) - (last.rawNs - first.rawNs)) / 1e9;
}

Deno.test("a recorded run with a step and a stop in it, replayed, says what the daemon published", async () => {
  const folder = await Deno.makeTempDir({ prefix: "chronotick-replay-" });
  try {
    const path = `${folder}/trace.jsonl`;
    using servers = await SimulatedServers.start([{}, {}, {}]);
    const stoppedNs = { from: 0n, to: 0n };
    const seen = await recordRun(path, servers, async (daemon) => {
      await pause(2000);
      const stepped = servers.first.clock.stepped(nowNs(Clock.MONOTONIC_RAW), STEP_SECONDS);
      await servers.set({ clock: stepped.description });
      await pause(2500);
      stoppedNs.from = nowNs(Clock.MONOTONIC_RAW);
      daemon.kill("SIGSTOP");
      await pause(STOPPED_MS);
      stoppedNs.to = nowNs(Clock.MONOTONIC_RAW);
      daemon.kill("SIGCONT");
      await pause(1500);
    });
    // What happened was seen: the step was followed, and readers were served while the daemon stood still.
    assertAlmostEquals(gainSeconds(seen), STEP_SECONDS, 0.005);
    assertGreater(seen.filter(({ rawNs }) => rawNs > stoppedNs.from && rawNs < stoppedNs.to).length, 10);
    // A second run goes to the same file.
    const seenAgain = await recordRun(path, servers, () => pause(700));
    assertGreater(seenAgain.length, 10);

    const all = [...seen, ...seenAgain];
    const own = await Deno.readTextFile(path);
    await Deno.writeTextFile(path, withQueries(own, all));
    const { code, stderr } = await runReplay(["--input", path, "--output", `${folder}/out.csv`]);
    assertEquals(code, 0, stderr);
    const rows = rowsOf(await Deno.readTextFile(`${folder}/out.csv`));
    assertEquals(rows.length, all.length);
    const spreads = rows.map((row, index) => judge(all[index]!, row));
    assertGreater(spreads.filter((spread) => spread < LIMIT_SECONDS).length, 0.8 * spreads.length);
    await checkPublications(own, all, `${folder}/own`);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
