/**
 * The hunt for ticks that come twice: processes that use a counter are killed at random moments, the machine "crashes"
 * now and then, and all that was ever handed out is looked at together.
 *
 * @module
 */
import { Offset } from "../ticks/counter_layout.ts";
import { counterPath } from "../ticks/counter_file.ts";
import { createCounter } from "../ticks/create_counter.ts";
import { DenoChild } from "./deno_child.ts";
import { type JournalEntry, TickJournal } from "./tick_journal.ts";
import { findFaults, type TickFaults } from "./tick_order.ts";

/** Processes that count at the same time. */
const SEATS = 3;
/** Kills of each seat between two crashes of the machine. */
const KILLS_PER_BOOT = 5;
/** A process dies within so long of its start, which may be before its first tick … */
const MAX_LIFE_MS = 20;
/** … or, every other one, when it has used up to so many, however slow the machine is. */
const MAX_CALLS = 100;
/** Who has not used them by then is killed all the same. */
const STARVED_MS = 10_000;
const LIVE_BYTES = 4096;
const HONEST_CHILD = new URL("./crash_child.ts", import.meta.url);

/** How to hunt. */
export interface CrashHuntOptions {
  /** Processes to kill, at least. */
  readonly kills: number;
  /** A module that counts; its arguments are the folder, its journal and the boot's number. */
  readonly child?: URL;
  readonly onProgress?: (fraction: number) => void;
}

/** What was handed out, and what was wrong with it. */
export interface CrashHuntResult extends TickFaults {
  readonly kills: number;
  /** Crashes of the machine: all that was in memory alone is lost. */
  readonly crashes: number;
  /** Ticks that were handed out. */
  readonly ticks: number;
}

/** Hunts in a folder of its own. */
export async function huntCrashes(options: CrashHuntOptions): Promise<CrashHuntResult> {
  const { kills, child = HONEST_CHILD, onProgress = () => {} } = options;
  const folder = await Deno.makeTempDir({ prefix: "chronotick-hunt-" });
  try {
    createCounter(folder);
    const entries: JournalEntry[] = [];
    const boots = Math.ceil(kills / (SEATS * KILLS_PER_BOOT));
    for (let boot = 1; boot <= boots; boot++) {
      const seats = Array.from({ length: SEATS }, (_, seat) => huntFromSeat(child, folder, seat, boot));
      entries.push(...(await Promise.all(seats)).flat());
      loseMemory(folder, boot % 2 === 0);
      onProgress(boot / boots);
    }
    const ticks = entries.reduce((total, { count }) => total + Number(count), 0);
    return { kills: boots * SEATS * KILLS_PER_BOOT, crashes: boots, ticks, ...findFaults(entries) };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Starts and kills one process after the other; returns what they were given. */
async function huntFromSeat(
  module: URL,
  folder: string,
  seat: number,
  boot: number,
): Promise<JournalEntry[]> {
  const path = `${folder}/journal-${seat}`;
  using journal = new TickJournal(path);
  const entries: JournalEntry[] = [];
  for (let kill = 0; kill < KILLS_PER_BOOT; kill++) {
    {
      await using child = new DenoChild<null>(module, [folder, path, boot]);
      await child.next();
      await endAtRandom(child, journal, kill % 2 === 0);
    } // killed and gone
    entries.push(...journal.take());
  }
  return entries;
}

/** Returns at a random moment of its life; throws if it ends by itself, which none may. */
async function endAtRandom(child: DenoChild<null>, journal: TickJournal, isByCalls: boolean): Promise<void> {
  const beganMs = performance.now();
  const calls = Math.random() * MAX_CALLS;
  const lifeMs = isByCalls ? STARVED_MS : Math.random() * MAX_LIFE_MS;
  let fault: unknown;
  child.next().catch((error) => fault = error); // of the kill, too, but nobody looks then
  while (performance.now() - beganMs < lifeMs && !(isByCalls && journal.length >= calls)) {
    if (fault !== undefined) throw fault;
    await new Promise((resolve) => setTimeout(resolve));
  }
}

/** What the disk has of a mapped page is that of any time, or nothing at all, or a mixture. */
function loseMemory(folder: string, isGarbled: boolean): void {
  const page = new Uint8Array(LIVE_BYTES);
  using file = Deno.openSync(counterPath(folder), { write: true });
  file.seekSync(Offset.live, Deno.SeekMode.Start);
  file.writeSync(isGarbled ? crypto.getRandomValues(page) : page);
}
