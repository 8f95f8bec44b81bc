/**
 * The lines of a trace: what went into the pipeline, and when its answers were published. One JSON object a line, in
 * the order it happened; instants are integers of nanoseconds, everything else is in seconds. Anybody may write
 * `exchange`, `lost` and `query` lines; the others are what a daemon adds, so that a replay publishes what it published.
 *
 * | type | fields |
 * |---|---|
 * | `exchange` | `server`, `t1`, `t2`, `t3`, `t4`, `stratum`, `root_delay`, `root_dispersion`; optional `leap`, `precision` |
 * | `lost` | `server`, `t1`: a question without a usable answer |
 * | `query` | `local`, optional `for`: what is the time at `local`, or, from what is known at `local`, at `for`? |
 * | `start` | a daemon started here: `version`, `program`, `base_raw`, `base_utc`, its options and what it knew of this oscillator and its servers |
 * | `options` | it took new options |
 * | `kernel` | from here on the kernel says this of its own clock |
 * | `predict` | prediction `number` was made here, of all that came before, and of what the models said |
 * | `published` | from here on readers saw prediction `number`; what the clocks read at that publication |
 * | `disruption` | something happened to the machine before this: `count` so far, for the `reason` (suspend unless given) |
 * | `temperature`, `clock` | a sensor or another clock was read: for whoever studies the trace, the pipeline uses neither |
 *
 * `t1`, `t4`, `local` and `for` are the client's CLOCK_MONOTONIC_RAW, `t2` and `t3` the server's UTC. What a daemon
 * writes has a `local` in every line (in `exchange` it is `t4` unless given), which never decreases.
 *
 * @module
 */
import type { KernelClock } from "../../ffi/clocks.ts";
import { DISRUPTION_REASONS, type DisruptionReason } from "../disruption.ts";
import type { EstimatorPrior } from "../estimate/estimator.ts";
import type { TimeBase } from "../estimate/time_base.ts";
import type { PipelineOptions } from "../pipeline.ts";
import type { Publication } from "../publish/publication_watch.ts";
import type { Exchange } from "../sources/measurement.ts";
import {
  kernelFields,
  kernelOf,
  MAX_COUNT,
  MAX_SECONDS,
  optionsFields,
  optionsOf,
  publicationFields,
  publicationOf,
  spokenFields,
  spokenOf,
} from "./recorded_fields.ts";
import type { Spoken } from "./recorded_forecaster.ts";
import { formatFields, TraceFields, TraceLineError } from "./trace_fields.ts";

/** The format that this code writes, and the only one that it reads. */
const TRACE_VERSION = 1;

/** What every line says: when, by CLOCK_MONOTONIC_RAW, it came about. */
interface Line<Type extends string> {
  readonly type: Type;
  readonly localRawNs: bigint;
}

/** A daemon started: everything before belongs to another run. */
export interface StartLine extends Line<"start"> {
  /** Who recorded. */
  readonly program: string;
  readonly base: TimeBase;
  readonly options: PipelineOptions;
  readonly prior: EstimatorPrior | null;
}

/** What can stand in a trace. */
export type TraceLine =
  | StartLine
  | Line<"options"> & { readonly options: PipelineOptions }
  | Line<"exchange"> & { readonly exchange: Exchange }
  | Line<"lost"> & { readonly source: string; readonly t1RawNs: bigint }
  | Line<"query"> & { readonly forRawNs: bigint }
  | Line<"kernel"> & { readonly kernel: KernelClock }
  | Line<"predict"> & { readonly number: number; readonly spoken: Spoken }
  | Line<"published"> & { readonly publication: Publication }
  | Line<"disruption"> & { readonly count: number; readonly reason: DisruptionReason }
  | Line<"temperature">
  | Line<"clock">;

const TYPES = [
  "start",
  "options",
  "exchange",
  "lost",
  "query",
  "kernel",
  "predict",
  "published",
  "disruption",
  "temperature",
  "clock",
] as const satisfies readonly TraceLine["type"][];

/** Names of servers are shorter. */
const MAX_NAME_CHARACTERS = 512;
const MAX_STRATUM = 255;
/** What is taken for a server's precision when a trace does not say it, s: today's are finer. */
const DEFAULT_PRECISION_SECONDS = 1e-6;

/** Reads one line. @throws {TraceLineError} it is broken: the message says how */
export function parseTraceLine(text: string): TraceLine {
  const fields = new TraceFields(text);
  const type = fields.choice("type", TYPES);
  switch (type) {
    case "exchange":
      return exchangeOf(fields);
    case "lost":
      return lostOf(fields);
    case "query":
      return {
        type,
        localRawNs: fields.ns("local"),
        forRawNs: fields.ns(fields.has("for") ? "for" : "local"),
      };
    case "start":
      return startOf(fields);
    case "options":
      return { type, localRawNs: fields.ns("local"), options: optionsOf(fields) };
    case "kernel":
      return { type, localRawNs: fields.ns("local"), kernel: kernelOf(fields) };
    case "predict":
      return {
        type,
        localRawNs: fields.ns("local"),
        number: fields.integer("number", 1, MAX_COUNT),
        spoken: spokenOf(fields),
      };
    case "published":
      return { type, localRawNs: fields.ns("local"), publication: publicationOf(fields) };
    case "disruption":
      return {
        type,
        localRawNs: fields.ns("local"),
        count: fields.integer("count", 0, MAX_COUNT),
        reason: fields.has("reason") ? fields.choice("reason", DISRUPTION_REASONS) : "suspend",
      };
    case "temperature":
    case "clock":
      return { type, localRawNs: fields.ns("local") };
  }
}

/** Writes one line, without its line feed; `parseTraceLine` gives the same line back. */
export function formatTraceLine(line: TraceLine): string {
  const { type, localRawNs: local } = line;
  switch (type) {
    case "exchange":
      return formatFields({
        type,
        local: local === line.exchange.t4RawNs ? undefined : local,
        ...exchangeFields(line.exchange),
      });
    case "lost":
      return formatFields({ type, local, server: line.source, t1: line.t1RawNs });
    case "query":
      return formatFields({ type, local, for: line.forRawNs === local ? undefined : line.forRawNs });
    case "start":
      return formatFields({ type, version: TRACE_VERSION, local, ...startFields(line) });
    case "options":
      return formatFields({ type, local, ...optionsFields(line.options) });
    case "kernel":
      return formatFields({ type, local, ...kernelFields(line.kernel) });
    case "predict":
      return formatFields({ type, local, number: line.number, ...spokenFields(line.spoken) });
    case "published":
      return formatFields({ type, local, ...publicationFields(line.publication) });
    case "disruption":
      return formatFields({ type, local, count: line.count, reason: line.reason });
    case "temperature":
    case "clock":
      return formatFields({ type, local });
  }
}

/** A server that says of itself that it is not synchronized (leap 3) gave no usable answer. */
function exchangeOf(fields: TraceFields): TraceLine {
  const leap = fields.has("leap") ? fields.integer("leap", 0, 3) as Exchange["leap"] | 3 : 0;
  const source = fields.text("server", MAX_NAME_CHARACTERS);
  const t1RawNs = fields.ns("t1");
  const t4RawNs = fields.ns("t4");
  if (t4RawNs < t1RawNs) {
    throw new TraceLineError(`the answer came before the question: "t4" is less than "t1"`);
  }
  const localRawNs = fields.has("local") ? fields.ns("local") : t4RawNs;
  if (leap === 3) return { type: "lost", localRawNs, source, t1RawNs };
  const exchange: Exchange = {
    source,
    t1RawNs,
    t2UtcNs: fields.ns("t2"),
    t3UtcNs: fields.ns("t3"),
    t4RawNs,
    stratum: fields.integer("stratum", 0, MAX_STRATUM),
    leap,
    rootDelaySeconds: fields.number("root_delay", 0, MAX_SECONDS),
    rootDispersionSeconds: fields.number("root_dispersion", 0, MAX_SECONDS),
    precisionSeconds: fields.has("precision") ? fields.number("precision", 0, 1) : DEFAULT_PRECISION_SECONDS,
  };
  return { type: "exchange", localRawNs, exchange };
}

function exchangeFields(exchange: Exchange) {
  return {
    server: exchange.source,
    t1: exchange.t1RawNs,
    t2: exchange.t2UtcNs,
    t3: exchange.t3UtcNs,
    t4: exchange.t4RawNs,
    stratum: exchange.stratum,
    leap: exchange.leap === 0 ? undefined : exchange.leap,
    root_delay: exchange.rootDelaySeconds,
    root_dispersion: exchange.rootDispersionSeconds,
    precision: exchange.precisionSeconds,
  };
}

function lostOf(fields: TraceFields): TraceLine {
  const t1RawNs = fields.ns("t1");
  const localRawNs = fields.has("local") ? fields.ns("local") : t1RawNs;
  return { type: "lost", localRawNs, source: fields.text("server", MAX_NAME_CHARACTERS), t1RawNs };
}

function startOf(fields: TraceFields): StartLine {
  fields.integer("version", TRACE_VERSION, TRACE_VERSION);
  return {
    type: "start",
    localRawNs: fields.ns("local"),
    program: fields.text("program", MAX_NAME_CHARACTERS),
    base: { rawNs: fields.ns("base_raw"), utcNs: fields.ns("base_utc") },
    options: optionsOf(fields),
    prior: fields.has("prior_frequency")
      ? {
        frequency: fields.number("prior_frequency", -1, 1),
        frequencyVariance: fields.number("prior_frequency_variance", Number.MIN_VALUE, 1),
        floorsSeconds: fields.numbers("prior_floors", 0, MAX_SECONDS),
      }
      : null,
  };
}

function startFields({ program, base, options, prior }: StartLine) {
  return {
    program,
    base_raw: base.rawNs,
    base_utc: base.utcNs,
    ...optionsFields(options),
    prior_frequency: prior?.frequency,
    prior_frequency_variance: prior?.frequencyVariance,
    prior_floors: prior?.floorsSeconds,
  };
}
