/**
 * What can be asked of the status API: a table that the server, its documentation and its tests go by.
 *
 * @module
 */
import { z } from "zod";
import { correctedTimeOf } from "../../record/corrected_time.ts";
import { statusToJson } from "../../record/json.ts";
import { type Observation, statusOf } from "../../record/observation.ts";
import type { ServiceStatus } from "../service_status.ts";
import { boundFacts } from "./bound_facts.ts";
import { boundReason } from "./bound_reason.ts";
import { jsonReply, refusalReply, type Reply } from "./reply.ts";
import { PROBE, SERVERS, STATUS, TIME } from "./schemas.ts";
import { serversDocument } from "./server_rows.ts";
import { type ObservedStatus, statusDocument } from "./status_document.ts";

/** What routes ask. */
export interface StatusSource {
  status(): ServiceStatus;
}

/** One thing that can be asked. */
export interface Route {
  /** For the documentation, one line. */
  readonly summary: string;
  /** What may stand behind the question mark; nothing unless given. */
  readonly query?: z.ZodObject;
  /** The shape of the answer. */
  readonly schema: z.ZodType;
  /** Other statuses than 200, and when. */
  readonly otherStatuses?: Readonly<Record<number, string>>;
  /** `query` has passed the schema. */
  answer(source: StatusSource, query: Readonly<Record<string, unknown>>): Reply;
}

const NO_VALID_TIME = { 503: "There is no valid time now" };

/** By path. */
export const ROUTES: Readonly<Record<string, Route>> = {
  "/v1/time": {
    summary: "The time now with its bounds, and the record that says so",
    schema: TIME,
    otherStatuses: NO_VALID_TIME,
    answer: (source) => observed(source, ({ observation }) => timeReply(observation)),
  },
  "/v1/status": {
    summary: "Everything that is known of the daemon, and why the bound is what it is",
    schema: STATUS,
    answer: (source) => observed(source, (status) => jsonReply(statusDocument(status, Deno.pid))),
  },
  "/v1/servers": {
    summary: "The servers: how they do, and why each is followed or not",
    schema: SERVERS,
    answer: (source) => jsonReply(serversDocument(source.status())),
  },
  "/healthz": {
    summary: "Whether the daemon lives and publishes",
    schema: PROBE,
    otherStatuses: { 503: "It does not publish" },
    answer: (source) => observed(source, healthReply),
  },
  "/readyz": {
    summary: "Whether there is a valid time",
    schema: PROBE,
    otherStatuses: NO_VALID_TIME,
    answer: (source) => observed(source, readyReply),
  },
};

function timeReply(observation: Observation): Reply {
  const isValid = observation.state === "valid";
  const document = statusToJson(statusOf(observation), isValid ? correctedTimeOf(observation) : null);
  return jsonReply(document, isValid ? 200 : 503);
}

function healthReply({ observation: { state, ageSeconds } }: ObservedStatus): Reply {
  const ok = state !== "stale";
  const reason = ok ? "The daemon publishes." : `Nothing has been published for ${ageSeconds.toFixed(1)} s.`;
  return jsonReply({ ok, reason }, ok ? 200 : 503);
}

function readyReply(status: ObservedStatus): Reply {
  const ok = status.observation.state === "valid";
  return jsonReply({ ok, reason: boundReason(boundFacts(status)) }, ok ? 200 : 503);
}

/** A publication takes microseconds: not to find a whole one in many attempts means that the machine is overwhelmed. */
function observed(source: StatusSource, answer: (status: ObservedStatus) => Reply): Reply {
  const status = source.status();
  const { observation } = status;
  if (observation !== null) return answer({ ...status, observation });
  return refusalReply({ status: 503, code: "busy", message: "The record is being written: ask again." });
}
