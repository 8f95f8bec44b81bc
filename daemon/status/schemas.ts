/**
 * The documents of the status API: their shape, units and meaning stand here once. Names are snake_case as everywhere
 * in JSON; a number that can be unknown is null then, never infinite.
 *
 * @module
 */
import { z } from "zod";
import { DISRUPTION_REASONS } from "../disruption.ts";
import { LOG_LEVELS } from "../log.ts";
import { RUNGS } from "./rung.ts";

function real(description: string) {
  return z.number().meta({ description });
}

function count(description: string) {
  return z.int().min(0).meta({ description });
}

function text(description: string) {
  return z.string().meta({ description });
}

const TIMING = z.strictObject({
  count: count("How many were counted"),
  min_seconds: real("s"),
  mean_seconds: real("s"),
  p99_seconds: real("s, upper edge of the 9 % wide bucket that holds it"),
  max_seconds: real("s"),
}).meta({ id: "Timing", description: "Durations counted since the daemon started; zeros before the first" });

const COUNTS = z.record(z.string(), z.int().min(0));

/** One server, or PTP clock, as an operator looks at it. */
export const SERVER = z.strictObject({
  source: text("Stable identity: host|address:port, or phc:/dev/ptp0"),
  name: text("The configured name that it belongs to"),
  address: z.string().nullable().meta({ description: "address:port; null for a PTP clock" }),
  is_selected: z.boolean().meta({ description: "It is among those that the time is taken from" }),
  reason: text("Why it is selected, or why not, in words"),
  reach: z.int().min(0).max(255).meta({ description: "The last eight polls as bits, the latest the lowest" }),
  polls: count("Questions asked"),
  answers: count("Usable answers"),
  interval_seconds: z.number().nullable().meta({ description: "Between two questions now, s" }),
  next_poll_seconds: z.number().nullable().meta({ description: "Until the next question, s" }),
  last_answer_seconds: z.number().nullable().meta({ description: "Since the last usable answer, s" }),
  stratum: z.int().nullable().meta({ description: "Hops to a reference clock; 0 for a PTP clock" }),
  root_delay_seconds: z.number().nullable().meta({
    description: "Of the server's own way to its reference, s",
  }),
  root_dispersion_seconds: z.number().nullable().meta({
    description: "What its clock may be off besides, s",
  }),
  offset_seconds: z.number().nullable().meta({
    description: "Its time minus the published time, by its tightest recent answer, s",
  }),
  half_width_seconds: z.number().nullable().meta({ description: "How far from that the truth may lie, s" }),
  delay_seconds: z.number().nullable().meta({ description: "Round trip of its last answer, s" }),
  floor_seconds: z.number().nullable().meta({ description: "Shortest round trip of late, s" }),
  jitter_seconds: z.number().nullable().meta({
    description: "RMS of its last eight offsets about the one with the shortest round trip, s (RFC 5905 §10)",
  }),
  bias_seconds: z.number().nullable().meta({ description: "What it is believed to be off for good, s" }),
  recent: z.array(z.strictObject({
    age_seconds: real("s"),
    offset_seconds: real("Its time minus the published time, s"),
    delay_seconds: real("Round trip, s"),
  })).meta({ description: "Its newest answers, oldest first" }),
  ignored: COUNTS.meta({ description: "Packets that were no answer, by reason" }),
  failures: COUNTS.meta({ description: "Questions without a usable answer, by reason" }),
  kisses: COUNTS.meta({ description: "Kiss-o'-death packets, by code" }),
}).meta({ id: "Server" });

/** All servers. */
export const SERVERS = z.strictObject({
  servers: z.array(SERVER),
  unresolved: z.array(z.strictObject({ name: z.string(), reason: z.string() })).meta({
    description: "Configured names without an address, and why",
  }),
}).meta({ id: "Servers" });

const EDGE = z.strictObject({
  source: text("The server whose word ends the bound on its wider side"),
  side: z.enum(["latest", "earliest"]),
  half_round_trip_seconds: real("Half the round trip of its best answer, s"),
  root_distance_seconds: real("What that answer may be off besides, s"),
  age_seconds: real("How old that answer is, s"),
  drift_seconds: real("What the oscillator may have drifted since (50 ppm), s"),
  displacement_seconds: real("How far its middle lies beyond the published time on that side, s"),
});

const BOUND = z.strictObject({
  kind: z.enum(["servers", "kernel", "nothing", "disrupted"]).meta({ description: "What it rests on" }),
  max_error_seconds: z.number().nullable().meta({ description: "Hard half-width now, s; null: none" }),
  voters: z.int().min(0).nullable().meta({ description: "Servers that have a say" }),
  agreed: z.boolean().nullable().meta({ description: "False when they contradict each other beyond repair" }),
  edge: EDGE.nullable().meta({ description: "What the bound on its wider side is made of" }),
}).meta({ id: "Bound", description: "The hard bound and what it rests on" });

const CLOCK = z.strictObject({
  is_valid: z.boolean().meta({ description: "Whether the time may be used" }),
  state: z.enum(["valid", "not_synchronized", "disrupted", "stale", "expired"]),
  rung: z.enum(RUNGS).meta({ description: "Of the fallback ladder" }),
  source: text("What produced the correction, as the record has it"),
  flags: z.array(z.string()).meta({ description: "Names of the flags set in the record" }),
  utc_seconds: real("The corrected time, Unix s"),
  offset_seconds: real("Corrected − system now, s"),
  uncertainty_seconds: real("One calibrated sigma now, s"),
  max_error_seconds: z.number().nullable().meta({ description: "Hard half-width now, s; null: unknown" }),
  drift_rate: real("Rate error of the system clock, s/s"),
  drift_uncertainty: real("One sigma of it, s/s"),
  confidence: real("Probability that the error is within ntp.max_uncertainty_ms, 0 … 1"),
  valid_for_seconds: real("Until nobody may use the record any more, if nothing new is published, s"),
  last_sync_seconds: z.number().nullable().meta({ description: "Since the last accepted measurement, s" }),
}).meta({ id: "Clock" });

const FILTER = z.strictObject({
  frequency: z.number().nullable().meta({ description: "d(UTC)/d(oscillator) − 1, s/s" }),
  frequency_sigma: z.number().nullable().meta({ description: "One sigma of it, s/s" }),
  offset_sigma_seconds: z.number().nullable().meta({ description: "Observable part of one sigma, s" }),
  asymmetry_sigma_seconds: z.number().nullable().meta({
    description: "What nobody can observe from one end, one sigma, s",
  }),
  regime_changes: count("Steps of the clock found in the answers"),
  servers_remembered: count("Servers with samples in the window"),
  samples_remembered: count("Samples in the window"),
}).meta({ id: "Filter", description: "What the estimator knows" });

const MODELS = z.strictObject({
  members: z.array(z.strictObject({
    role: z.enum(["short_term", "long_term"]),
    state: z.enum(["waiting", "speaking", "silent"]),
    trouble: z.string().nullable().meta({ description: "What keeps it from answering" }),
    weight: real("Its part in the fused forecast, 0 … 1"),
    last_answer_seconds: z.number().nullable().meta({
      description: "Since the estimate that its last answer looked at, s; null: none that holds",
    }),
  })),
  inference: TIMING,
}).meta({ id: "Models" });

const DISRUPTIONS = z.strictObject({
  by_reason: z.record(z.enum(DISRUPTION_REASONS), z.int().min(0)),
  last_reason: z.enum(DISRUPTION_REASONS).nullable(),
  realtime_steps: count("Steps of CLOCK_REALTIME by somebody else, followed within one publication"),
}).meta({ id: "Disruptions" });

const COUNTERS = z.strictObject({
  torn_read_retries: count("Reads of the record by the daemon itself that met a write under way"),
  late_publications: count("Publications that began more than 1 ms late"),
  missed_periods: count("Publications left out because the one before was later than a whole period"),
  slow_inferences: count("Answers of a model that took longer than 10 ms"),
}).meta({ id: "Counters" });

/** `GET /v1/status` */
export const STATUS = z.strictObject({
  version: text("Of the daemon"),
  pid: z.int().min(1),
  shm_name: text("Where the record is published"),
  uptime_seconds: real("s"),
  health: z.enum(["healthy", "degraded", "no_valid_time"]),
  why: text("One sentence that says why the bound is what it is"),
  clock: CLOCK,
  bound: BOUND,
  warmup: z.strictObject({
    percent: z.int().min(0).max(100),
    measurements: count("Accepted so far"),
    sources: count("Sources that are configured"),
  }),
  filter: FILTER,
  models: MODELS.nullable().meta({ description: "Null where none is enabled" }),
  calibration: z.strictObject({
    scale: real("The identifiable part of sigma is published so many times wider than estimated"),
    coverage: z.array(z.strictObject({
      promised: real("Share of the measurements at which the interval promises to hold"),
      held: count("Measurements at which it held"),
      tested: count("Measurements at which it was tested"),
    })),
    retrospective_seconds: z.number().nullable().meta({
      description: "By how much past predictions turned out to be off, RMS over the last ones, s",
    }),
  }),
  publication: z.strictObject({
    frequency_hz: real("Publications per second, as configured"),
    predictions: count("Predictions published"),
    lateness: TIMING.meta({ description: "How late publications begin" }),
    write: TIMING.meta({ description: "How long publications take" }),
  }),
  disruptions: DISRUPTIONS,
  counters: COUNTERS,
  ...SERVERS.shape,
}).meta({ id: "Status" });

/** The document of `GET /v1/status`. */
export type StatusDocument = z.infer<typeof STATUS>;
/** The document of `GET /v1/servers`. */
export type ServersDocument = z.infer<typeof SERVERS>;
/** One row of it. */
export type ServerRow = z.infer<typeof SERVER>;

/** `GET /v1/time`: what `chronotick-client json` prints. */
export const TIME = z.looseObject({
  is_valid: z.boolean(),
  state: z.enum(["valid", "not_synchronized", "disrupted", "stale", "expired"]),
  source: z.string(),
  corrected_time: z.number().optional().meta({ description: "Unix s; only with a valid time" }),
  iso: z.string().optional().meta({ description: "The same, ISO 8601 with nine digits" }),
  utc_ns: z.number().optional().meta({
    description: "The same, exact Unix ns: more digits than a double holds",
    type: "integer",
    format: "int64",
  }),
  correction: z.number().optional().meta({ description: "Corrected − system, s" }),
  time_uncertainty: z.number().optional().meta({ description: "One calibrated sigma, s" }),
  max_error_now: z.number().nullable().optional().meta({ description: "Hard half-width, s; null: unknown" }),
  earliest: z.string().optional().meta({ description: "The truth is not earlier" }),
  latest: z.string().optional().meta({ description: "The truth is not later" }),
}).meta({
  id: "Time",
  description: "The record with its state; the fields of the time only when it is valid",
});

/** `GET /healthz` and `GET /readyz` */
export const PROBE = z.strictObject({
  ok: z.boolean(),
  reason: text("In words"),
}).meta({ id: "Probe" });

/** `GET /openapi.json` */
export const OPENAPI = z.looseObject({ openapi: z.literal("3.1.0") }).meta({ id: "OpenApi" });

/** Every refusal. */
export const REFUSAL = z.strictObject({
  error: z.strictObject({ code: z.string(), message: text("What is wrong and what to do") }),
}).meta({ id: "Refusal" });

/** One moment of the time served. */
const MOMENT = z.strictObject({
  utc_seconds: real("When, Unix s"),
  is_valid: z.boolean().meta({ description: "Whether the time could be used" }),
  offset_seconds: real("Corrected − system, s"),
  uncertainty_seconds: real("One sigma, s"),
  max_error_seconds: z.number().nullable(),
  drift_rate: real("s/s"),
  rung: z.enum(RUNGS),
}).meta({ id: "Moment" });

/** One moment, for whoever keeps or sends it. */
export type Moment = z.infer<typeof MOMENT>;

/** `GET /v1/history` */
export const HISTORY = z.strictObject({
  interval_seconds: real("Between two moments, s"),
  moments: z.array(MOMENT).meta({ description: "Oldest first" }),
}).meta({ id: "History" });

/** A thing that happened, as the log has it. */
const HAPPENING = z.strictObject({
  utc_seconds: real("When, by the system clock, Unix s"),
  level: z.enum(LOG_LEVELS),
  component: z.string(),
  message: z.string(),
}).meta({ id: "Happening" });

/** One line of the log. */
export type Happening = z.infer<typeof HAPPENING>;
