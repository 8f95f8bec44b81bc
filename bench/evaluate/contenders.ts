/**
 * Who takes part in the evaluation.
 *
 * @module
 */
import { Pipeline } from "../../daemon/pipeline.ts";
import type { TimekeeperFactory } from "../../sim/world/run_scenario.ts";
import { LastSample } from "./last_sample.ts";
import { LeastSquaresEstimator } from "./least_squares/least_squares_estimator.ts";
import { MinimumFilter } from "./minimum_filter.ts";
import { PlainKalman } from "./plain_kalman.ts";
import { SelectedServer } from "./selected_server.ts";

/** A way to keep time. */
export interface Contender {
  /** As given on the command line. */
  readonly name: string;
  readonly summary: string;
  readonly create: TimekeeperFactory;
}

/** All of them, the simplest first. A new one is one more entry. */
export const CONTENDERS: readonly Contender[] = [
  {
    name: "last",
    summary: "The last answer",
    create: (_, base) => new SelectedServer(base, () => new LastSample()),
  },
  {
    name: "minimum",
    summary: "The shortest round trip of eight (RFC 5905 §10), frequency by regression",
    create: (_, base) => new SelectedServer(base, () => new MinimumFilter()),
  },
  {
    name: "kalman",
    summary: "A Kalman filter with R = (round trip / 2)²",
    create: (_, base) => new SelectedServer(base, () => new PlainKalman()),
  },
  {
    name: "least_squares",
    summary: "The pipeline with a least-squares line in the filter's place",
    create: (options, base) => new Pipeline(options, base, null, new LeastSquaresEstimator()),
  },
  {
    name: "joint",
    summary: "The pipeline as it is: the joint filter",
    create: (options, base) => new Pipeline(options, base),
  },
];
