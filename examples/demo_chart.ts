/**
 * What the demo shows: one line per read with a picture of it, and the summary.
 *
 * @module
 */
import { bold, cyan, dim, green, red, yellow } from "@std/fmt/colors";
import type { Judged, Tally } from "./demo_judge.ts";

/** Cells on each side of the truth. */
const HALF_CELLS = 17;
/** Errors below this lie in the middle cell or beside it, s. */
const FINEST_SECONDS = 10e-6;
/** What the outermost cell stands for, s. */
const WIDEST_SECONDS = 30e-3;
const TICKS_SECONDS = [-10e-3, -1e-3, -0.1e-3, 0, 0.1e-3, 1e-3, 10e-3];

/** Left of the picture. */
const COLUMNS = { time: 7, error: 11, sigma: 11, bound: 12 } as const;

/** The cell of an error: the logarithm of its size, to the left or right of the truth. */
function cellOf(errorSeconds: number): number {
  const scale = (seconds: number) => Math.log10(1 + seconds / FINEST_SECONDS);
  const share = Math.min(1, scale(Math.abs(errorSeconds)) / scale(WIDEST_SECONDS));
  return HALF_CELLS + Math.sign(errorSeconds) * Math.round(HALF_CELLS * share);
}

/** Columns of a line with its picture. */
export const CHART_WIDTH = COLUMNS.time + COLUMNS.error + COLUMNS.sigma + COLUMNS.bound + 3 + 2 * HALF_CELLS +
  1;

/** What the signs of the picture mean, and the names of the columns. */
export function chartHead(hasPicture: boolean): string {
  const labels = "time".padStart(COLUMNS.time) + "error".padStart(COLUMNS.error) +
    "1 sigma".padStart(COLUMNS.sigma) + "hard bound".padStart(COLUMNS.bound);
  if (!hasPicture) return `${dim(labels)}\n`;
  const signs = [
    `${bold(cyan("●"))} ChronoTick`,
    `${cyan("(─)")} 1 sigma`,
    `${dim("[·]")} hard bound`,
    "│ truth",
    `${yellow("×")} this machine's clock`,
  ].join("   ");
  return `  ${signs}\n\n${dim(`${labels}   ${axis()}`)}\n`;
}

function axis(): string {
  const cells = Array<string>(2 * HALF_CELLS + 1).fill(" ");
  for (const tick of TICKS_SECONDS) {
    const text = tick === 0 ? "0" : `${Math.abs(tick) * 1e3}ms`.replace("0.1", ".1");
    const start = cellOf(tick) - Math.floor(text.length / 2);
    for (const [i, letter] of [...text].entries()) cells[start + i] = letter;
  }
  return cells.join("").trimEnd();
}

/** A read made `seconds` after the first, with its picture where there is room. */
export function chartLine(seconds: number, judged: Judged | null, hasPicture: boolean): string {
  const time = `${seconds.toFixed(1)} s`.padStart(COLUMNS.time);
  if (judged === null) return `${time}  no valid time yet`;
  const { errorSeconds, sigmaSeconds, boundSeconds, isInside } = judged;
  const error = `${signed(errorSeconds * 1e6)} µs`.padStart(COLUMNS.error);
  const sigma = `± ${micros(sigmaSeconds)}`.padStart(COLUMNS.sigma);
  const bound = `± ${micros(boundSeconds)}`.padStart(COLUMNS.bound);
  const figures = `${time}${bold(error)}${sigma}${bound} ${isInside ? green("✓") : red("✗")}`;
  return hasPicture ? `${figures} ${picture(judged)}` : figures;
}

function micros(seconds: number): string {
  return Number.isFinite(seconds) ? `${(seconds * 1e6).toFixed(1)} µs` : "unknown";
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
    const ownError = `this machine's clock: ${(Math.abs(last.systemErrorSeconds) * 1e3).toFixed(3)} ms`;
    rows.push([`mean error, last ${lateSeconds} s`, `${micros(meanLateErrorSeconds)}  (${ownError})`]);
  }
  if (trueDriftRate !== null) {
    const found = `${signed(last.driftRate * 1e6)} ± ${(last.driftUncertainty * 1e6).toFixed(1)} ppm`;
    rows.push(["drift found", `${found}  (true: ${signed(trueDriftRate * 1e6)} ppm)`]);
  }
  const width = Math.max(...rows.map(([label]) => label.length));
  return rows.map(([label, value]) => `  ${label.padEnd(width)}  ${value}\n`).join("");
}

function signed(value: number): string {
  return `${value < 0 ? "" : "+"}${value.toFixed(1)}`;
}
