/**
 * Watches one or more ChronoTick records and says which of them need attention: redrawn on a terminal, once in a pipe,
 * where the exit code tells a script (0 all is well, 1 something is not).
 * Run a daemon (`deno task daemon`, or `deno task demo -- --keep`), then:
 *
 * ```sh
 * deno run --allow-ffi examples/monitoring_dashboard.ts [SHM_NAME…]
 * ```
 *
 * @module
 */
import {
  ChronoTickClient,
  ChronoTickError,
  Flag,
  flagNames,
  sourceName,
  toIsoString,
  warmupPercent,
} from "../mod.ts";

/** What counts as too uncertain, s. */
const MAX_ERROR_LIMIT_SECONDS = 0.01;
const REDRAW_MS = 500;
const CLEAR_SCREEN = "\x1b[H\x1b[J";
const COLUMNS = ["RECORD", "TIME", "CORRECTION", "BOUND", "SIGMA", "DRIFT", "SOURCE", "ATTENTION"];

/** One record's row: what it says, and why somebody should look after it. */
interface Row {
  readonly cells: readonly string[];
  readonly alarms: readonly string[];
}

function rowOf(name: string, client: ChronoTickClient): Row {
  try {
    const { flags } = client.read();
    const time = client.getTime();
    const cells = [
      toIsoString(time.time),
      `${(time.correctionSeconds * 1e3).toFixed(3)} ms`,
      `± ${(time.maxErrorSeconds * 1e3).toFixed(3)} ms`,
      `${(time.uncertaintySeconds * 1e6).toFixed(1)} µs`,
      `${(time.driftRate * 1e6).toFixed(2)} ppm`,
      sourceName(time.source),
    ];
    return { cells: [name, ...cells], alarms: alarmsOf(flags, time.maxErrorSeconds) };
  } catch (error) {
    if (!(error instanceof ChronoTickError)) throw error;
    return { cells: [name, "—", "—", "—", "—", "—", "—"], alarms: [error.code] };
  }
}

function alarmsOf(flags: number, maxErrorSeconds: number): string[] {
  const troubles = flags &
    (Flag.HOLDOVER | Flag.DISRUPTED | Flag.UNSYNCHRONIZED | Flag.SYSTEM_CLOCK | Flag.DEGRADED);
  return [
    ...flagNames(troubles),
    ...flags & Flag.WARMUP_COMPLETE ? [] : [`warming up, ${warmupPercent(flags)} %`],
    ...maxErrorSeconds > MAX_ERROR_LIMIT_SECONDS ? [`bound above ${MAX_ERROR_LIMIT_SECONDS * 1e3} ms`] : [],
  ];
}

function tableText(rows: readonly Row[]): string {
  const table = [COLUMNS, ...rows.map(({ cells, alarms }) => [...cells, alarms.join(", ") || "none"])];
  const widths = COLUMNS.map((_, column) => Math.max(...table.map((row) => row[column]!.length)));
  return table.map((row) => row.map((cell, i) => cell.padEnd(widths[i]!)).join("  ").trimEnd() + "\n").join(
    "",
  );
}

function write(text: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(text));
}

const names = Deno.args.length > 0 ? Deno.args : ["chronotick_shm"];
const clients = names.map((shmName) => new ChronoTickClient({ shmName }));
const rows = () => clients.map((client, i) => rowOf(names[i]!, client));
if (Deno.stdout.isTerminal()) {
  setInterval(() => write(CLEAR_SCREEN + tableText(rows())), REDRAW_MS); // until Ctrl-C
} else {
  const now = rows();
  write(tableText(now));
  Deno.exit(now.some(({ alarms }) => alarms.length > 0) ? 1 : 0);
}
