/**
 * What can be asked of the status API: a table that the server, its documentation and its tests go by.
 *
 * @module
 */
import { z } from "zod";
import { correctedTimeOf } from "../../record/corrected_time.ts";
import { statusToJson } from "../../record/json.ts";
import { type Observation, statusOf } from "../../record/observation.ts";
import { boundFacts } from "./bound_facts.ts";
import { boundReason } from "./bound_reason.ts";
import { MAX_EVENTS_HZ, MAX_WATCHERS } from "./event_hub.ts";
import { HISTORY_INTERVAL_SECONDS, HISTORY_SECONDS } from "./history.ts";
import { METRICS_TYPE, metricsText } from "./metrics.ts";
import { openapiDocument } from "./openapi.ts";
import { jsonReply, refusalReply, type Reply, type StreamReply } from "./reply.ts";
import { HISTORY, OPENAPI, PROBE, SERVERS, STATUS, TIME } from "./schemas.ts";
import { serversDocument } from "./server_rows.ts";
import { type ObservedStatus, observedStatus, statusDocument } from "./status_document.ts";
import type { WatchedService } from "./watched_service.ts";

/** One thing that can be asked. */
export interface Route {
  /** For the documentation, one line. */
  readonly summary: string;
  /** What may stand behind the question mark; nothing unless given. */
  readonly query?: z.ZodObject;
  /** The shape of an answer in JSON; null: another type of text. */
  readonly schema: z.ZodType | null;
  /** MIME type of an answer that is no JSON. */
  readonly type?: string;
  /** Other statuses than 200, and when. */
  readonly otherStatuses?: Readonly<Record<number, string>>;
  /** `query` has passed the schema. */
  answer(service: WatchedService, query: Readonly<Record<string, unknown>>): Reply | StreamReply;
}

const NO_VALID_TIME = { 503: "There is no valid time now" };

const HISTORY_QUERY = z.object({
  seconds: wholeNumber(HISTORY_SECONDS).default(HISTORY_SECONDS).meta({
    description: "How far to look back, s",
  }),
});

const EVENTS_QUERY = z.object({
  hz: wholeNumber(MAX_EVENTS_HZ).default(1).meta({ description: "Moments a second" }),
});

/** By path. */
export const ROUTES: Readonly<Record<string, Route>> = {
  "/v1/time": {
    summary: "The time now with its bounds, and the record that says so",
    schema: TIME,
    otherStatuses: NO_VALID_TIME,
    answer: (service) => seen(service.observe(), timeReply),
  },
  "/v1/status": {
    summary: "Everything that is known of the daemon, and why the bound is what it is",
    schema: STATUS,
    answer: (service) => observed(service, (status) => jsonReply(statusDocument(status, Deno.pid))),
  },
  "/v1/servers": {
    summary: "The servers: how they do, and why each is followed or not",
    schema: SERVERS,
    answer: (service) => jsonReply(serversDocument(service.status())),
  },
  "/v1/history": {
    summary: "The time served in the last hour, a moment a second",
    query: HISTORY_QUERY,
    schema: HISTORY,
    answer: (service, { seconds }) =>
      jsonReply({
        interval_seconds: HISTORY_INTERVAL_SECONDS,
        moments: service.history.last(seconds as number),
      }),
  },
  "/v1/events": {
    summary: "Server-sent events: moment (Moment), status (Status, once a second), happening (Happening)",
    query: EVENTS_QUERY,
    schema: null,
    type: "text/event-stream",
    otherStatuses: { 503: "Too many watch already" },
    answer: (service, { hz }) => eventsReply(service, hz as number),
  },
  "/healthz": {
    summary: "Whether the daemon lives and publishes",
    schema: PROBE,
    otherStatuses: { 503: "It does not publish" },
    answer: (service) => seen(service.observe(), healthReply),
  },
  "/readyz": {
    summary: "Whether there is a valid time",
    schema: PROBE,
    otherStatuses: NO_VALID_TIME,
    answer: (service) => observed(service, readyReply),
  },
  "/metrics": {
    summary: "The status as Prometheus reads it",
    schema: null,
    type: METRICS_TYPE,
    answer: (service) =>
      observed(service, (status) => ({
        status: 200,
        type: METRICS_TYPE,
        body: metricsText(statusDocument(status, Deno.pid)),
      })),
  },
  "/openapi.json": {
    summary: "This API, as OpenAPI 3.1",
    schema: OPENAPI,
    answer: () => jsonReply(openapiDocument(ROUTES)),
  },
};

/** From 1 to `max`, as it stands in a query. */
function wholeNumber(max: number) {
  const error = `a whole number from 1 to ${max}`;
  return z.string().regex(/^[1-9]\d{0,5}$/, { error }).transform(Number).pipe(z.int().max(max, { error }));
}

function timeReply(observation: Observation): Reply {
  const isValid = observation.state === "valid";
  const document = statusToJson(statusOf(observation), isValid ? correctedTimeOf(observation) : null);
  return jsonReply(document, isValid ? 200 : 503);
}

function healthReply({ state, ageSeconds }: Observation): Reply {
  const ok = state !== "stale";
  const reason = ok ? "The daemon publishes." : `Nothing has been published for ${ageSeconds.toFixed(1)} s.`;
  return jsonReply({ ok, reason }, ok ? 200 : 503);
}

function readyReply(status: ObservedStatus): Reply {
  const ok = status.observation.state === "valid";
  return jsonReply({ ok, reason: boundReason(boundFacts(status)) }, ok ? 200 : 503);
}

function eventsReply({ events }: WatchedService, hz: number): Reply | StreamReply {
  if (!events.isFull) return { type: "text/event-stream", open: (sink) => events.watch(sink, hz) };
  return refusalReply({
    status: 503,
    code: "too_many_watchers",
    message: `${MAX_WATCHERS} watch already: close one, or ask for /v1/status now and then.`,
  });
}

function observed(service: WatchedService, answer: (status: ObservedStatus) => Reply): Reply {
  return seen(observedStatus(service.status()), answer);
}

/** A publication takes microseconds: not to find a whole one in many attempts means that the machine is overwhelmed. */
function seen<T>(what: T | null, answer: (what: T) => Reply): Reply {
  if (what !== null) return answer(what);
  return refusalReply({ status: 503, code: "busy", message: "The record is being written: ask again." });
}
