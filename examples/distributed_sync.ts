/**
 * Processes that act at the same instant: a leader proposes a point in time, followers wait for it, each by its own
 * ChronoTick, and tell when they woke. On one machine here; over machines, nothing but the address changes.
 * Run a daemon (`deno task daemon`, or `deno task demo -- --keep`), then:
 *
 * ```sh
 * deno run --allow-ffi --allow-net --allow-run examples/distributed_sync.ts [SHM_NAME]
 * ```
 *
 * @module
 */
import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import {
  addNs,
  ChronoTickClient,
  ChronoTickError,
  differenceSeconds,
  fromNs,
  toIsoString,
  toNs,
  type UnixTime,
} from "../mod.ts";

const FOLLOWERS = 4;
const ROUNDS = 5;
/** Far enough ahead for every follower to hear of it in time. */
const LEAD_NS = 300_000_000;
const SPREAD_LIMIT_SECONDS = 1e-3;

/** A follower's end of a connection: a line with a point goes there, a line with its wake-up comes back. */
class Follower {
  readonly #connection: Deno.TcpConn;
  readonly #lines: AsyncIterator<string>;

  constructor(connection: Deno.TcpConn) {
    this.#connection = connection;
    this.#lines = createInterface(Readable.fromWeb(connection.readable))[Symbol.asyncIterator]();
  }

  /** When it woke by its own clock, having been told to wake at `point`. */
  async wakeAt(point: UnixTime): Promise<UnixTime> {
    await this.#connection.write(new TextEncoder().encode(`${toNs(point)}\n`));
    const { value, done } = await this.#lines.next();
    if (done) throw new Error("Cannot go on: a follower has ended.");
    return fromNs(BigInt(value));
  }
}

/** Leads some rounds, and prints how far apart the wake-ups were. */
async function lead(shmName: string): Promise<void> {
  using client = new ChronoTickClient({ shmName });
  await client.waitUntilReady({ timeoutMs: 5000 });
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const processes = Array.from({ length: FOLLOWERS }, () => startFollower(shmName, listener.addr.port));
  try {
    const followers: Follower[] = [];
    while (followers.length < FOLLOWERS) followers.push(new Follower(await listener.accept()));
    await meet(client, followers); // a rehearsal, in which everybody's code is compiled
    const spreads: number[] = [];
    for (let round = 1; round <= ROUNDS; round++) {
      const { point, lateSeconds } = await meet(client, followers);
      const spread = Math.max(...lateSeconds) - Math.min(...lateSeconds);
      spreads.push(spread);
      print(
        `meet at ${toIsoString(point)}: woke ${lateSeconds.map(microseconds).join(", ")} late, ` +
          `spread ${microseconds(spread)}`,
      );
    }
    const within = spreads.filter((spread) => spread <= SPREAD_LIMIT_SECONDS).length;
    print(`Within ${microseconds(SPREAD_LIMIT_SECONDS)} of each other in ${within} of ${ROUNDS} rounds.`);
  } finally {
    for (const process of processes) process.kill();
    await Promise.all(processes.map(({ status }) => status));
  }
}

interface Meeting {
  readonly point: UnixTime;
  /** How long after the point each follower woke. */
  readonly lateSeconds: readonly number[];
}

/** Proposes a point, and waits with all who wait for it. */
async function meet(client: ChronoTickClient, followers: readonly Follower[]): Promise<Meeting> {
  const point = addNs(client.getTime().time, LEAD_NS);
  const wakes = await Promise.all(followers.map((follower) => follower.wakeAt(point)));
  return { point, lateSeconds: wakes.map((wake) => differenceSeconds(wake, point)) };
}

function startFollower(shmName: string, port: number): Deno.ChildProcess {
  const follower = new URL("./distributed_sync_follower.ts", import.meta.url).href;
  const args = ["run", "--quiet", "--allow-ffi", "--allow-net", follower, `127.0.0.1:${port}`, shmName];
  return new Deno.Command(Deno.execPath(), { args, stdin: "null" }).spawn();
}

function microseconds(seconds: number): string {
  return `${(seconds * 1e6).toFixed(0)} µs`;
}

function print(line: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${line}\n`));
}

try {
  await lead(Deno.args[0] ?? "chronotick_shm");
} catch (error) {
  if (!(error instanceof ChronoTickError)) throw error;
  print(error.message);
  Deno.exit(3);
}
