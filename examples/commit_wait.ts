/**
 * A ledger that several branches write, each with its own clock, and whose order is nevertheless right: whoever has been
 * told of an entry writes a later one. That is TrueTime's rule (Corbett et al., Spanner, OSDI 2012, section 4.1.2): an
 * entry is stamped with the latest that it can be now, and nobody is told of it before that stamp is certainly past.
 * Run a daemon (`deno task daemon`, or `deno task demo -- --keep`), then:
 *
 * ```sh
 * deno run --allow-ffi --allow-run examples/commit_wait.ts [SHM_NAME]
 * ```
 *
 * @module
 */
import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import { ChronoTickClient, ChronoTickError, compareUnixTime, toIsoString, type UnixTime } from "../mod.ts";

/** One line of the ledger. */
interface Entry {
  readonly branch: string;
  readonly customer: string;
  readonly amount: number;
  readonly committed: UnixTime;
  /** How long the branch kept it to itself, ms. */
  readonly waitedMs: number;
}

const BRANCHES = ["north", "south", "west"];
/** Each goes from branch to branch, and to the next one only when the last has acknowledged: 50 in, then 20 out twice. */
const CUSTOMERS = { "Ada": ["north", "south", "west"], "Bob": ["west", "north", "south"] };
const AMOUNTS = [50, -20, -20];

/** A branch in a process of its own: it is asked in a line, and acknowledges in a line. */
class Branch implements AsyncDisposable {
  readonly #process: Deno.ChildProcess;
  readonly #requests: WritableStreamDefaultWriter<Uint8Array<ArrayBuffer>>;
  readonly #answers: AsyncIterator<string>;

  constructor(name: string, shmName: string) {
    const program = new URL("./commit_wait_branch.ts", import.meta.url).href;
    const args = ["run", "--quiet", "--allow-ffi", program, name, shmName];
    this.#process = new Deno.Command(Deno.execPath(), { args, stdin: "piped", stdout: "piped" }).spawn();
    this.#requests = this.#process.stdin.getWriter();
    this.#answers = createInterface(Readable.fromWeb(this.#process.stdout))[Symbol.asyncIterator]();
  }

  async write(customer: string, amount: number): Promise<Entry> {
    await this.#requests.write(new TextEncoder().encode(`${JSON.stringify({ customer, amount })}\n`));
    const { value, done } = await this.#answers.next();
    if (done) throw new Error("Cannot go on: a branch has ended.");
    return JSON.parse(value);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#requests.close();
    await this.#process.status;
  }
}

/** What one customer does; the order in which it happened to him. */
async function visit(customer: string, branches: readonly Branch[]): Promise<Entry[]> {
  const entries: Entry[] = [];
  for (const [i, branch] of branches.entries()) entries.push(await branch.write(customer, AMOUNTS[i]!));
  return entries;
}

/** Lets the customers go about, and puts the ledger in order by nothing but its stamps. */
async function main(shmName: string): Promise<void> {
  using client = new ChronoTickClient({ shmName });
  await client.waitUntilReady({ timeoutMs: 5000 });
  await using stack = new AsyncDisposableStack();
  const branches = new Map(BRANCHES.map((name) => [name, stack.use(new Branch(name, shmName))]));
  const visits = await Promise.all(
    Object.entries(CUSTOMERS).map(([customer, route]) =>
      visit(customer, route.map((name) => branches.get(name)!))
    ),
  );
  const ledger = visits.flat().toSorted((a, b) => compareUnixTime(a.committed, b.committed));
  for (const { committed, branch, customer, amount, waitedMs } of ledger) {
    const columns = [
      branch.padEnd(5),
      customer,
      String(amount).padStart(4),
      `waited ${waitedMs.toFixed(2)} ms`,
    ];
    print(`${toIsoString(committed)}  ${columns.join("  ")}`);
  }
  const isRight = visits.every((visit) => {
    const own = ledger.filter(({ customer }) => customer === visit[0]!.customer);
    return own.every((entry, i) => entry === visit[i]);
  });
  print(isRight ? "Every customer's entries are in the order in which he made them." : "The order is WRONG.");
  if (!isRight) Deno.exit(1);
}

function print(line: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${line}\n`));
}

try {
  await main(Deno.args[0] ?? "chronotick_shm");
} catch (error) {
  if (!(error instanceof ChronoTickError)) throw error;
  print(error.message);
  Deno.exit(3);
}
