/**
 * What a question costs, beside C's read of the clock.
 *
 * @module
 */
import type { BenchContext } from "./bench_context.ts";
import { DenoChild } from "./deno_child.ts";
import type { Figure, Group } from "./figure.ts";
import type { ReadCosts } from "./read_cost_child.ts";
import { median } from "./statistics.ts";

const ROUNDS = { usual: 60, long: 300 };

/** Times `nowInto`, `now`, the decode and their likes. */
export async function measureReadCost({ isLong, progress, references }: BenchContext): Promise<Group> {
  progress.begin("compiling the C references");
  const clockRead = references.path("clock_read");
  progress.begin("the cost of a read");
  const rounds = isLong ? ROUNDS.long : ROUNDS.usual;
  await using child = new DenoChild<ReadCosts>(
    new URL("./read_cost_child.ts", import.meta.url),
    clockRead === null ? [rounds] : [rounds, clockRead],
  );
  const costs = await child.last();
  return {
    name: "read",
    title: `ns per call on one processor, median of ${rounds} rounds that alternate with the reference`,
    figures: figuresOf(costs, clockRead !== null),
  };
}

function figuresOf(costs: ReadCosts, hasC: boolean): Figure[] {
  const reference = hasC
    ? { what: "C clock_gettime(BOOTTIME)", value: median(costs.c) }
    : { what: "clock_gettime(BOOTTIME) through FFI, for want of a C compiler", value: median(costs.ffi) };
  const ns = (values: readonly number[]) => ({ value: median(values), unit: "ns" });
  return [
    {
      name: "now_into",
      what: "nowInto(interval)",
      ...ns(costs.nowInto),
      reference,
      goal: { of: "ratio", atMost: 2.0 },
    },
    { name: "now", what: "now()", ...ns(costs.now), reference, goal: { of: "ratio", atMost: 2.6 } },
    { name: "get_time", what: "getTime()", ...ns(costs.getTime), reference },
    { name: "ffi_clock_read", what: "clock_gettime through FFI", ...ns(costs.ffi), reference },
    {
      name: "decode",
      what: "copy, decode and check of a changed record",
      ...ns(costs.decode),
      goal: { of: "value", atMost: 60 },
    },
    {
      name: "now_into_after_change",
      what: "nowInto(interval) of a changed record",
      ...ns(costs.nowIntoAfterChange),
    },
    { name: "publication", what: "encode and publish", ...ns(costs.publication) },
  ];
}
