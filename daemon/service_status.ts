/**
 * What can be said of a running service, in its own terms.
 *
 * @module
 */
import type { Observation } from "../record/observation.ts";
import type { DisruptionCounts, DisruptionReason } from "./disruption.ts";
import type { SelectingEstimator } from "./estimate/estimator.ts";
import type { ModelStanding } from "./forecast/model_forecaster.ts";
import type { Honesty } from "./forecast/self_check.ts";
import type { PipelineOptions } from "./pipeline.ts";
import type { Prediction } from "./publish/prediction.ts";
import type { PublisherStatistics } from "./publish/publisher.ts";
import type { TimingSummary } from "./publish/timing_histogram.ts";
import type { NameStatus } from "./sources/server_pool.ts";

/** An answer that took longer in the models' thread counts as slow, s. */
export const SLOW_INFERENCE_SECONDS = 0.01;

/** How the models do. */
export interface ModelsStatus {
  readonly standings: readonly ModelStanding[];
  /** How long answers took in the models' thread. */
  readonly inference: TimingSummary;
  /** Answers that took longer than {@linkcode SLOW_INFERENCE_SECONDS}. */
  readonly slowInferences: number;
}

/** A snapshot, except for the estimator, which is the live one and only to be looked at. */
export interface ServiceStatus {
  /** Where the record is published: a name, or the path of a file. */
  readonly shmName: string;
  readonly frequencyHz: number;
  /** CLOCK_MONOTONIC_RAW of the snapshot. */
  readonly rawNs: bigint;
  readonly uptimeSeconds: number;
  readonly options: PipelineOptions;
  /** What the publisher works from. */
  readonly prediction: Prediction;
  /** What readers see; null when none of many attempts found a whole publication. */
  readonly observation: Observation | null;
  /** Attempts to see it that met a write under way, so far. */
  readonly tornReadRetries: number;
  readonly estimator: SelectingEstimator;
  readonly names: readonly NameStatus[];
  readonly publisher: PublisherStatistics;
  readonly honesty: Honesty;
  readonly disruptions: DisruptionCounts;
  readonly lastDisruption: DisruptionReason | null;
  /** Null where none is enabled. */
  readonly models: ModelsStatus | null;
}
