/**
 * How fleets did, as tables and as JSON.
 *
 * @module
 */
import type { EventOrder } from "./event_order.ts";
import type { Figure } from "./jackknife.ts";
import type { FleetResult } from "./nodes.ts";
import { shortNumber, type Table } from "./report.ts";

const HEADER = [
  "",
  "apart p50 µs",
  "apart p99 µs",
  "first to last µs",
  "ordered by bound %",
  "wrongly",
  "ordered by 99.9 % %",
  "wrongly",
  "valid %",
];

/** One fleet: a row per contender. */
export function fleetTable(results: readonly FleetResult[]): Table {
  const { fleet, score: { machines, meetings, byBound } } = results[0]!;
  return {
    title: `${fleet} (${machines} machines, ${meetings} meetings, ${byBound.pairs} pairs of events)`,
    rows: [HEADER, ...results.map(fleetRow)],
  };
}

function fleetRow({ contender, score }: FleetResult): string[] {
  return [
    contender,
    microseconds(score.medianApart),
    microseconds(score.p99Apart),
    microseconds(score.medianSpan),
    orderedPercent(score.byBound),
    wrongText(score.byBound),
    orderedPercent(score.bySigma),
    wrongText(score.bySigma),
    (100 * score.validShare).toFixed(2),
  ];
}

/** A figure in s with its interval, in µs. */
export function microseconds({ value, halfWidth }: Figure): string {
  return `${shortNumber(1e6 * value)} ± ${shortNumber(1e6 * halfWidth)}`;
}

function orderedPercent({ pairs, ordered }: EventOrder): string {
  return (100 * ordered / pairs).toFixed(1);
}

/** Those that nobody could know of are said apart. */
function wrongText({ wrong, wrongBlind }: EventOrder): string {
  return wrongBlind === 0 ? String(wrong) : `${wrong - wrongBlind} + ${wrongBlind} blind`;
}

/** Everything, in SI units, for scripts. */
export function fleetsToJson(results: readonly (readonly FleetResult[])[]): Record<string, unknown>[] {
  return results.flat().map(({ fleet, contender, score }) => ({
    fleet,
    contender,
    machines: score.machines,
    meetings: score.meetings,
    median_apart_seconds: figureToJson(score.medianApart),
    p99_apart_seconds: figureToJson(score.p99Apart),
    median_span_seconds: figureToJson(score.medianSpan),
    events_by_bound: orderToJson(score.byBound),
    events_by_999_interval: orderToJson(score.bySigma),
    valid_share: score.validShare,
  }));
}

function orderToJson({ pairs, ordered, wrong, wrongBlind }: EventOrder): Record<string, number> {
  return { pairs, ordered, wrong, wrong_blind: wrongBlind };
}

/** As the other results have it. */
export function figureToJson({ value, halfWidth }: Figure): Record<string, number> {
  return { value, half_width: halfWidth };
}
