/**
 * The fields of the lines that only a daemon writes.
 *
 * @module
 */
import type { KernelClock } from "../../ffi/clocks.ts";
import { CorrectionSource } from "../../record/layout.ts";
import { RETROSPECTIVE_METHODS } from "../forecast/retrospective.ts";
import type { PipelineOptions } from "../pipeline.ts";
import type { Publication } from "../publish/publication_watch.ts";
import { MAX_FORECAST_SECONDS, SILENCE, type Spoken } from "./recorded_forecaster.ts";
import type { TraceFields } from "./trace_fields.ts";

/** Fields by name, as `formatFields` takes them. */
type Fields = Readonly<Record<string, unknown>>;

/** No duration or error in a trace is longer, s (about 300 years). */
export const MAX_SECONDS = 1e10;
/** No count is larger. */
export const MAX_COUNT: number = Number.MAX_SAFE_INTEGER;

const HEALTHS = ["waiting", "ready", "failing"] as const satisfies readonly Spoken["health"][];

/** The pipeline's options. */
export function optionsOf(fields: TraceFields): PipelineOptions {
  return {
    warmupSeconds: fields.number("warmup", 0, MAX_SECONDS),
    holdoverAfterSeconds: fields.number("holdover_after", 0, MAX_SECONDS),
    horizonSeconds: fields.number("horizon", 0, MAX_SECONDS),
    maxUncertaintySeconds: fields.number("max_uncertainty", 0, MAX_SECONDS),
    sources: fields.integer("sources", 0, MAX_COUNT),
    settleSeconds: fields.number("settle", 0, MAX_SECONDS),
    ...(fields.has("retrospective")
      ? { retrospective: fields.choice("retrospective", RETROSPECTIVE_METHODS) }
      : {}),
  };
}

/** The options as fields. */
export function optionsFields(options: PipelineOptions): Fields {
  return {
    warmup: options.warmupSeconds,
    holdover_after: options.holdoverAfterSeconds,
    horizon: options.horizonSeconds,
    max_uncertainty: options.maxUncertaintySeconds,
    sources: options.sources,
    settle: options.settleSeconds,
    retrospective: options.retrospective,
  };
}

/** What the kernel says of its clock. */
export function kernelOf(fields: TraceFields): KernelClock {
  return {
    synchronized: fields.boolean("synchronized"),
    maxErrorSeconds: fields.number("max_error", 0, MAX_SECONDS),
    estimatedErrorSeconds: fields.number("estimated_error", 0, MAX_SECONDS),
    frequency: fields.number("frequency", -1, 1),
    pendingLeap: fields.integer("pending_leap", -1, 1) as KernelClock["pendingLeap"],
    taiOffsetSeconds: fields.integer("tai_offset", -MAX_COUNT, MAX_COUNT),
  };
}

/** The kernel's word as fields. */
export function kernelFields(kernel: KernelClock): Fields {
  return {
    synchronized: kernel.synchronized,
    max_error: kernel.maxErrorSeconds,
    estimated_error: kernel.estimatedErrorSeconds,
    frequency: kernel.frequency,
    pending_leap: kernel.pendingLeap,
    tai_offset: kernel.taiOffsetSeconds,
  };
}

/** What the models said. */
export function spokenOf(fields: TraceFields): Spoken {
  return {
    health: fields.has("models") ? fields.choice("models", HEALTHS) : SILENCE.health,
    forecast: fields.has("forecast")
      ? {
        offsetSeconds: fields.number("forecast", -MAX_FORECAST_SECONDS, MAX_FORECAST_SECONDS),
        sigmaSeconds: fields.number("forecast_sigma", 0, MAX_FORECAST_SECONDS),
        source: fields.integer("forecast_source", 0, CorrectionSource.FUSION) as CorrectionSource,
      }
      : null,
  };
}

/** The models' word as fields; none where they said nothing. */
export function spokenFields({ health, forecast }: Spoken): Fields {
  return {
    models: health === SILENCE.health ? undefined : health,
    forecast: forecast?.offsetSeconds,
    forecast_sigma: forecast?.sigmaSeconds,
    forecast_source: forecast?.source,
  };
}

/** What a publication added to its prediction. */
export function publicationOf(fields: TraceFields): Publication {
  return {
    number: fields.integer("number", 1, MAX_COUNT),
    disruptions: fields.integer("disruptions", 0, MAX_COUNT),
    clocks: { rawNs: fields.ns("raw"), realtimeNs: fields.ns("realtime"), boottimeNs: fields.ns("boottime") },
    steeringRate: fields.number("steering", -1, 1),
    allowanceSeconds: fields.number("allowance", 0, MAX_SECONDS),
  };
}

/** The publication as fields. */
export function publicationFields(
  { number, disruptions, clocks, steeringRate, allowanceSeconds }: Publication,
): Fields {
  return {
    number,
    disruptions,
    raw: clocks.rawNs,
    realtime: clocks.realtimeNs,
    boottime: clocks.boottimeNs,
    steering: steeringRate,
    allowance: allowanceSeconds,
  };
}
