/**
 * One row per server: how it does, and why it is followed or not. Pure.
 *
 * @module
 */
import { SERVER_ALIVE_SECONDS } from "../estimate/bound.ts";
import type { Sample } from "../estimate/sample.ts";
import type { ServerHistory } from "../estimate/sample_window.ts";
import { rawSecondsSince } from "../estimate/time_base.ts";
import type { ServiceStatus } from "../service_status.ts";
import type { ServerStatus } from "../sources/ntp_server.ts";
import { formatHostPort } from "../sources/server_name.ts";
import type { CorrectnessInterval } from "../sources/selection.ts";
import { intervalsOf } from "./bound_facts.ts";
import { durationText } from "./duration_text.ts";
import type { ServerRow, ServersDocument } from "./schemas.ts";

/** Answers that a row shows. */
const RECENT_SAMPLES = 32;
/** Samples that jitter is taken from: NTP's clock filter has eight stages. */
const JITTER_SAMPLES = 8;

/** The servers of all configured names, then PTP clocks. */
export function serversDocument(status: ServiceStatus): ServersDocument {
  const asked = status.names.flatMap(({ name, servers }) => servers.map((server) => ({ name, server })));
  const clocks = [...status.estimator.window.servers].map(({ source }) => source)
    .filter((source) => source.startsWith("phc:"));
  return {
    servers: [
      ...asked.map(({ name, server }) => askedRow(status, name, server)),
      ...clocks.map((source) => ({ ...NEVER_ASKED, ...knownOf(status, source), source, name: source })),
    ],
    unresolved: status.names.flatMap(({ name, fault }) => fault === null ? [] : [{ name, reason: fault }]),
  };
}

const NEVER_ASKED = {
  address: null,
  reach: 0,
  polls: 0,
  answers: 0,
  interval_seconds: null,
  next_poll_seconds: null,
  last_answer_seconds: null,
  stratum: 0,
  root_delay_seconds: null,
  root_dispersion_seconds: null,
  ignored: {},
  failures: {},
  kisses: {},
};

function askedRow(status: ServiceStatus, name: string, server: ServerStatus): ServerRow {
  const last = server.lastExchange;
  const known = knownOf(status, server.source);
  return {
    ...known,
    reason: server.answers === 0
      ? unansweredReason(server)
      : known.reason + silenceRemark(known.is_selected, server),
    source: server.source,
    name,
    address: formatHostPort(server.address.hostname, server.address.port),
    reach: server.reach,
    polls: server.polls,
    answers: server.answers,
    interval_seconds: server.intervalSeconds,
    next_poll_seconds: Math.max(0, server.nextPollAtRawSeconds - Number(status.rawNs) / 1e9),
    last_answer_seconds: last === null ? null : Number(status.rawNs - last.t4RawNs) / 1e9,
    stratum: last?.stratum ?? null,
    root_delay_seconds: last?.rootDelaySeconds ?? null,
    root_dispersion_seconds: last?.rootDispersionSeconds ?? null,
    ignored: server.ignored,
    failures: server.failures,
    kisses: server.kisses,
  };
}

/** What the estimator and the bound know of `source`. */
function knownOf(status: ServiceStatus, source: string) {
  const { estimator, prediction } = status;
  const history = estimator.window.find(source);
  const belief = estimator.pathBelief(source);
  const interval = intervalsOf(status).find((one) => one.source === source);
  const samples = history?.latestWord ?? [];
  const isMeasured = prediction.scale === "raw";
  const offsetAt = ({ atSeconds, offsetSeconds }: Sample) =>
    offsetSeconds - prediction.offsetSeconds - prediction.frequency * (atSeconds - prediction.atSeconds);
  const reason = knownReason(status, history, interval, belief !== null);
  return {
    is_selected: reason === SELECTED,
    reason,
    offset_seconds: interval !== undefined && isMeasured
      ? interval.midpointSeconds - prediction.offsetSeconds
      : null,
    half_width_seconds: interval === undefined ? null : (interval.highSeconds - interval.lowSeconds) / 2,
    delay_seconds: samples.at(-1)?.delaySeconds ?? null,
    floor_seconds: belief?.floorSeconds ?? null,
    bias_seconds: belief?.biasSeconds ?? null,
    jitter_seconds: jitterSeconds(samples, prediction.frequency),
    recent: (isMeasured ? samples.slice(-RECENT_SAMPLES) : []).map((sample) => ({
      age_seconds: rawSecondsSince(prediction.base, status.rawNs) - sample.atSeconds,
      offset_seconds: offsetAt(sample),
      delay_seconds: sample.delaySeconds,
    })),
  };
}

const SELECTED = "selected: it agrees with the majority";

function knownReason(
  { estimator, prediction }: ServiceStatus,
  history: ServerHistory | undefined,
  interval: CorrectnessInterval | undefined,
  hasSay: boolean,
): string {
  if (history === undefined) return "its answers say nothing of the time since the last disruption";
  if (interval === undefined) {
    const silent = prediction.atSeconds - history.newestAtSeconds;
    return `it has no vote: silent for ${durationText(Math.max(silent, SERVER_ALIVE_SECONDS))}`;
  }
  const { selection } = estimator;
  if (selection !== null && !selection.majority) {
    return "the servers contradict each other, and nobody can tell who is right";
  }
  const liar = selection?.falsetickers.find(({ source }) => source === history.source);
  if (liar !== undefined) {
    const side = liar.reason === "below majority" ? "behind" : "ahead of";
    return `not followed: it is ${durationText(liar.distanceSeconds)} ${side} what the majority agrees on`;
  }
  if (history.doubted.length > 0) return "doubted: its newest answers contradict its own past";
  return hasSay ? SELECTED : "agrees with the majority, yet is on probation after it jumped or was outvoted";
}

function silenceRemark(isSelected: boolean, { reach }: ServerStatus): string {
  return isSelected && reach === 0 ? ", and its last answers still count, though it is silent now" : "";
}

function unansweredReason({ polls, failures, kisses }: ServerStatus): string {
  if (polls === 0) return "not asked yet";
  const faults = [...Object.entries(failures), ...Object.entries(kisses)].map(([what, times]) =>
    `${what} ${times}`
  );
  return faults.length === 0 ? "has not answered yet" : `has not answered (${faults.join(", ")})`;
}

/** RFC 5905 §10, of the newest samples, with what the oscillator gained between them taken out. */
function jitterSeconds(samples: readonly Sample[], frequency: number): number | null {
  const newest = samples.slice(-JITTER_SAMPLES);
  if (newest.length < 2) return null;
  const best = newest.reduce((a, b) => b.delaySeconds < a.delaySeconds ? b : a);
  const squares = newest.map(({ offsetSeconds, atSeconds }) =>
    (offsetSeconds - best.offsetSeconds - frequency * (atSeconds - best.atSeconds)) ** 2
  );
  return Math.sqrt(squares.reduce((sum, square) => sum + square, 0) / (newest.length - 1));
}
