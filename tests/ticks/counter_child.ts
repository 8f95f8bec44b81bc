/**
 * Counts in a process of its own. Arguments: the folder, and what to do; prints a line per tick handed out.
 *
 * @module
 */
import { print } from "../../cli/run_command.ts";
import { TickError } from "../../ticks/errors.ts";
import { createCounter } from "../../ticks/create_counter.ts";
import { TickCounter } from "../../ticks/tick_counter.ts";

const [folder, action] = Deno.args as [string, string];

function attempt(act: () => unknown): void {
  try {
    print(`${act()}\n`);
  } catch (error) {
    if (!(error instanceof TickError)) throw error;
    print(`${error.code} ${error.message}\n`);
  }
}

if (action === "init") {
  attempt(() => createCounter(folder));
  print(`left: ${[...Deno.readDirSync(folder)].map(({ name }) => name)}\n`);
} else if (action === "open") attempt(() => TickCounter.open(folder).next());
else {
  const counter = TickCounter.open(folder);
  if (action === "three") { for (let i = 0; i < 3; i++) attempt(() => counter.next()); }
  if (action === "fail") {
    attempt(() => counter.current());
    attempt(() => counter.next());
    attempt(() => counter.nextMany(1000));
    attempt(() => counter.nextStamped(1n));
    attempt(() => counter.current());
  }
  setTimeout(() => {}, 2 ** 30); // until it is killed
}
