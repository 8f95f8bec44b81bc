/**
 * Opens a counter, uses ticks in every way, closes it, and so on until it is killed. Arguments: folder, journal and boot.
 * Prints a line when it begins.
 *
 * @module
 */
import { Clock, nowNs } from "../ffi/clocks.ts";
import { TickCounter } from "../ticks/tick_counter.ts";
import { printJsonLine } from "./json_line.ts";
import { type JournalEntry, TickJournal } from "./tick_journal.ts";

const MAX_OPERATIONS = 40;
const MAX_COUNT = 100;
/** Small ones, so that most kills meet a reservation. */
const BLOCKS: readonly number[] = [1, 3, 16, 200];
/** Until the kill. */
const REST_MS = 2 ** 30;

const [folder, journalPath, boot] = Deno.args as [string, string, string];
const journal = new TickJournal(journalPath);

function below(limit: number): number {
  return Math.floor(Math.random() * limit);
}

function ask(counter: TickCounter): Pick<JournalEntry, "first" | "count" | "utcNs"> {
  const chance = Math.random();
  if (chance < 0.2) {
    const count = 1 + below(MAX_COUNT);
    return { first: counter.nextMany(count), count: BigInt(count), utcNs: 0n };
  }
  if (chance > 0.4) return { first: counter.next(), count: 1n, utcNs: 0n };
  const { tick, utcNs } = counter.nextStamped(nowNs(Clock.REALTIME));
  return { first: tick, count: 1n, utcNs };
}

function use(counter: TickCounter): void {
  const askedNs = nowNs(Clock.MONOTONIC);
  const given = ask(counter);
  journal.add({ ...given, askedNs, givenNs: nowNs(Clock.MONOTONIC) });
}

printJsonLine(null);
while (!journal.isFull) {
  const options = { blockTicks: BLOCKS[below(BLOCKS.length)]!, bootId: { low: BigInt(boot), high: 1n } };
  using counter = TickCounter.open(folder, options);
  for (let rest = below(MAX_OPERATIONS); rest >= 0 && !journal.isFull; rest--) use(counter);
}
await new Promise((resolve) => setTimeout(resolve, REST_MS));
