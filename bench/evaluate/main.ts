/**
 * The `evaluate` command: ways to estimate the clock, on simulated traces whose truth is known.
 *
 * @module
 */
import { ExitCode } from "../../cli/exit_code.ts";
import { UsageError } from "../../cli/options.ts";
import { type Invocation, oneOf, type Program } from "../../cli/program.ts";
import { print, runCommand } from "../../cli/run_command.ts";
import { VERSION } from "../../cli/version.ts";
import { SCENARIOS } from "../../sim/world/scenarios.ts";
import { CONTENDERS } from "./contenders.ts";
import { evaluate, type EvaluationPlan, readTrace, type Result } from "./evaluation.ts";
import { plotTrace } from "./plot.ts";
import { EvaluationProgress } from "./progress.ts";
import { ratioTables, resultsToJson, scenarioTable, type Table, tableMarkdown, tableText } from "./report.ts";

/** Seeds below are for tuning; published figures come from those above. */
const FIRST_HELD_OUT_SEED = 1000;
const DEFAULT_TRACES = 20;

const PROGRAM = {
  name: "chronotick-evaluate",
  version: VERSION,
  invocation: "deno task evaluate",
  summary:
    "Measures how well the clock is known: scenarios × estimators, on simulated traces with a known truth",
  options: {
    scenario: {
      kind: "string",
      placeholder: "S,…",
      help: `Only these: ${Object.keys(SCENARIOS).join(", ")}`,
    },
    estimator: {
      kind: "string",
      placeholder: "E,…",
      help: `Only these: ${CONTENDERS.map(({ name }) => name).join(", ")}`,
    },
    traces: {
      kind: "number",
      placeholder: "N",
      min: 1,
      max: 100_000,
      isInteger: true,
      default: DEFAULT_TRACES,
      help: "Traces of each scenario",
    },
    seedFrom: {
      kind: "number",
      placeholder: "N",
      min: 0,
      max: 1e9,
      isInteger: true,
      default: FIRST_HELD_OUT_SEED,
      help: `Seed of the first trace; those below ${FIRST_HELD_OUT_SEED} are for tuning`,
    },
    scope: {
      kind: "string",
      placeholder: "WHOSE",
      choices: ["private", "public"],
      help: "Ask all servers as often as these may be asked (private: every 10 s), not as the scenario says",
    },
    against: {
      kind: "string",
      placeholder: "E",
      choices: CONTENDERS.map(({ name }) => name),
      default: "least_squares",
      help: "Whom the others are compared with at the end",
    },
    markdown: { kind: "boolean", help: "Tables for a document" },
    json: { kind: "boolean", help: "One JSON object, in SI units" },
    plots: {
      kind: "string",
      placeholder: "FOLDER",
      help: "Draw the first trace of each scenario into this folder, as SVG",
    },
  },
  examples: [
    { line: "deno task evaluate --scenario cloud,wifi --traces 5", help: "A quick look" },
    {
      line: "deno task evaluate --traces 40 --markdown --plots plots > accuracy.md",
      help: "Figures to publish",
    },
  ],
} as const satisfies Program;

type Options = Invocation<typeof PROGRAM>["options"];

if (import.meta.main) await runCommand(PROGRAM, run);

function run({ options }: Invocation<typeof PROGRAM>): number {
  const plan = planOf(options);
  const progress = new EvaluationProgress(plan, {
    isTerminal: Deno.stderr.isTerminal(),
    write: (text) => void Deno.stderr.writeSync(new TextEncoder().encode(text)),
  });
  const results: Result[][] = [];
  for (const scenario of evaluate(plan, (trace) => progress.advance(trace))) {
    progress.clear();
    results.push(scenario);
    if (!options.json) print(tableIn(options, scenarioTable(scenario)));
    if (options.plots !== undefined) drawScenario(plan, scenario[0]!.scenario, options.plots);
  }
  print(options.json ? jsonText(plan, results) : closingText(options, plan, results));
  return ExitCode.DONE;
}

function planOf({ scenario, estimator, traces, seedFrom, scope }: Options): EvaluationPlan {
  const scenarios = namesIn("--scenario", scenario, Object.keys(SCENARIOS));
  const contenders = namesIn("--estimator", estimator, CONTENDERS.map(({ name }) => name));
  return {
    scenarios: Object.entries(SCENARIOS).filter(([name]) => scenarios.includes(name))
      .map(([name, scenario]) => [name, { ...scenario, scope: scope ?? scenario.scope }]),
    contenders: CONTENDERS.filter(({ name }) => contenders.includes(name)),
    traces,
    seedFrom,
  };
}

/** The names in a list with commas; all that are known when there is none. */
function namesIn(flag: string, list: string | undefined, known: readonly string[]): readonly string[] {
  const names = list?.split(",") ?? known;
  const unknown = names.find((name) => !known.includes(name));
  if (unknown === undefined) return names;
  throw new UsageError(`${flag} names ${JSON.stringify(unknown)}: it must be ${oneOf(known)}.`);
}

/** The trace of the first seed. */
function drawScenario(plan: EvaluationPlan, name: string, folder: string): void {
  const scenario = plan.scenarios.find(([other]) => other === name)![1];
  const panels = plan.contenders.map((contender) => ({
    title: `${contender.name}: ${contender.summary}`,
    readings: readTrace(scenario, contender, plan.seedFrom),
  }));
  Deno.mkdirSync(folder, { recursive: true });
  Deno.writeTextFileSync(
    `${folder}/${name}.svg`,
    plotTrace(`${name}: ${scenario.summary} (seed ${plan.seedFrom})`, panels),
  );
}

function tableIn({ markdown }: Options, table: Table): string {
  return markdown ? tableMarkdown(table) : tableText(table);
}

/** The comparison, and where the figures come from. */
function closingText(options: Options, plan: EvaluationPlan, results: readonly Result[][]): string {
  const isComparable = plan.contenders.length > 1 &&
    plan.contenders.some(({ name }) => name === options.against);
  const tables = isComparable ? ratioTables(results, options.against) : [];
  return `${tables.map((table) => tableIn(options, table)).join("")}\n${seedsText(plan)}\n`;
}

function seedsText({ seedFrom, traces }: EvaluationPlan): string {
  const use = seedFrom >= FIRST_HELD_OUT_SEED ? "held out" : "for tuning, not for publication";
  return `Seeds ${seedFrom} to ${seedFrom + traces - 1} (${use}). Intervals are of 95 %, over traces.`;
}

function jsonText({ seedFrom, traces }: EvaluationPlan, results: readonly Result[][]): string {
  return `${JSON.stringify({ seed_from: seedFrom, traces, results: resultsToJson(results) }, null, 2)}\n`;
}
