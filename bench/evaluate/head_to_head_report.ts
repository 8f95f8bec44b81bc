/**
 * The outcome of a head-to-head run as tables, bars and JSON.
 *
 * @module
 */
import { type HeadToHeadRun, POLL_EXPONENT } from "./head_to_head.ts";
import { type HeadToHeadScore, PARTIES, type PartyRatio, type PartyScore } from "./head_to_head_score.ts";
import type { Figure } from "./jackknife.ts";
import { figureToJson, microseconds } from "./nodes_report.ts";
import { shortNumber, type Table } from "./report.ts";

/** What was run. */
export interface HeadToHeadSubject {
  readonly scenario: string;
  readonly summary: string;
  /** Of the first network; the others have those that follow. */
  readonly seed: number;
  readonly networks: number;
  readonly seconds: number;
}

const HEADER = ["", "mean µs", "p99 µs", "wander µs", "bound ± µs", "outside", "read to within µs"];

/** A row per party, and one of ratios. */
export function headToHeadTable(subject: HeadToHeadSubject, score: HeadToHeadScore): Table {
  return {
    title: titleOf(subject),
    rows: [
      HEADER,
      ...PARTIES.map((party) => [party, ...partyCells(score.parties[party])]),
      ["ratio", ratioText(score.meanErrorRatio), "", ratioText(score.wanderRatio), "", "", ""],
    ],
  };
}

function titleOf({ scenario, summary, networks, seconds }: HeadToHeadSubject): string {
  const where = networks === 1 ? "one network" : `${networks} networks`;
  return `${scenario}, ${seconds} s in real time, ${where}: ${summary}`;
}

function partyCells(party: PartyScore): string[] {
  return [
    microseconds(party.meanError),
    microseconds(party.p99Error),
    microseconds(party.wander),
    shortNumber(1e6 * party.bound.value),
    String(party.violations),
    shortNumber(1e6 * party.readWithinSeconds),
  ];
}

function ratioText({ ratio, low, high }: PartyRatio): string {
  return `${ratio.toFixed(2)} (${low.toFixed(2)}–${high.toFixed(2)})`;
}

/** How the figures came about. */
export function headToHeadNotes(
  { seed, networks }: HeadToHeadSubject,
  runs: readonly HeadToHeadRun[],
  score: HeadToHeadScore,
): string {
  const ppm = (1e6 * realtimeFrequencyIn(runs)).toFixed(3);
  const [seeds, intervals] = networks === 1
    ? [`seed ${seed}`, "over tenths of this run; another seed is another network"]
    : [`seeds ${seed} to ${seed + networks - 1}`, "over networks"];
  return `
${score.readings} of ${
    sumOf(runs, "instants")
  } instants count: both had a time, ${score.settledSeconds} s after the start or later.
Both asked each server every ${2 ** POLL_EXPONENT} s, ${sumOf(runs, "questions")} questions in all; ${seeds}.
Intervals are of 95 %, ${intervals}.
Meanwhile CLOCK_REALTIME, which chronyd builds on, ran ${ppm} ppm faster than the raw clock.
`;
}

function sumOf(runs: readonly HeadToHeadRun[], name: "instants" | "questions"): number {
  return runs.reduce((sum, run) => sum + run[name], 0);
}

/** They ran at the same time on the same machine, so one tells it. */
function realtimeFrequencyIn(runs: readonly HeadToHeadRun[]): number {
  return runs[0]?.realtimeFrequency ?? NaN;
}

/** Everything, in SI units, for scripts. */
export function headToHeadToJson(
  subject: HeadToHeadSubject,
  runs: readonly HeadToHeadRun[],
  score: HeadToHeadScore,
): Record<string, unknown> {
  const { scenario, seed, networks, seconds } = subject;
  return {
    scenario,
    seed,
    networks,
    seconds,
    settled_seconds: score.settledSeconds,
    readings: score.readings,
    questions: sumOf(runs, "questions"),
    realtime_frequency: realtimeFrequencyIn(runs),
    parties: Object.fromEntries(PARTIES.map((party) => [party, partyToJson(score.parties[party])])),
    mean_error_ratio: score.meanErrorRatio,
    wander_ratio: score.wanderRatio,
  };
}

function partyToJson(party: PartyScore): Record<string, unknown> {
  return {
    mean_error_seconds: figureToJson(party.meanError),
    p99_error_seconds: figureToJson(party.p99Error),
    wander_seconds: figureToJson(party.wander),
    bound_seconds: figureToJson(party.bound),
    violations: party.violations,
    read_within_seconds: party.readWithinSeconds,
  };
}

const WIDTH = 640;
const ROW_HEIGHT = 22;
const MARGIN = { left: 150, right: 130, top: 30, bottom: 10 } as const;
const COLORS = { chronyd: "#7570b3", chronotick: "#d95f02" } as const;
const BAR_FIGURES = [["mean", "meanError"], ["p99", "p99Error"], ["wander", "wander"]] as const;

/** Bars with their intervals, an SVG document, readable on light and dark grounds. */
export function headToHeadBars(subject: HeadToHeadSubject, score: HeadToHeadScore): string {
  const bars = BAR_FIGURES.flatMap(([title, name]) =>
    PARTIES.map((party) => ({ title: `${title}, ${party}`, party, figure: score.parties[party][name] }))
  );
  const most = Math.max(...bars.map(({ figure }) => figure.value + (figure.halfWidth || 0)));
  const x = (seconds: number) => (WIDTH - MARGIN.left - MARGIN.right) * Math.max(0, seconds) / most;
  const rows = bars.map(({ title, party, figure }, i) =>
    `<g transform="translate(${MARGIN.left} ${MARGIN.top + i * ROW_HEIGHT})">${
      barSvg(title, COLORS[party], figure, x)
    }</g>`
  );
  const height = MARGIN.top + bars.length * ROW_HEIGHT + MARGIN.bottom;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" font-family="sans-serif" font-size="12" fill="#888">
<text x="8" y="18" font-size="14">${titleOf(subject)}</text>
${rows.join("\n")}
</svg>
`;
}

function barSvg(title: string, color: string, figure: Figure, x: (seconds: number) => number): string {
  const { value, halfWidth } = figure;
  const [low, middle, high] = [value - (halfWidth || 0), value, value + (halfWidth || 0)].map((seconds) =>
    x(seconds).toFixed(1)
  );
  return `<text x="-8" y="14" text-anchor="end">${title}</text>
<rect y="3" width="${middle}" height="14" fill="${color}" fill-opacity="0.6"/>
<path d="M${low} 10H${high}M${low} 6v8M${high} 6v8" stroke="#888" fill="none"/>
<text x="${Number(high) + 6}" y="14">${microseconds(figure)} µs</text>`;
}
