/**
 * Every key of the configuration as it stands in YAML: what it may be, and what it is when absent. Each schema's
 * message completes the sentence "KEY is VALUE: it must be …".
 *
 * @module
 */
import { z } from "zod";
import { MAX_PROCESSORS } from "../ffi/affinity.ts";
import { LOG_LEVELS } from "./log.ts";
import { isLoopback, parseListenAddress } from "../cli/listen_address.ts";
import { parseServerAddress, type ServerAddress, serverKey } from "./server_address.ts";

/** Numbers from `min` to `max`, both included. */
interface Range {
  readonly min: number;
  readonly max: number;
}

/** How many servers may be configured. */
export const MAX_SERVERS = 16;
/** A question is given up after this long at the latest. */
const MAX_TIMEOUT_SECONDS = 10;
/** A clock that is off by more is of no use to anybody. */
const MAX_UNCERTAINTY_MS = 60_000;
/** More publications would cost a whole core. */
const UPDATE_FREQUENCY_HZ: Range = { min: 1, max: 1000 };
/** Between two questions, and between two runs of a model. */
export const INTERVAL_SECONDS: Range = { min: 0.01, max: 3600 };
/** A day of warm-up is more than any oscillator needs; 0 goes without. */
export const WARMUP_SECONDS: Range = { min: 0, max: 86_400 };
/** How far ahead a model may look. */
export const HORIZON_SECONDS: Range = { min: 0.1, max: 3600 };
/** How many past samples a model may take. */
export const CONTEXT_LENGTH: Range = { min: 2, max: 10_000 };
/** TAI − UTC: it is 37 s, and nobody expects it to leave these bounds. */
export const TAI_OFFSET_SECONDS: Range = { min: 0, max: 100 };

/** Who may use the status socket, as chmod has it: its owner, its group too, everybody. */
export const SOCKET_MODES = ["0600", "0660", "0666"] as const;

const ABSOLUTE_PATH = /^\/[^\0]{1,4095}$/;
const SHM_NAME = /^\/?(?!\.{1,2}$)[A-Za-z0-9._-]{1,200}$/;
const FILE_PATH = /^\/[^\0]{0,4000}[^\0/]$/;
const DEVICE_PATH = /^\/dev\/(?!.*\.\.)[A-Za-z0-9._/-]{1,100}$/;
const DEFAULT_SERVERS = ["time.cloudflare.com", "time.google.com", "pool.ntp.org", "time.nist.gov"];
const SERVER_FORMS =
  "a host name or IP address, with or without a port from 1 to 65535, such as time.example.org, " +
  "192.0.2.1:123 or [2001:db8::1]:123";

/** Where the files of models are. */
export interface ModelFiles {
  /** What relative paths count from: empty, or with a slash at its end. */
  readonly folder: string;
  /** Why `path` is no readable file, to complete "but …"; null if it is one. */
  fault(path: string): string | null;
}

/** The settings that the command line may override. */
export const OVERRIDABLE = {
  shmName: shmName(),
  shmPath: pattern(FILE_PATH, "an absolute path of a file, such as /run/chronotick/record"),
  updateFrequencyHz: integer(UPDATE_FREQUENCY_HZ),
  cpuAffinity: cpuAffinity(),
  logLevel: choice(LOG_LEVELS),
  http: listenAddress(),
};

/** The whole document. Sections and keys may be absent; a section may also be empty. */
// deno-lint-ignore explicit-module-boundary-types -- its type is its text
export function configSchema(files: ModelFiles) {
  return section({
    shared_memory: section({
      name: OVERRIDABLE.shmName.default("chronotick_shm"),
      path: pattern(FILE_PATH, "null or an absolute path of a file, such as /run/chronotick/record")
        .nullable()
        .default(null),
    }),
    daemon: section({
      update_frequency_hz: OVERRIDABLE.updateFrequencyHz.default(100),
      cpu_affinity: OVERRIDABLE.cpuAffinity.default([]),
      log_level: OVERRIDABLE.logLevel.default("INFO"),
    }),
    ntp: section({
      servers: serverList().prefault(DEFAULT_SERVERS),
      timeout_seconds: positive(MAX_TIMEOUT_SECONDS).default(2),
      max_uncertainty_ms: positive(MAX_UNCERTAINTY_MS).default(10),
      warmup: section({
        duration_seconds: number(WARMUP_SECONDS).default(180),
        interval_seconds: number(INTERVAL_SECONDS).default(1),
      }),
      interval_seconds: number(INTERVAL_SECONDS).default(10),
    }),
    models: section({
      enabled: flag(true),
      short_term: model(files, { interval: 1, horizon: 5, context: 100 }),
      long_term: model(files, { interval: 30, horizon: 60, context: 300 }),
    }),
    fusion: section({ method: choice(["inverse_variance"]).default("inverse_variance") }),
    retrospective: section({ method: choice(["none", "linear", "drift_aware", "replay"]).default("replay") }),
    status: statusSection(),
    phc: section({
      device: pattern(DEVICE_PATH, "null or a path such as /dev/ptp0").nullable().default(null),
      tai_offset_seconds: integer(TAI_OFFSET_SECONDS).default(37),
    }),
  });
}

/** What completes "http is 0.0.0.0:80: it must be …". */
export const LOOPBACK_WANTED =
  "on a loopback address such as 127.0.0.1:8125, unless status.token_file names a bearer token";

function statusSection() {
  const absolute = "null or a path that begins with a slash";
  const mapping = section({
    enabled: flag(true),
    socket_path: pattern(ABSOLUTE_PATH, absolute).nullable().default(null),
    socket_mode: choice(SOCKET_MODES).default("0600"),
    http: listenAddress().nullable().default(null),
    token_file: pattern(ABSOLUTE_PATH, absolute).nullable().default(null),
  });
  return mapping.refine(({ http, token_file }) => http === null || token_file !== null || isLoopback(http), {
    path: ["http"],
    error: LOOPBACK_WANTED,
  });
}

function listenAddress() {
  const error = "a numeric address of this machine and a port, such as 127.0.0.1:8125 or [::1]:8125";
  return z.string({ error }).transform((text, context) => {
    const address = parseListenAddress(text);
    if (address === null) context.addIssue({ code: "custom", message: error });
    return address ?? z.NEVER;
  });
}

function model(files: ModelFiles, defaults: { interval: number; horizon: number; context: number }) {
  const mapping = section({
    enabled: flag(true),
    path: modelPath(files).nullable().default(null),
    interval_seconds: number(INTERVAL_SECONDS).default(defaults.interval),
    horizon_seconds: number(HORIZON_SECONDS).default(defaults.horizon),
    context_length: integer(CONTEXT_LENGTH).default(defaults.context),
  });
  return mapping.refine(({ horizon_seconds, interval_seconds }) => horizon_seconds >= interval_seconds, {
    path: ["horizon_seconds"],
    error: ({ input }) => `at least interval_seconds, which is ${(input as Spans).interval_seconds}`,
    when: ({ value }) => hasSpans(value), // whatever is wrong with the other keys
  });
}

interface Spans {
  readonly horizon_seconds: number;
  readonly interval_seconds: number;
}

function hasSpans(value: unknown): value is Spans {
  const { horizon_seconds, interval_seconds } = (value ?? {}) as Partial<Spans>;
  return typeof horizon_seconds === "number" && typeof interval_seconds === "number";
}

/** A mapping that knows its keys. `ntp:` with all its keys commented out is null in YAML, and means the defaults. */
function section<Shape extends z.ZodRawShape>(shape: Shape) {
  const mapping = z.strictObject(shape, { error: "a mapping of keys to values" });
  // YAML has objects that are no mappings, such as dates; zod would take them for empty ones.
  return z.preprocess((value) => isMapping(value ?? {}) ? value ?? {} : undefined, mapping);
}

function isMapping(value: unknown): boolean {
  return Object.getPrototypeOf(value) === Object.prototype;
}

function number({ min, max }: Range) {
  const error = `a number from ${min} to ${max}`;
  return z.number({ error }).min(min, { error }).max(max, { error });
}

function positive(max: number) {
  const error = `a number above 0 and up to ${max}`;
  return z.number({ error }).gt(0, { error }).max(max, { error });
}

function integer({ min, max }: Range) {
  const error = `an integer from ${min} to ${max}`;
  return z.number({ error }).int({ error }).min(min, { error }).max(max, { error });
}

function flag(fallback: boolean) {
  return z.boolean({ error: "true or false" }).default(fallback);
}

function choice<const Choices extends readonly string[]>(choices: Choices) {
  return z.enum(choices, { error: choices.length === 1 ? choices[0]! : `one of ${choices.join(", ")}` });
}

function pattern(form: RegExp, error: string) {
  return z.string({ error }).regex(form, { error });
}

function shmName() {
  const error = "1 to 200 letters, digits, dots, dashes and underscores, after at most one slash";
  return pattern(SHM_NAME, error).transform((name) => name.replace(/^\//, ""));
}

function cpuAffinity() {
  const error = `a list of at most ${MAX_PROCESSORS} processor numbers, such as [0, 1]`;
  return z.array(integer({ min: 0, max: MAX_PROCESSORS - 1 }), { error }).max(MAX_PROCESSORS, { error });
}

function modelPath(files: ModelFiles) {
  const error = "null or the path of a readable .onnx file";
  return z.string({ error }).transform((text, context) => {
    const path = text.startsWith("/") ? text : files.folder + text;
    const fault = path.endsWith(".onnx") ? files.fault(path) : "its name ends otherwise";
    if (fault !== null) {
      const lookedAt = path === text ? "" : ` (${path})`;
      context.addIssue({ code: "custom", message: `${error}, but ${fault}${lookedAt}` });
    }
    return path;
  });
}

/** Every entry is judged, whatever is wrong with another one. */
function serverList() {
  const error = `a list of at most ${MAX_SERVERS} servers`;
  return z.array(z.unknown(), { error }).transform((entries, context) => {
    if (entries.length > MAX_SERVERS) {
      context.addIssue({ code: "custom", message: `${error}, and these are ${entries.length}` });
    }
    const servers = new Map<string, ServerAddress>();
    for (const [index, entry] of entries.slice(0, MAX_SERVERS).entries()) {
      const server = typeof entry === "string" ? parseServerAddress(entry) : null;
      const twin = server === null ? undefined : servers.get(serverKey(server));
      const message = twin === undefined
        ? SERVER_FORMS
        : `another server than ${twin.text}, which is listed already`;
      if (server === null || twin !== undefined) context.addIssue({ code: "custom", path: [index], message });
      else servers.set(serverKey(server), server);
    }
    return [...servers.values()];
  });
}
