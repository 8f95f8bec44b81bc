/**
 * The bench's results as tables and as JSON.
 *
 * @module
 */
import { type Figure, type Group, isReached, ratioOf } from "./figure.ts";
import type { Machine } from "./machine.ts";

const HEADER = ["", "measured", "ratio", "reference", "goal", "reached"];
/** Two decimals would say too little of it. */
const SMALL_RATIO = 0.01;
/** Columns of numbers. */
const RIGHT_ALIGNED: readonly number[] = [1, 2];

/** Where the figures come from, as lines. */
export function machineText(machine: Machine): string {
  return `${machine.processor}, ${machine.processors} processors, Linux ${machine.kernel}, Deno ${machine.deno}\n` +
    `Load when the bench began: ${machine.load.map((load) => load.toFixed(2)).join(" ")}\n`;
}

/** One group as a table. */
export function groupText({ name, title, figures, fault }: Group): string {
  const rows = [HEADER, ...figures.map(rowOf)];
  const widths = HEADER.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  const lines = rows.map((row) =>
    row.map((cell, i) => RIGHT_ALIGNED.includes(i) ? cell.padStart(widths[i]!) : cell.padEnd(widths[i]!))
      .join("  ").trimEnd()
  );
  return `\n${name}: ${title}\n${lines.join("\n")}\n${fault === undefined ? "" : `FAULT: ${fault}\n`}`;
}

function rowOf(figure: Figure): string[] {
  const { what, value, unit, reference, goal } = figure;
  const ratio = ratioOf(figure);
  const reached = isReached(figure);
  return [
    what,
    `${formatNumber(value)} ${unit}`.trimEnd(),
    ratio === null ? "" : ratio < SMALL_RATIO ? ratio.toPrecision(2) : ratio.toFixed(2),
    reference === undefined ? "" : `${formatNumber(reference.value)} ${unit} ${reference.what}`,
    goal === undefined ? "" : `≤ ${goal.atMost} ${goal.of === "ratio" ? "×" : unit}`.trimEnd(),
    reached === null ? "" : reached ? "yes" : "NO",
  ];
}

/** Three significant digits, large numbers in full. */
function formatNumber(value: number): string {
  if (Number.isInteger(value)) return String(value);
  return Math.abs(value) >= 100 ? value.toFixed(0) : value.toPrecision(3);
}

/** Everything for scripts. */
export function resultsToJson(machine: Machine, groups: readonly Group[]): Record<string, unknown> {
  return {
    machine,
    groups: groups.map(({ name, title, figures, fault }) => ({
      name,
      title,
      fault: fault ?? null,
      figures: figures.map((figure) => ({
        name: figure.name,
        what: figure.what,
        value: figure.value,
        unit: figure.unit,
        reference: figure.reference ?? null,
        ratio: ratioOf(figure),
        goal: figure.goal === undefined ? null : { of: figure.goal.of, at_most: figure.goal.atMost },
        reached: isReached(figure),
      })),
    })),
  };
}
