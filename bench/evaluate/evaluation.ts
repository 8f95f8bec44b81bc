/**
 * Runs contenders through scenarios.
 *
 * @module
 */
import type { Scenario } from "../../sim/world/scenario.ts";
import { type Reading, runScenario } from "../../sim/world/run_scenario.ts";
import { World } from "../../sim/world/world.ts";
import type { Contender } from "./contenders.ts";
import { scoreTrace, type TraceFacts, type TraceScore } from "./trace_score.ts";

/** What is to be evaluated. */
export interface EvaluationPlan {
  readonly scenarios: readonly (readonly [name: string, scenario: Scenario])[];
  readonly contenders: readonly Contender[];
  /** Traces of each scenario, from seed `seedFrom` on. */
  readonly traces: number;
  readonly seedFrom: number;
  /** How often the time is read, s. */
  readonly readIntervalSeconds: number;
}

/** One contender on all traces of one scenario, in the order of their seeds. */
export interface Result {
  readonly scenario: string;
  readonly contender: string;
  readonly scores: readonly TraceScore[];
  /** Virtual seconds that passed in a real one. */
  readonly speed: number;
}

/** The clones of a forked machine that are evaluated in turn. */
const BRANCHES = 2;

/** All contenders on all scenarios: one scenario after the other, each contender on the same traces. */
export function* evaluate(plan: EvaluationPlan, onTrace: (result: string) => void): Generator<Result[]> {
  for (const [name, scenario] of plan.scenarios) {
    yield plan.contenders.map((contender) => {
      const began = performance.now();
      const scores = Array.from({ length: plan.traces }, (_, index) => {
        onTrace(`${name}, ${contender.name}, trace ${index + 1} of ${plan.traces}`);
        return scoreOne(plan, scenario, contender, plan.seedFrom + index);
      });
      const tookSeconds = (performance.now() - began) / 1000;
      const speed = plan.traces * scenario.durationSeconds / tookSeconds;
      return { scenario: name, contender: contender.name, scores, speed };
    });
  }
}

/** One contender's readings of one trace. */
export function readTrace(
  { readIntervalSeconds }: EvaluationPlan,
  scenario: Scenario,
  { create }: Contender,
  seed: number,
): Reading[] {
  return [...runScenario({ scenario, seed, branch: branchOf(seed), create, readIntervalSeconds })];
}

function scoreOne(plan: EvaluationPlan, scenario: Scenario, contender: Contender, seed: number): TraceScore {
  const world = new World(scenario, seed, branchOf(seed));
  return scoreTrace(readTrace(plan, scenario, contender, seed), factsOf(world));
}

function branchOf(seed: number): number {
  return seed % BRANCHES;
}

function factsOf(world: World): TraceFacts {
  return {
    standstillsAtSeconds: world.events.filter(({ standstillSeconds }) => standstillSeconds > 0)
      .map(({ atSeconds }) => atSeconds),
    recoveredSeconds: world.floorSeconds / 2,
  };
}
