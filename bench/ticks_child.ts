/**
 * Uses ticks, or what else could count, as often as it can for a while. Arguments: the way, a folder, ms. Prints a line
 * when it is warm, waits for the end of its input, and prints how many calls it made, and in which time.
 *
 * @module
 */
import { DatabaseSync } from "node:sqlite";
import { Clock, nowNs } from "../ffi/clocks.ts";
import { FileDescriptor, OpenFlag } from "../ffi/files.ts";
import { TickCounter } from "../ticks/tick_counter.ts";
import { printJsonLine } from "./json_line.ts";

/** What was counted. */
export interface TickRate {
  readonly ticks: number;
  readonly seconds: number;
}

/** Ways to get a tick. */
export type TickWay = "next" | "stamp" | "sqlite" | "pwrite";

const [way, folder, durationMs] = Deno.args as [TickWay, string, string];
const WARM_UP_MS = 200;
/** Between two looks at the clock. */
const CALLS_PER_LOOK: Readonly<Record<TickWay, number>> = { next: 10_000, stamp: 100, sqlite: 5, pwrite: 5 };

function openWay(): () => unknown {
  switch (way) {
    case "next": {
      const counter = TickCounter.open(folder);
      return () => counter.next();
    }
    case "stamp": {
      const counter = TickCounter.open(folder);
      return () => counter.nextStamped(nowNs(Clock.REALTIME));
    }
    case "sqlite": {
      const database = new DatabaseSync(`${folder}/counter.sqlite`);
      database.exec(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE counter (tick INTEGER); INSERT INTO counter VALUES (0)",
      );
      const increment = database.prepare("UPDATE counter SET tick = tick + 1 RETURNING tick");
      return () => increment.get();
    }
    case "pwrite": {
      const file = FileDescriptor.open(`${folder}/counter.bare`, OpenFlag.RDWR | OpenFlag.CREAT, 0o600);
      file.allocate(8);
      const word = new BigUint64Array(1);
      return () => {
        word[0]!++;
        file.writeAt(new Uint8Array(word.buffer), 0);
        file.syncData();
      };
    }
  }
}

function run(call: () => unknown, forMs: number): TickRate {
  const beganMs = performance.now();
  let ticks = 0;
  let elapsedMs = 0;
  while (elapsedMs < forMs) {
    for (let i = 0; i < CALLS_PER_LOOK[way]; i++) call();
    ticks += CALLS_PER_LOOK[way];
    elapsedMs = performance.now() - beganMs;
  }
  return { ticks, seconds: elapsedMs / 1000 };
}

const call = openWay();
run(call, WARM_UP_MS);
printJsonLine(null);
for await (const _ of Deno.stdin.readable); // until it ends
printJsonLine(run(call, Number(durationMs)));
