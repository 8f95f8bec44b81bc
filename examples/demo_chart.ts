/**
 * What the demo shows: one line per read with a picture of it, and the summary.
 *
 * @module
 */
import { bold, cyan, dim, green, red, yellow } from "@std/fmt/colors";
import type { Judged, Tally } from "./demo_judge.ts";

/** Cells on each side of the truth. */
const HALF_CELLS = 18;
/** Errors below this lie in the middle cell or beside it, s. */
const FINEST_SECONDS = 10e-6;
/** What the outermost cell stands for, s. */
const WIDEST_SECONDS = 30e-3;
const TICKS_SECONDS = [-10e-3, -1e-3, -0.1e-3, 0, 0.1e-3, 1e-3, 10e-3];

/** Left of the picture. */
const COLUMNS = { time: 7, error: 12, sigma: 12, bound: 13 } as const;

/** The cell of an error: the logarithm of its size, to the left or right of the truth. */
function cellOf(errorSeconds: number): number {
  const scale = (seconds: number) => Math.log10(1 + seconds / FINEST_SECONDS);
  const share = Math.min(1, scale(Math.abs(errorSeconds)) / scale(WIDEST_SECONDS));
  return HALF_CELLS + Math.sign(errorSeconds) * Math.round(HALF_CELLS * share);
}

/** Two lines that explain the columns. */
export function chartHead(): string {
  const labels = "time".padStart(COLUMNS.time) + "error".padStart(COLUMNS.error) +
    "1 sigma".padStart(COLUMNS.sigma) + "never beyond".padStart(COLUMNS.bound + 1);
  return `${dim(`${labels}    ${axis()}`)}\n`;
}

function axis(): string {
  const cells = Array<string>(2 * HALF_CELLS + 1).fill(" ");
  for (const tick of TICKS_SECONDS) {
    const text = tick === 0 ? "truth" : `${Math.abs(tick) * 1e3}ms`.replace("0.1", ".1");
    const start = cellOf(tick) - Math.floor(text.length / 2);
    for (const [i, letter] of [...text].entries()) cells[start + i] = letter;
  }
  return cells.join("");
}

/** A read made `seconds` after the first. */
export function chartLine(seconds: number, judged: Judged | null): string {
  const time = `${seconds.toFixed(1)} s`.padStart(COLUMNS.time);
  if (judged === null) return `${time}  no valid time yet`;
  const { errorSeconds, sigmaSeconds, boundSeconds, isInside } = judged;
  const error = micros(errorSeconds, true).padStart(COLUMNS.error);
  const sigma = `± ${micros(sigmaSeconds)}`.padStart(COLUMNS.sigma);
  const bound = `± ${micros(boundSeconds)}`.padStart(COLUMNS.bound);
  return `${time}${bold(error)}${sigma}${bound} ${isInside ? green("✓") : red("✗")}  ${picture(judged)}`;
}

function micros(seconds: number, isSigned = false): string {
  if (!Number.isFinite(seconds)) return "unknown";
  return `${isSigned && seconds >= 0 ? "+" : ""}${(seconds * 1e6).toFixed(1)} µs`;
}

/** The truth in the middle, the time that is told beside it with its sigma and its bound, the system clock far off. */
function picture({ errorSeconds, sigmaSeconds, boundSeconds, systemErrorSeconds }: Judged): string {
  const cells = Array<string>(2 * HALF_CELLS + 1).fill(" ");
  const span = (halfWidth: number, [left, fill, right]: readonly [string, string, string]) => {
    const [low, high] = [cellOf(errorSeconds - halfWidth), cellOf(errorSeconds + halfWidth)];
    cells.fill(fill, low, high + 1);
    cells[low] = left;
    cells[high] = right;
  };
  span(boundSeconds, [dim("["), dim("·"), dim("]")]);
  span(sigmaSeconds, [cyan("("), cyan("─"), cyan(")")]);
  cells[HALF_CELLS] = "│";
  cells[cellOf(systemErrorSeconds)] = yellow("×");
  cells[cellOf(errorSeconds)] = bold(cyan("●"));
  return cells.join("").trimEnd();
}

/** What the signs of the picture mean. */
export function legend(): string {
  return `  ${bold(cyan("●"))} ChronoTick's time  ${cyan("(─)")} ± 1 σ  ${dim("[·]")} hard bound  ${
    yellow("×")
  } this machine's own clock\n`;
}

/** What all reads together say; `lateSeconds` is the length of the stretch that the mean error is taken over. */
export function summary(tally: Tally, lateSeconds: number): string {
  const { last, meanLateErrorSeconds, trueDriftRate, reads, inside, withinSigmas } = tally;
  if (last === null) return "No valid time was read.\n";
  const verdict = inside === reads ? green("✓ every one") : red(`✗ ${reads - inside} were not`);
  const rows: [string, string][] = [
    ["reads", String(reads)],
    ["truth inside the hard bound", `${inside}  ${verdict}`],
    ["truth within ± 1.96 σ", `${(100 * withinSigmas / reads).toFixed(1)} %  (95 % or more is honest)`],
  ];
  if (meanLateErrorSeconds !== null) {
    const ownError = `this machine's clock: ${micros(Math.abs(last.systemErrorSeconds))}`;
    rows.push([`mean error, last ${lateSeconds} s`, `${micros(meanLateErrorSeconds)}  (${ownError})`]);
  }
  if (trueDriftRate !== null) {
    rows.push(["drift found", `${ppm(last.driftRate)}  (true: ${ppm(trueDriftRate)})`]);
  }
  const width = Math.max(...rows.map(([label]) => label.length));
  return rows.map(([label, value]) => `  ${label.padEnd(width)}  ${value}\n`).join("");
}

function ppm(rate: number): string {
  return `${rate < 0 ? "" : "+"}${(rate * 1e6).toFixed(1)} ppm`;
}
