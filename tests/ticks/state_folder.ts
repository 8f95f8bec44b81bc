/**
 * A state folder for one test.
 *
 * @module
 */
import { createCounter } from "../../ticks/create_counter.ts";
import { counterPath } from "../../ticks/counter_file.ts";
import { type CounterOptions, TickCounter } from "../../ticks/tick_counter.ts";

/** What is in the folder, and where it is. */
export interface StateFolderOptions {
  /** No counter is made. */
  readonly isEmpty?: boolean;
  /** A folder of its own unless given. */
  readonly path?: string;
}

/** A folder with a counter at 0; removed at dispose. */
export class StateFolder implements Disposable {
  readonly path: string;

  /** Without a counter when told so. */
  constructor({ isEmpty = false, path = makeFolder() }: StateFolderOptions = {}) {
    this.path = path;
    if (!isEmpty) createCounter(this.path);
  }

  /** A folder below this one that does not exist yet. */
  below(name: string): StateFolder {
    return new StateFolder({ isEmpty: true, path: `${this.path}/${name}` });
  }

  /** The counter's file. */
  get file(): string {
    return counterPath(this.path);
  }

  /** Opens the counter, as if the machine had been started for the `boot`th time. */
  open(boot: number, options: CounterOptions = {}): TickCounter {
    return TickCounter.open(this.path, { ...options, bootId: { low: BigInt(boot), high: 1n } });
  }

  /** Removes it. */
  [Symbol.dispose](): void {
    Deno.removeSync(this.path, { recursive: true });
  }
}

/** A folder in memory, where syncing costs nothing: for tests that count thousands of times. */
export function makeFolderInMemory(): string {
  return Deno.makeTempDirSync({ prefix: "chronotick-ticks-", dir: "/dev/shm" });
}

function makeFolder(): string {
  return Deno.makeTempDirSync({ prefix: "chronotick-ticks-" });
}
