/**
 * The evaluation's results as tables and as JSON.
 *
 * @module
 */
import type { Result } from "./evaluation.ts";
import { combineRatios, pairedRatio, type Ratio, summarize, type Summary } from "./summary.ts";
import type { TraceScore } from "./trace_score.ts";

/** A heading and rows; the first row names the columns. */
export interface Table {
  readonly title: string;
  readonly rows: readonly (readonly string[])[];
}

interface Column {
  readonly name: keyof TraceScore;
  /** With its unit. */
  readonly json: string;
  readonly title: string;
  readonly show: (summary: Summary) => string;
}

const COLUMNS: readonly Column[] = [
  { name: "meanError", json: "mean_error_seconds", title: "mean µs", show: withInterval },
  { name: "p99Error", json: "p99_error_seconds", title: "p99 µs", show: inMicroseconds },
  { name: "wander", json: "wander_seconds", title: "wander µs", show: inMicroseconds },
  { name: "aheadError", json: "ahead_error_seconds", title: "60 s ahead µs", show: inMicroseconds },
  { name: "coverage95", json: "coverage_95", title: "in 95 %", show: inPercent },
  { name: "coverage999", json: "coverage_999", title: "in 99.9 %", show: inPercent },
  { name: "aheadCoverage95", json: "ahead_coverage_95", title: "ahead in 95 %", show: inPercent },
  { name: "score95", json: "interval_score_95_seconds", title: "score 95 µs", show: inMicroseconds },
  { name: "score999", json: "interval_score_999_seconds", title: "score 99.9 µs", show: inMicroseconds },
  { name: "width95", json: "width_95_seconds", title: "width 95 µs", show: inMicroseconds },
  { name: "boundHalfWidth", json: "bound_half_width_seconds", title: "bound ± µs", show: inMicroseconds },
  { name: "violations", json: "violation_share", title: "outside %", show: inPercent },
  { name: "recovery", json: "recovery_seconds", title: "recovery s", show: inSeconds },
  { name: "holdoverError", json: "holdover_error_seconds", title: "1 h holdover µs", show: inMicroseconds },
  { name: "validShare", json: "valid_share", title: "valid %", show: inPercent },
];

/** One scenario: a row per contender, and of the columns those that anybody has a value in. */
export function scenarioTable(results: readonly Result[]): Table {
  const summaries = results.map((result) => summariesOf(result));
  const columns = COLUMNS.filter(({ name }) => summaries.some((summary) => summary[name].count > 0));
  const header = ["", ...columns.map(({ title }) => title), "× real time"];
  const rows = results.map(({ contender, speed }, i) => [
    contender,
    ...columns.map(({ name, show }) => summaries[i]![name].count === 0 ? "" : show(summaries[i]![name])),
    speed.toFixed(0),
  ]);
  const { scenario, scores } = results[0]!;
  return { title: `${scenario} (${scores.length} traces)`, rows: [header, ...rows] };
}

/** What is compared with the reference. */
const COMPARED = [
  { name: "meanError", json: "mean_error_seconds", title: "mean error" },
  { name: "wander", json: "wander_seconds", title: "wander" },
  { name: "score95", json: "interval_score_95_seconds", title: "95 % interval score" },
] as const;

/** Each contender's figures over the reference's, trace by trace; the last row is the geometric mean. */
export function ratioTables(results: readonly (readonly Result[])[], reference: string): Table[] {
  return COMPARED.map(({ name, title }) => {
    const contenders = results[0]!.map(({ contender }) => contender).filter((other) => other !== reference);
    const ratios = results.map((scenario) =>
      contenders.map((contender) => ratioOn(scenario, contender, reference, name))
    );
    const rows = results.map((scenario, i) => [scenario[0]!.scenario, ...ratios[i]!.map(ratioText)]);
    const together = contenders.map((_, i) => ratioText(combineRatios(ratios.map((row) => row[i]!))));
    return {
      title: `${title}, over that of ${reference}`,
      rows: [["", ...contenders], ...rows, ["geometric mean", ...together]],
    };
  });
}

/** What a change is worth: `contender` over `reference`, of whom it is a variant; a star where 95 % sure that it helps. */
export function variantTable(
  results: readonly (readonly Result[])[],
  contender: string,
  reference: string,
): Table {
  const rows = results.map((scenario) => [
    scenario[0]!.scenario,
    ...COMPARED.map(({ name }) => verdictText(ratioOn(scenario, contender, reference, name))),
  ]);
  return {
    title: `${contender} over ${reference} (* better, ! worse: with 95 % confidence, trace by trace)`,
    rows: [["", ...COMPARED.map(({ title }) => title)], ...rows],
  };
}

/** With a third digit: variants differ by little. */
function verdictText({ ratio, low, high }: Ratio): string {
  const mark = high < 1 ? " *" : low > 1 ? " !" : "  ";
  return `${ratio.toFixed(3)} (${low.toFixed(3)}–${high.toFixed(3)})${mark}`;
}

function ratioOn(
  results: readonly Result[],
  contender: string,
  reference: string,
  name: typeof COMPARED[number]["name"],
): Ratio {
  const valuesOf = (who: string) =>
    results.find((result) => result.contender === who)!.scores.map((score) => score[name]);
  return pairedRatio(valuesOf(contender), valuesOf(reference));
}

/** Everything, in SI units, for scripts. */
export function resultsToJson(results: readonly (readonly Result[])[]): Record<string, unknown>[] {
  return results.flat().map((result) => ({
    scenario: result.scenario,
    contender: result.contender,
    traces: result.scores.length,
    times_real_time: result.speed,
    figures: figuresToJson(result),
  }));
}

function figuresToJson(result: Result): Record<string, unknown> {
  const summaries = summariesOf(result);
  const entries = COLUMNS.map(({ name, json }) => {
    const { mean, halfWidth, count } = summaries[name];
    return [json, { mean, half_width: halfWidth, traces: count }];
  });
  return Object.fromEntries(entries);
}

function summariesOf({ scores }: Result): Record<keyof TraceScore, Summary> {
  const entries = COLUMNS.map(({ name }) => [name, summarize(scores.map((score) => score[name]))]);
  return Object.fromEntries(entries) as Record<keyof TraceScore, Summary>;
}

/** For a terminal: aligned columns. */
export function tableText({ title, rows }: Table): string {
  return `\n${title}\n${aligned(rows).map((cells) => cells.join("  ").trimEnd()).join("\n")}\n`;
}

/** For a document. */
export function tableMarkdown({ title, rows }: Table): string {
  const lines = aligned(rows).map((cells) => `| ${cells.join(" | ")} |`);
  const rule = aligned(rows)[0]!.map((cell, i) => i === 0 ? "-".repeat(cell.length) : `${dashes(cell)}:`);
  return `\n### ${title}\n\n${[lines[0], `| ${rule.join(" | ")} |`, ...lines.slice(1)].join("\n")}\n`;
}

function dashes(cell: string): string {
  return "-".repeat(cell.length - 1);
}

function aligned(rows: Table["rows"]): string[][] {
  const widths = rows[0]!.map((_, column) => Math.max(3, ...rows.map((row) => row[column]!.length)));
  return rows.map((row) =>
    row.map((cell, i) => i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))
  );
}

function inMicroseconds({ mean }: Summary): string {
  return shortNumber(1e6 * mean);
}

function withInterval({ mean, halfWidth }: Summary): string {
  return `${shortNumber(1e6 * mean)} ± ${shortNumber(1e6 * halfWidth)}`;
}

function inSeconds({ mean }: Summary): string {
  return shortNumber(mean);
}

/** Enough digits to tell 99.9 from 99.99. */
function inPercent({ mean }: Summary): string {
  return (100 * mean).toFixed(2);
}

function ratioText({ ratio, low, high }: Ratio): string {
  const interval = Number.isNaN(low) ? "" : ` (${low.toFixed(2)}–${high.toFixed(2)})`;
  return `${ratio.toFixed(2)}${interval}`;
}

/** Three significant digits, large numbers in full. */
export function shortNumber(value: number): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? "?" : "∞";
  const digits = value === 0 ? 0 : Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value))));
  return value.toFixed(Math.min(3, digits));
}
