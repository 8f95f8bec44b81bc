/**
 * `benchmark`: what a read costs here, beside the read of the raw clock through the same FFI.
 *
 * @module
 */
import { Clock, Timespec } from "../ffi/clocks.ts";
import { libc } from "../ffi/libc.ts";
import type { ChronoTickClient } from "./client.ts";

/** Cost of one call, ns, over batches. */
export interface CostSummary {
  readonly name: string;
  readonly p50Ns: number;
  readonly p90Ns: number;
  readonly p99Ns: number;
  readonly maxNs: number;
}

/** Calls timed together: two clock reads would otherwise cost as much as the call between them. */
export const BATCH = 100;
const WARM_UP_BATCHES = 200;

/** Times the raw clock and the client's questions, `iterations` calls each. */
export function benchmarkClient(client: ChronoTickClient, iterations: number): CostSummary[] {
  const timespec = new Timespec();
  const clockGettime = libc.clock_gettime;
  const interval = { earliest: { seconds: 0, nanoseconds: 0 }, latest: { seconds: 0, nanoseconds: 0 } };
  return [
    measure("clock_gettime(BOOTTIME)", iterations, () => void clockGettime(Clock.BOOTTIME, timespec.pointer)),
    measure("nowInto(interval)", iterations, () => client.nowInto(interval)),
    measure("now()", iterations, () => void client.now()),
    measure("getTime()", iterations, () => void client.getTime()),
  ];
}

function measure(name: string, iterations: number, call: () => void): CostSummary {
  const batches = Math.max(1, Math.ceil(iterations / BATCH));
  for (let batch = 0; batch < WARM_UP_BATCHES; batch++) runBatch(call);
  const costs = Float64Array.from({ length: batches }, () => runBatch(call)).sort();
  const at = (fraction: number) => costs[Math.min(batches - 1, Math.floor(fraction * batches))]!;
  return { name, p50Ns: at(0.5), p90Ns: at(0.9), p99Ns: at(0.99), maxNs: costs[batches - 1]! };
}

/** Mean ns of one call in a batch. */
function runBatch(call: () => void): number {
  const beganMs = performance.now();
  for (let i = 0; i < BATCH; i++) call();
  return ((performance.now() - beganMs) * 1e6) / BATCH;
}

/** The summaries as a table with the ratio of each median to the first one's. */
export function benchmarkReport(costs: readonly CostSummary[]): string {
  const [reference] = costs;
  const header = ["ns per call", "p50", "p90", "p99", "max", "ratio"];
  const rows = costs.map(({ name, p50Ns, p90Ns, p99Ns, maxNs }) => [
    name,
    ...[p50Ns, p90Ns, p99Ns, maxNs].map((ns) => ns.toFixed(1)),
    (p50Ns / reference!.p50Ns).toFixed(2),
  ]);
  const widths = header.map((_, column) => Math.max(...[header, ...rows].map((row) => row[column]!.length)));
  const line = (row: readonly string[]) =>
    row.map((cell, i) => i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!)).join("  ") + "\n";
  return [header, ...rows].map(line).join("");
}
