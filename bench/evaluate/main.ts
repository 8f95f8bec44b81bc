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
import { READ_INTERVAL_SECONDS } from "../../sim/world/run_scenario.ts";
import { SCENARIOS } from "../../sim/world/scenarios.ts";
import { type Contender, CONTENDERS } from "./contenders.ts";
import { evaluate, type EvaluationPlan, readTrace, type Result } from "./evaluation.ts";
import { ModelledContender } from "./modelled_contender.ts";
import { BARE_CLOCK, evaluateNodes, type FleetResult } from "./nodes.ts";
import { fleetsToJson, fleetTable } from "./nodes_report.ts";
import { plotTrace } from "./plot.ts";
import { EvaluationProgress, type ProgressOptions } from "./progress.ts";
import {
  ratioTables,
  resultsToJson,
  scenarioTable,
  type Table,
  tableMarkdown,
  tableText,
  variantTable,
} from "./report.ts";

/** Seeds below are for tuning; published figures come from those above. */
const FIRST_HELD_OUT_SEED = 1000;
const DEFAULT_TRACES = 20;
/** What fleets are made of, and what both daemons are put into, unless the command line says otherwise. */
const FLEET_SCENARIOS = "lan,cloud,internet,wifi";
const HEAD_TO_HEAD_SCENARIO = "internet";
const DEFAULT_MINUTES = 10;
/** Whom the models are added to. */
const UNMODELLED = "joint";
const NAMES: readonly string[] = [...CONTENDERS.map(({ name }) => name), ModelledContender.NAME];

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
      help: `Only these: ${NAMES.join(", ")}`,
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
    every: {
      kind: "number",
      placeholder: "S",
      min: 1,
      max: 60,
      default: READ_INTERVAL_SECONDS,
      help: "Read the time so often, s; models are asked at each reading, so that less often is quicker",
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
      choices: NAMES,
      default: "least_squares",
      help: "Whom the others are compared with at the end",
    },
    nodes: {
      kind: "number",
      placeholder: "N",
      min: 2,
      max: 10_000,
      isInteger: true,
      help:
        `Instead: how far apart do N machines act that agree on a time (scenarios: ${FLEET_SCENARIOS} unless given)`,
    },
    headToHead: {
      kind: "boolean",
      help:
        `Instead: chronyd and the daemon side by side in real time (scenario: ${HEAD_TO_HEAD_SCENARIO} unless given)`,
    },
    minutes: {
      kind: "number",
      placeholder: "N",
      min: 0.5,
      max: 1440,
      default: DEFAULT_MINUTES,
      help: "How long that takes",
    },
    networks: {
      kind: "number",
      placeholder: "N",
      min: 1,
      max: 16,
      isInteger: true,
      default: 1,
      help: "On so many networks at the same time, each with two daemons of its own",
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
    { line: "deno task evaluate --nodes 50", help: "Fleets of fifty machines" },
    { line: "deno task evaluate --head-to-head --minutes 2 --scenario cloud", help: "Against chronyd" },
  ],
} as const satisfies Program;

type Options = Invocation<typeof PROGRAM>["options"];

const STDERR: ProgressOptions = {
  isTerminal: Deno.stderr.isTerminal(),
  write: (text) => void Deno.stderr.writeSync(new TextEncoder().encode(text)),
};

if (import.meta.main) await runCommand(PROGRAM, run);

async function run({ options }: Invocation<typeof PROGRAM>): Promise<number> {
  if (options.headToHead && options.nodes !== undefined) {
    throw new UsageError("--head-to-head and --nodes do not go together: give one of them.");
  }
  if (options.headToHead) return await runHeadToHead(options);
  const names = namesIn("--estimator", options.estimator, NAMES);
  using modelled = names.includes(ModelledContender.NAME) ? await ModelledContender.start() : null;
  const contenders = [...CONTENDERS, ...modelled === null ? [] : [modelled]]
    .filter(({ name }) => names.includes(name));
  return options.nodes === undefined
    ? runScenarios(options, contenders)
    : runNodes(options, contenders, options.nodes);
}

/** The ordinary evaluation. */
function runScenarios(options: Options, contenders: readonly Contender[]): number {
  const plan = planOf(options, contenders);
  const progress = new EvaluationProgress(plan, STDERR);
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

function runNodes(options: Options, contenders: readonly Contender[], nodes: number): number {
  const scenario = options.scenario ?? FLEET_SCENARIOS;
  const plan = planOf({ ...options, scenario, traces: nodes }, [BARE_CLOCK, ...contenders]);
  const progress = new EvaluationProgress(plan, STDERR);
  const results: FleetResult[][] = [];
  for (const fleet of evaluateNodes(plan, (machine) => progress.advance(machine))) {
    progress.clear();
    results.push(fleet);
    if (!options.json) print(tableIn(options, fleetTable(fleet)));
  }
  const { seedFrom } = plan;
  if (options.json) print(json({ seed_from: seedFrom, nodes, results: fleetsToJson(results) }));
  else print(`\n${seedsText(plan, "machines")}\n`);
  return ExitCode.DONE;
}

/** Imported when wanted, since it needs permissions that nothing else here does. */
async function runHeadToHead(options: Options): Promise<number> {
  const { headToHead } = await import("./head_to_head_command.ts");
  const { scenarios } = planOf({ ...options, scenario: options.scenario ?? HEAD_TO_HEAD_SCENARIO }, []);
  const { minutes, networks, seedFrom: seed, plots = null } = options;
  const results: Record<string, unknown>[] = [];
  for (const [name, scenario] of scenarios) {
    const outcome = await headToHead({ name, scenario, seed, networks, seconds: 60 * minutes, plots });
    if (outcome === null) break;
    results.push(outcome.json);
    if (!options.json) print(`${tableIn(options, outcome.table)}${outcome.notes}`);
  }
  if (options.json) print(json({ results }));
  return ExitCode.DONE;
}

function planOf(
  { scenario, traces, seedFrom, every, scope }: Options,
  contenders: readonly Contender[],
): EvaluationPlan {
  const scenarios = namesIn("--scenario", scenario, Object.keys(SCENARIOS));
  return {
    scenarios: Object.entries(SCENARIOS).filter(([name]) => scenarios.includes(name))
      .map(([name, scenario]) => [name, { ...scenario, scope: scope ?? scenario.scope }]),
    contenders,
    traces,
    seedFrom,
    readIntervalSeconds: every,
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
    readings: readTrace(plan, scenario, contender, plan.seedFrom),
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
  const competes = (...names: readonly string[]) =>
    names.every((wanted) => plan.contenders.some(({ name }) => name === wanted));
  const tables = [
    ...plan.contenders.length > 1 && competes(options.against) ? ratioTables(results, options.against) : [],
    ...competes(ModelledContender.NAME, UNMODELLED)
      ? [variantTable(results, ModelledContender.NAME, UNMODELLED)]
      : [],
  ];
  return `${tables.map((table) => tableIn(options, table)).join("")}\n${seedsText(plan, "traces")}\n`;
}

function seedsText({ seedFrom, traces }: EvaluationPlan, over: "traces" | "machines"): string {
  const use = seedFrom >= FIRST_HELD_OUT_SEED ? "held out" : "for tuning, not for publication";
  return `Seeds ${seedFrom} to ${seedFrom + traces - 1} (${use}). Intervals are of 95 %, over ${over}.`;
}

function jsonText({ seedFrom, traces }: EvaluationPlan, results: readonly Result[][]): string {
  return json({ seed_from: seedFrom, traces, results: resultsToJson(results) });
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
