/**
 * The `evaluate` command: ways to estimate the clock, on simulated traces whose truth is known.
 *
 * @module
 */
import { ExitCode } from "../../cli/exit_code.ts";
import { UsageError } from "../../cli/options.ts";
import { type Invocation, oneOf } from "../../cli/program.ts";
import { print, runCommand } from "../../cli/run_command.ts";
import { SCENARIOS } from "../../sim/world/scenarios.ts";
import { type Contender, CONTENDERS } from "./contenders.ts";
import { evaluate, type EvaluationPlan, readTrace, type Result } from "./evaluation.ts";
import { ModelledContender } from "./modelled_contender.ts";
import { BARE_CLOCK, evaluateNodes, type FleetResult } from "./nodes.ts";
import { fleetsToJson, fleetTable } from "./nodes_report.ts";
import { plotTrace } from "./plot.ts";
import { FIRST_HELD_OUT_SEED, FLEET_SCENARIOS, HEAD_TO_HEAD_SCENARIO, NAMES, PROGRAM } from "./program.ts";
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

/** Whom the models are added to. */
const UNMODELLED = "joint";

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
