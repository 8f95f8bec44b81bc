/**
 * Makes a counter and uses it in every way, for strace to watch. Argument: the folder. Prints what it was handed out,
 * `TICK last` or `STAMP tick utcNs`, at once.
 *
 * @module
 */
import { print } from "../../../cli/run_command.ts";
import { createCounter } from "../../../ticks/create_counter.ts";
import { TickCounter } from "../../../ticks/tick_counter.ts";

const [folder] = Deno.args as [string];
const BLOCKS: readonly number[] = [1, 4, 7];
const NS_PER_SECOND = 1_000_000_000n;

function use(counter: TickCounter, round: number): void {
  for (let i = 0; i < 6; i++) print(`TICK ${counter.next()}\n`);
  print(`TICK ${counter.nextMany(9) + 8n}\n`);
  for (let i = 0n; i < 3n; i++) {
    const { tick, utcNs } = counter.nextStamped((BigInt(round) * 10n + i) * NS_PER_SECOND);
    print(`STAMP ${tick} ${utcNs}\n`);
  }
  print(`TICK ${counter.next()}\n`);
}

createCounter(folder);
let round = 1;
for (const blockTicks of BLOCKS) {
  using counter = TickCounter.open(folder, { blockTicks, bootId: { low: 1n, high: 1n } });
  use(counter, round++);
}
const unclosed = TickCounter.open(folder, { blockTicks: 5, bootId: { low: 2n, high: 1n } });
use(unclosed, round);
use(unclosed, round);
