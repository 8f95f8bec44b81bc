/**
 * Runs fleets of simulated machines: every one has an oscillator, paths and servers of its own.
 *
 * @module
 */
import { runScenario } from "../../sim/world/run_scenario.ts";
import type { Scenario } from "../../sim/world/scenario.ts";
import { BareClock } from "./bare_clock.ts";
import type { Contender } from "./contenders.ts";
import type { EvaluationPlan } from "./evaluation.ts";
import { type FleetScore, type Machine, scoreFleet } from "./fleet.ts";
import { SETTLING_SECONDS } from "./trace_score.ts";

/** How a fleet did whose machines all have the same kind of timekeeper. */
export interface FleetResult {
  /** A scenario's name, or {@linkcode MIXED_FLEET}. */
  readonly fleet: string;
  readonly contender: string;
  readonly score: FleetScore;
}

/** The fleet in which machines of all scenarios meet. */
const MIXED_FLEET = "all together";

/** Whom the others are compared with here. */
export const BARE_CLOCK: Contender = {
  name: "bare",
  summary: "Set by the first answer, then left alone",
  create: (_, base) => new BareClock(base),
};

/** They meet so often, s. */
const MEETING_SECONDS = 60;

/**
 * A fleet for each scenario with as many machines as the plan has traces, and one of machines from all of them when there are
 * several.
 */
export function* evaluateNodes(
  plan: EvaluationPlan,
  onMachine: (machine: string) => void,
): Generator<FleetResult[]> {
  const fleets = new Map<string, Machine[][]>();
  for (const [name, scenario] of plan.scenarios) {
    const machines = plan.contenders.map((contender) =>
      Array.from({ length: plan.traces }, (_, index) => {
        onMachine(`${name}, ${contender.name}, machine ${index + 1} of ${plan.traces}`);
        return attend(scenario, contender, plan.seedFrom + index);
      })
    );
    fleets.set(name, machines);
    yield scoreFleets(plan, name, machines);
  }
  if (fleets.size > 1) yield scoreFleets(plan, MIXED_FLEET, mix(plan, [...fleets.values()]));
}

function attend(scenario: Scenario, contender: Contender, seed: number): Machine {
  const readings = runScenario({
    scenario,
    seed,
    create: contender.create,
    readIntervalSeconds: MEETING_SECONDS,
  });
  return [...readings].filter(({ atSeconds }) => atSeconds >= SETTLING_SECONDS);
}

/** The first machine of the first scenario, the second of the second … so that no two have a seed in common. */
function mix(plan: EvaluationPlan, fleets: readonly Machine[][][]): Machine[][] {
  return plan.contenders.map((_, contender) =>
    Array.from({ length: plan.traces }, (_, index) => fleets[index % fleets.length]![contender]![index]!)
  );
}

function scoreFleets(plan: EvaluationPlan, fleet: string, machines: readonly Machine[][]): FleetResult[] {
  return plan.contenders.map(({ name }, contender) => ({
    fleet,
    contender: name,
    score: scoreFleet(machines[contender]!, plan.seedFrom),
  }));
}
