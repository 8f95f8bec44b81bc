/**
 * What the filter takes for one sample.
 *
 * @module
 */
import { JointFilter } from "../daemon/estimate/joint_filter.ts";
import type { Sample } from "../daemon/estimate/sample.ts";
import { Pipeline } from "../daemon/pipeline.ts";
import { runScenario } from "../sim/world/run_scenario.ts";
import { SCENARIOS } from "../sim/world/scenarios.ts";
import type { BenchContext } from "./bench_context.ts";
import type { Group } from "./figure.ts";
import { median } from "./statistics.ts";

const TRACES = { usual: 5, long: 20 };
/** Held out, as in the evaluation. */
const FIRST_SEED = 1000;

class TimedFilter extends JointFilter {
  readonly #timesMs: number[];

  constructor(timesMs: number[]) {
    super();
    this.#timesMs = timesMs;
  }

  override add(sample: Sample): void {
    const began = performance.now();
    super.add(sample);
    this.#timesMs.push(performance.now() - began);
  }
}

/** Times every sample of two hours of four simulated public servers, replays of the past included. */
export function measureFilterUpdate({ isLong, progress }: BenchContext): Promise<Group> {
  progress.begin("filter");
  const traces = isLong ? TRACES.long : TRACES.usual;
  const timesMs: number[] = [];
  for (let seed = FIRST_SEED; seed < FIRST_SEED + traces; seed++) {
    const create = (...[options, base]: ConstructorParameters<typeof Pipeline>) =>
      new Pipeline(options, base, null, new TimedFilter(timesMs));
    for (const _ of runScenario({ scenario: SCENARIOS.internet, seed, create })) continue;
  }
  const mean = timesMs.reduce((sum, time) => sum + time, 0) / timesMs.length;
  return Promise.resolve({
    name: "filter",
    title: `one sample of four servers, ${timesMs.length} samples of simulated traffic`,
    figures: [
      {
        name: "median",
        what: "into the filter, median",
        value: median(timesMs),
        unit: "ms",
        goal: { of: "value", atMost: 0.2 },
      },
      { name: "mean", what: "into the filter, mean: lives of the past included", value: mean, unit: "ms" },
    ],
  });
}
