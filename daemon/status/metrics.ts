/**
 * The status as Prometheus reads it: the text exposition format, version 0.0.4. Pure.
 *
 * @module
 */
import { RUNGS } from "./rung.ts";
import type { ServerRow, StatusDocument } from "./schemas.ts";

/** MIME type of the format. */
export const METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8";

type Labels = Readonly<Record<string, string>>;
/** A value, with its labels and what its name has behind the family's. */
type Sample = readonly [value: number | null, labels?: Labels, suffix?: "_sum" | "_count"];

interface Family {
  readonly name: string;
  readonly type: "gauge" | "counter" | "summary";
  readonly help: string;
  readonly samples: readonly Sample[];
}

/** All metrics of `status`. A value that is not known is left out. */
export function metricsText(status: StatusDocument): string {
  return families(status).map(familyText).join("");
}

function families(status: StatusDocument): Family[] {
  return [
    ...clockFamilies(status),
    ...qualityFamilies(status),
    ...publicationFamilies(status),
    ...serverFamilies(status.servers),
  ];
}

function clockFamilies({ clock, version, uptime_seconds, filter }: StatusDocument): Family[] {
  return [
    gauge("info", "The daemon's version", [[1, { version }]]),
    gauge("uptime_seconds", "How long the daemon has run", [[uptime_seconds]]),
    gauge("valid", "1 when the time may be used", [[clock.state === "valid" ? 1 : 0]]),
    gauge(
      "rung",
      "1 for the rung of the fallback ladder that the time stands on",
      RUNGS.map((rung) => [clock.rung === rung ? 1 : 0, { rung }]),
    ),
    gauge("offset_seconds", "Corrected minus system time", [[clock.offset_seconds]]),
    gauge("uncertainty_seconds", "One calibrated sigma of the corrected time", [[clock.uncertainty_seconds]]),
    gauge("max_error_seconds", "Hard bound of the corrected time's error; +Inf when there is none", [
      [clock.max_error_seconds ?? Infinity],
    ]),
    gauge("drift_rate", "Rate error of the system clock, seconds per second", [[clock.drift_rate]]),
    gauge("oscillator_frequency", "Rate error of the bare oscillator, seconds per second", [[
      filter.frequency,
    ]]),
    gauge("confidence", "Probability that the error is within ntp.max_uncertainty_ms", [[clock.confidence]]),
    gauge("last_sync_age_seconds", "Since the last accepted measurement", [[clock.last_sync_seconds]]),
  ];
}

function qualityFamilies({ warmup, calibration, disruptions, models }: StatusDocument): Family[] {
  const { scale, coverage } = calibration;
  const promised = (share: number): Labels => ({ promised: String(share) });
  return [
    gauge("warmup_ratio", "How far the warm-up has come, 0 to 1", [[warmup.percent / 100]]),
    counter("measurements_total", "Measurements accepted", [[warmup.measurements]]),
    gauge("calibration_scale", "How much wider than estimated the observable sigma is published", [[scale]]),
    counter(
      "coverage_tested_total",
      "Measurements at which an interval was tested, by what it promises",
      coverage.map((level) => [level.tested, promised(level.promised)]),
    ),
    counter(
      "coverage_held_total",
      "Measurements at which an interval held, by what it promises",
      coverage.map((level) => [level.held, promised(level.promised)]),
    ),
    counter("disruptions_total", "Disruptions of the clock", [
      ...Object.entries(disruptions.by_reason).map(([reason, times]): Sample => [times, { reason }]),
    ]),
    counter("realtime_steps_total", "Steps of the system clock by somebody else", [
      [disruptions.realtime_steps],
    ]),
    gauge(
      "model_weight",
      "Part of a model in the fused forecast",
      models?.members.map(({ weight, role }) => [weight, { role }]) ?? [],
    ),
    ...models === null
      ? []
      : [summary("inference_seconds", "How long models took to answer", models.inference)],
  ];
}

function publicationFamilies({ publication, counters }: StatusDocument): Family[] {
  return [
    counter("predictions_total", "Predictions published", [[publication.predictions]]),
    summary("publication_lateness_seconds", "How late publications begin", publication.lateness),
    summary("publication_write_seconds", "How long publications take", publication.write),
    counter("late_publications_total", "Publications that began more than 1 ms late", [
      [counters.late_publications],
    ]),
    counter("missed_publications_total", "Publications left out", [[counters.missed_periods]]),
    counter("torn_read_retries_total", "Reads of the record by the daemon that met a write under way", [
      [counters.torn_read_retries],
    ]),
    counter("slow_inferences_total", "Answers of a model that took longer than 10 ms", [
      [counters.slow_inferences],
    ]),
  ];
}

function serverFamilies(servers: readonly ServerRow[]): Family[] {
  const perServer = (value: (row: ServerRow) => number | null): Sample[] =>
    servers.map((row) => [value(row), { source: row.source }]);
  return [
    gauge("server_selected", "1 when the time is taken from it, too", perServer((row) => +row.is_selected)),
    gauge(
      "server_reach_ratio",
      "Answered part of the last eight polls",
      perServer(({ reach }) => bits(reach) / 8),
    ),
    gauge(
      "server_offset_seconds",
      "Its time minus the published one",
      perServer((row) => row.offset_seconds),
    ),
    gauge("server_delay_seconds", "Round trip", perServer((row) => row.delay_seconds)),
    gauge("server_jitter_seconds", "RMS of its last offsets", perServer((row) => row.jitter_seconds)),
    counter("server_polls_total", "Questions asked", perServer(({ polls }) => polls)),
    counter("server_answers_total", "Usable answers", perServer(({ answers }) => answers)),
  ];
}

function bits(reach: number): number {
  return reach.toString(2).replaceAll("0", "").length;
}

function gauge(name: string, help: string, samples: readonly Sample[]): Family {
  return { name, type: "gauge", help, samples };
}

function counter(name: string, help: string, samples: readonly Sample[]): Family {
  return { name, type: "counter", help, samples };
}

type Timing = StatusDocument["publication"]["lateness"];

function summary(name: string, help: string, { count, mean_seconds, p99_seconds }: Timing): Family {
  return {
    name,
    type: "summary",
    help,
    samples: [
      [count === 0 ? null : p99_seconds, { quantile: "0.99" }],
      [mean_seconds * count, {}, "_sum"],
      [count, {}, "_count"],
    ],
  };
}

function familyText({ name, type, help, samples }: Family): string {
  const full = `chronotick_${name}`;
  const known = samples.filter(([value]) => value !== null);
  if (known.length === 0) return "";
  const lines = known.map(([value, labels = {}, suffix = ""]) =>
    `${full}${suffix}${labelsText(labels)} ${valueText(value!)}\n`
  );
  return `# HELP ${full} ${help}\n# TYPE ${full} ${type}\n${lines.join("")}`;
}

function labelsText(labels: Labels): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`);
  return pairs.length === 0 ? "" : `{${pairs.join(",")}}`;
}

function escaped(value: string): string {
  return value.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}

function valueText(value: number): string {
  return value === Infinity ? "+Inf" : String(value);
}
