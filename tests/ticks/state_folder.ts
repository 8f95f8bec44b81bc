/**
 * A state folder for one test.
 *
 * @module
 */
import { createCounter } from "../../ticks/create_counter.ts";
import { counterPath } from "../../ticks/counter_file.ts";
import { type CounterOptions, TickCounter } from "../../ticks/tick_counter.ts";

/** A folder with a counter at 0; removed at dispose. */
export class StateFolder implements Disposable {
  readonly path: string = Deno.makeTempDirSync({ prefix: "chronotick-ticks-" });

  /** Without a counter when told so. */
  constructor({ isEmpty = false }: { isEmpty?: boolean } = {}) {
    if (!isEmpty) createCounter(this.path);
  }

  /** The counter's file. */
  get file(): string {
    return counterPath(this.path);
  }

  /** Opens the counter, as if the machine had been started for the `boot`th time. */
  open(boot: number, options: CounterOptions = {}): TickCounter {
    return TickCounter.open(this.path, { ...options, bootId: { low: BigInt(boot), high: 1n } });
  }

  [Symbol.dispose](): void {
    Deno.removeSync(this.path, { recursive: true });
  }
}
