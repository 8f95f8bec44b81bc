/**
 * From a service's own status to the document of the status API. Pure.
 *
 * @module
 */
import { VERSION } from "../../cli/version.ts";
import { correctedTimeOf } from "../../record/corrected_time.ts";
import { healthOf } from "../../record/health.ts";
import { flagNames, sourceName, warmupPercent } from "../../record/layout.ts";
import type { Observation } from "../../record/observation.ts";
import type { Honesty } from "../forecast/self_check.ts";
import type { TimingSummary } from "../publish/timing_histogram.ts";
import type { ModelsStatus, ServiceStatus } from "../service_status.ts";
import { type BoundFacts, boundReason } from "./bound_reason.ts";
import { boundFacts } from "./bound_facts.ts";
import { rungOf } from "./rung.ts";
import type { Moment, StatusDocument } from "./schemas.ts";
import { serversDocument } from "./server_rows.ts";

/** A status whose record could be read. */
export type ObservedStatus = ServiceStatus & { readonly observation: Observation };

/** `status` if its record could be read. */
export function observedStatus(status: ServiceStatus): ObservedStatus | null {
  const { observation } = status;
  return observation === null ? null : { ...status, observation };
}

/** Everything that is known, for process `pid`. */
export function statusDocument(status: ObservedStatus, pid: number): StatusDocument {
  const { observation: { record }, prediction, publisher } = status;
  const facts = boundFacts(status);
  return {
    version: VERSION,
    pid,
    shm_name: status.shmName,
    uptime_seconds: status.uptimeSeconds,
    health: healthOf({ state: status.observation.state, flags: record.flags }),
    why: boundReason(facts),
    clock: clockPart(status.observation),
    bound: boundPart(facts),
    warmup: {
      percent: warmupPercent(record.flags),
      measurements: prediction.measurementCount,
      sources: status.options.sources,
    },
    filter: filterPart(status),
    models: status.models === null ? null : modelsPart(status.models),
    calibration: calibrationPart(status.honesty),
    publication: {
      frequency_hz: status.frequencyHz,
      predictions: record.totalCorrections,
      lateness: timing(publisher.lateness),
      write: timing(publisher.writeTime),
    },
    disruptions: {
      by_reason: status.disruptions,
      last_reason: status.lastDisruption,
      realtime_steps: publisher.realtimeSteps,
    },
    counters: countersOf(status),
    ...serversDocument(status),
  };
}

/** The time served at one moment. */
export function momentOf(observation: Observation): Moment {
  const time = correctedTimeOf(observation);
  return {
    utc_seconds: time.correctedTimestamp,
    is_valid: observation.state === "valid",
    offset_seconds: time.correctionSeconds,
    uncertainty_seconds: time.uncertaintySeconds,
    max_error_seconds: finiteOrNull(time.maxErrorSeconds),
    drift_rate: time.driftRate,
    rung: rungOf(time.flags, time.source),
  };
}

/** What is counted because it should not happen often. */
function countersOf(
  { publisher, models, tornReadRetries }: ServiceStatus,
): StatusDocument["counters"] {
  return {
    torn_read_retries: tornReadRetries,
    late_publications: publisher.latePublications,
    missed_periods: publisher.missedPeriods,
    slow_inferences: models?.slowInferences ?? 0,
  };
}

function clockPart(observation: Observation): StatusDocument["clock"] {
  const { record, ageSeconds, state } = observation;
  const systemNow = record.systemTimestamp + ageSeconds;
  return {
    state,
    source: sourceName(record.source),
    flags: flagNames(record.flags).map((name) => name.toLowerCase()),
    drift_uncertainty: record.driftUncertainty,
    confidence: record.confidence,
    valid_for_seconds: record.validUntil - systemNow,
    last_sync_seconds: record.lastNtpSync === 0
      ? null
      : Math.max(0, record.correctedTimestamp + ageSeconds - record.lastNtpSync),
    ...momentOf(observation),
  };
}

function boundPart(facts: BoundFacts): StatusDocument["bound"] {
  const isOfServers = facts.kind === "servers";
  return {
    kind: facts.kind,
    max_error_seconds: "maxErrorSeconds" in facts ? facts.maxErrorSeconds : null,
    voters: isOfServers ? facts.voters : null,
    agreed: isOfServers ? facts.agreed : null,
    edge: isOfServers
      ? {
        source: facts.edge.source,
        side: facts.edge.side,
        half_round_trip_seconds: facts.edge.halfRoundTripSeconds,
        root_distance_seconds: facts.edge.rootDistanceSeconds,
        age_seconds: facts.edge.ageSeconds,
        drift_seconds: facts.edge.driftSeconds,
        displacement_seconds: facts.edge.displacementSeconds,
      }
      : null,
  };
}

function filterPart({ estimator, prediction }: ServiceStatus): StatusDocument["filter"] {
  const estimate = estimator.estimateAt(prediction.atSeconds);
  const servers = [...estimator.window.servers];
  return {
    frequency: estimate?.frequency ?? null,
    frequency_sigma: estimate === null ? null : Math.sqrt(estimate.frequencyVariance),
    offset_sigma_seconds: estimate === null ? null : Math.sqrt(estimate.offsetVariance),
    asymmetry_sigma_seconds: estimate === null ? null : Math.sqrt(estimate.biasVariance),
    regime_changes: estimator.regimeChanges,
    servers_remembered: servers.length,
    samples_remembered: servers.reduce(
      (sum, { trusted, doubted }) => sum + trusted.length + doubted.length,
      0,
    ),
  };
}

function modelsPart({ standings, inference }: ModelsStatus): StatusDocument["models"] {
  const members = standings.map(({ role, state, trouble, weight, answerAgeSeconds }) => ({
    role,
    state,
    trouble,
    weight,
    last_answer_seconds: answerAgeSeconds,
  }));
  return { members, inference: timing(inference) };
}

function calibrationPart({ scale, coverage, correctionSeconds }: Honesty): StatusDocument["calibration"] {
  return {
    scale,
    coverage: coverage.map((one) => ({ ...one })),
    retrospective_seconds: correctionSeconds,
  };
}

function timing({ count, minSeconds, meanSeconds, p99Seconds, maxSeconds }: TimingSummary) {
  return {
    count,
    min_seconds: minSeconds,
    mean_seconds: meanSeconds,
    p99_seconds: p99Seconds,
    max_seconds: maxSeconds,
  };
}

function finiteOrNull(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
