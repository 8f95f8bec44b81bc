import { assertAlmostEquals, assertEquals } from "@std/assert";
import type { Result } from "../../../bench/evaluate/evaluation.ts";
import {
  ratioTables,
  resultsToJson,
  scenarioTable,
  tableMarkdown,
  tableText,
} from "../../../bench/evaluate/report.ts";
import type { TraceScore } from "../../../bench/evaluate/trace_score.ts";

function score(scale: number, recovery: number | null = null): TraceScore {
  return {
    meanError: scale * 1e-6,
    p99Error: scale * 2e-6,
    wander: scale * 0.5e-6,
    aheadError: scale * 3e-6,
    coverage95: 0.95,
    coverage999: 0.999,
    aheadCoverage95: 0.9,
    score95: scale * 10e-6,
    score999: scale * 20e-6,
    width95: scale * 8e-6,
    violations: 0,
    boundHalfWidth: 2e-3,
    recovery,
    holdoverError: null,
    validShare: 1,
  };
}

const RESULTS: Result[] = [
  { scenario: "cloud", contender: "old", scores: [score(10), score(20)], speed: 5000 },
  { scenario: "cloud", contender: "new", scores: [score(5), score(10)], speed: 7000.4 },
];

Deno.test("scenarioTable() shows the columns that somebody has a value in, in µs and %", () => {
  const { title, rows } = scenarioTable(RESULTS);
  assertEquals(title, "cloud (2 traces)");
  const header = rows[0]!;
  assertEquals(header.includes("recovery s") || header.includes("1 h holdover µs"), false);
  const cell = (row: number, name: string) => rows[row]![header.indexOf(name)];
  // Mean 15, sd 7.07, t(1) = 12.71.
  assertEquals(cell(1, "mean µs"), "15.0 ± 63.5");
  assertEquals(cell(2, "p99 µs"), "15.0");
  assertEquals(cell(1, "bound ± µs"), "2000");
  assertEquals(cell(1, "in 99.9 %"), "99.90");
  assertEquals(cell(2, "× real time"), "7000");
  const recovering = RESULTS.map((result) => ({ ...result, scores: [score(1, 12)] }));
  assertEquals(scenarioTable(recovering).rows[0]!.includes("recovery s"), true);
});

Deno.test("ratioTables() compares trace by trace with the reference", () => {
  const [means] = ratioTables([RESULTS], "old");
  assertEquals(means, {
    title: "mean error, over that of old",
    rows: [
      ["", "new"],
      ["cloud", "0.50 (0.50–0.50)"],
      ["geometric mean", "0.50 (0.50–0.50)"],
    ],
  });
});

Deno.test("tableText() and tableMarkdown() align names to the left and figures to the right", () => {
  const table = { title: "T", rows: [["", "figure"], ["long name", "1"], ["x", "22"]] };
  assertEquals(
    tableText(table),
    "\nT\n           figure\nlong name       1\nx              22\n",
  );
  assertEquals(
    tableMarkdown(table),
    "\n### T\n\n|           | figure |\n| --------- | -----: |\n| long name |      1 |\n| x         |     22 |\n",
  );
});

Deno.test("resultsToJson() gives every figure with its unit, its interval and how many traces had it", () => {
  const [old] = JSON.parse(JSON.stringify(resultsToJson([RESULTS])));
  assertEquals([old.scenario, old.contender, old.traces], ["cloud", "old", 2]);
  const { mean, half_width, traces } = old.figures.mean_error_seconds;
  assertAlmostEquals(mean, 15e-6, 1e-12);
  assertAlmostEquals(half_width, 63.55e-6, 1e-9);
  assertEquals(traces, 2);
  assertEquals(old.figures.recovery_seconds, { mean: null, half_width: null, traces: 0 });
  assertEquals(Object.keys(old.figures).length, 15);
});
