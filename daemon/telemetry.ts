/**
 * What the daemon tells OpenTelemetry, through the exporter that Deno has built in (`OTEL_DENO=true`): metrics of the
 * clock and a span for each question to a server. Names and attributes go by the semantic conventions.
 *
 * @module
 */
import {
  type Attributes,
  metrics,
  type ObservableResult,
  SpanKind,
  SpanStatusCode,
  trace,
} from "@opentelemetry/api";
import { Clock, nowNs } from "../ffi/clocks.ts";
import { VERSION } from "../cli/version.ts";
import { correctedTimeOf } from "../record/corrected_time.ts";
import type { Observation } from "../record/observation.ts";
import type { ExchangeListener } from "./service.ts";
import type { ServiceStatus } from "./service_status.ts";
import type { RequestListener } from "./status/status_server.ts";
import type { Exchange } from "./sources/measurement.ts";

/** The instrumentation's name, as resources are told apart by it. */
const SCOPE = "chronotick";
/** RFC 9110 §9.3 and PATCH. */
const KNOWN_METHODS: readonly string[] = [
  "GET",
  "HEAD",
  "POST",
  "PUT",
  "DELETE",
  "CONNECT",
  "OPTIONS",
  "TRACE",
  "PATCH",
];
const SOURCE = /^(?<host>.*)\|(?<address>.*):(?<port>\d+)$/;

/** A service that can be asked. */
interface Observed {
  observe(): Observation | null;
  status(): ServiceStatus;
}

/** One span per question: CLIENT, from the question's stamp to the answer's. */
export function exchangeSpans(): ExchangeListener {
  const tracer = trace.getTracer(SCOPE, VERSION);
  const startSpan = (source: string, startRawNs: bigint) =>
    tracer.startSpan("ntp.exchange", {
      kind: SpanKind.CLIENT,
      startTime: unixMsOf(startRawNs),
      attributes: {
        ...serverAttributes(source),
        "network.transport": "udp",
        "network.protocol.name": "ntp",
        "network.protocol.version": "4",
      },
    });
  return {
    measured({ source, t1RawNs, t4RawNs, stratum }: Exchange) {
      const span = startSpan(source, t1RawNs);
      span.setAttribute("chronotick.ntp.stratum", stratum);
      span.end(unixMsOf(t4RawNs));
    },
    unanswered(source, askedAtRawNs) {
      const span = startSpan(source, askedAtRawNs);
      span.setAttribute("error.type", "no_usable_answer");
      span.setStatus({ code: SpanStatusCode.ERROR });
      span.end();
    },
  };
}

/** How long requests to the status API took, as the semantic conventions want it of every HTTP server. */
export function requestMetrics(): RequestListener {
  const duration = metrics.getMeter(SCOPE, VERSION).createHistogram("http.server.request.duration", {
    unit: "s",
    description: "Duration of HTTP server requests",
  });
  return ({ method }, path, status, seconds) =>
    duration.record(seconds, {
      // Whatever a stranger sends must not become a time series of its own.
      "http.request.method": KNOWN_METHODS.includes(method) ? method : "_OTHER",
      "http.response.status_code": status,
      "url.scheme": "http",
      ...(path === null ? {} : { "http.route": path }),
    });
}

/** Has `service` asked whenever metrics are exported. */
export function observeMetrics(service: Observed): void {
  const meter = metrics.getMeter(SCOPE, VERSION);
  const gauge = (name: string, unit: string, description: string) =>
    meter.createObservableGauge(`chronotick.${name}`, { unit, description });
  const counter = (name: string, unit: string, description: string) =>
    meter.createObservableCounter(`chronotick.${name}`, { unit, description });

  const clock = {
    offset: gauge("clock.offset", "s", "Corrected minus system time"),
    uncertainty: gauge("clock.uncertainty", "s", "One calibrated sigma of the corrected time"),
    maxError: gauge("clock.error.limit", "s", "Hard bound of the corrected time's error"),
    drift: gauge("clock.drift", "1", "Rate error of the system clock"),
    valid: gauge("clock.valid", "1", "1 when the time may be used"),
  };
  meter.addBatchObservableCallback((result) => {
    const observation = service.observe();
    if (observation === null) return;
    const time = correctedTimeOf(observation);
    result.observe(clock.valid, observation.state === "valid" ? 1 : 0);
    result.observe(clock.offset, time.correctionSeconds);
    result.observe(clock.uncertainty, time.uncertaintySeconds);
    result.observe(clock.drift, time.driftRate);
    if (time.maxErrorSeconds < Infinity) result.observe(clock.maxError, time.maxErrorSeconds);
  }, Object.values(clock));

  observe(counter("measurements", "{measurement}", "Measurements accepted"), (result) => {
    result.observe(service.status().prediction.measurementCount);
  });
  observe(counter("publications", "{publication}", "Publications, by whether they began late"), (result) => {
    const { lateness, latePublications } = service.status().publisher;
    result.observe(latePublications, { "chronotick.publication.late": true });
    result.observe(lateness.count - latePublications, { "chronotick.publication.late": false });
  });
  observe(counter("disruptions", "{disruption}", "Disruptions of the clock, by reason"), (result) => {
    for (const [reason, count] of Object.entries(service.status().disruptions)) {
      result.observe(count, { "chronotick.disruption.reason": reason });
    }
  });
  observe(gauge("server.round_trip", "s", "Round trip to a server, by its last answer"), (result) => {
    for (const { source, lastExchange } of service.status().names.flatMap(({ servers }) => servers)) {
      if (lastExchange !== null) result.observe(roundTripSeconds(lastExchange), serverAttributes(source));
    }
  });
}

function observe(
  instrument: { addCallback(callback: (result: ObservableResult) => void): void },
  callback: (result: ObservableResult) => void,
): void {
  instrument.addCallback(callback);
}

/** As the semantic conventions name them: `server.*` is whom one meant, `network.peer.*` who it was. */
function serverAttributes(source: string): Attributes {
  const { host, address, port } = SOURCE.exec(source)?.groups ?? {};
  if (host === undefined) return { "server.address": source };
  return { "server.address": host, "server.port": Number(port), "network.peer.address": address! };
}

function roundTripSeconds({ t1RawNs, t2UtcNs, t3UtcNs, t4RawNs }: Exchange): number {
  return Number((t4RawNs - t1RawNs) - (t3UtcNs - t2UtcNs)) / 1e9;
}

/** Spans are stamped by the system clock, as everybody else's are. */
function unixMsOf(rawNs: bigint): number {
  return Date.now() - Number(nowNs(Clock.MONOTONIC_RAW) - rawNs) / 1e6;
}
