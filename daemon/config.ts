/**
 * The daemon's configuration: read from YAML, checked as a whole, with the command line's word over it.
 *
 * @module
 */
import { parse as parseYaml } from "@std/yaml";
import { z } from "zod";
import { faultsOf } from "./config_faults.ts";
import { modelFileFault, readConfigFile } from "./config_file.ts";
import {
  configSchema,
  LOOPBACK_WANTED,
  type ModelFiles,
  OVERRIDABLE,
  type SOCKET_MODES,
} from "./config_schema.ts";
import { isLoopback, type ListenAddress } from "../cli/listen_address.ts";
import type { LogLevel } from "./log.ts";
import type { ServerAddress } from "./server_address.ts";

export { parseServerAddress, type ServerAddress } from "./server_address.ts";

/** Everything that can be configured, within the ranges of config_schema.ts. */
export interface Config {
  readonly sharedMemory: {
    /** Without a slash. */
    readonly name: string;
    /** The record's file instead of a name; null: none. */
    readonly path: string | null;
  };
  readonly daemon: {
    readonly updateFrequencyHz: number;
    /** Processors to run on; empty: any. */
    readonly cpuAffinity: readonly number[];
    readonly logLevel: LogLevel;
  };
  readonly ntp: {
    /** No two equal; may be empty where the system clock or a PHC is to do. */
    readonly servers: readonly ServerAddress[];
    readonly timeoutSeconds: number;
    /** The preferred quality. */
    readonly maxUncertaintyMs: number;
    readonly warmup: { readonly durationSeconds: number; readonly intervalSeconds: number };
    readonly intervalSeconds: number;
  };
  readonly models: {
    readonly enabled: boolean;
    readonly shortTerm: ModelConfig;
    readonly longTerm: ModelConfig;
  };
  readonly fusion: { readonly method: "inverse_variance" };
  readonly retrospective: { readonly method: "none" | "linear" | "drift_aware" | "replay" };
  readonly status: {
    /** Whether the status API is served at all. */
    readonly enabled: boolean;
    /** Null: in the folder that the environment names. */
    readonly socketPath: string | null;
    /** Who may use it, as chmod has it. */
    readonly socketMode: typeof SOCKET_MODES[number];
    /** Null: on the socket only. */
    readonly http: ListenAddress | null;
    /** Whose first line every HTTP request over TCP must show; null: none needed, on loopback only. */
    readonly tokenFile: string | null;
  };
  readonly phc: {
    /** Null: the first readable one. */
    readonly device: string | null;
    readonly taiOffsetSeconds: number;
  };
}

/** One of the two models. */
export interface ModelConfig {
  readonly enabled: boolean;
  /** An .onnx file; null: the one that comes with ChronoTick. */
  readonly path: string | null;
  readonly intervalSeconds: number;
  /** At least `intervalSeconds`. */
  readonly horizonSeconds: number;
  readonly contextLength: number;
}

/** What the command line may say instead; undefined: nothing. */
export interface Overrides {
  readonly shmName?: string | undefined;
  readonly shmPath?: string | undefined;
  readonly updateFrequencyHz?: number | undefined;
  readonly cpuAffinity?: readonly number[] | undefined;
  readonly logLevel?: LogLevel | undefined;
  /** `HOST:PORT` */
  readonly http?: string | undefined;
}

/** A configuration cannot be used. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
  /** Everything that is wrong, one sentence each. */
  readonly faults: readonly string[];

  /** `subject` is the file, or what else is at fault. */
  constructor(subject: string, faults: readonly string[]) {
    const list = faults.length === 1 ? ` ${faults[0]}` : faults.map((fault) => `\n  ${fault}`).join("");
    super(`Cannot use ${subject}:${list}`);
    this.faults = faults;
  }
}

/** Where a configuration comes from. */
export interface ParseSettings {
  /** For messages, and because a relative model path counts from the folder of this file. */
  readonly fileName: string;
  /** Instead of looking into the file system. */
  readonly modelFileFault?: ModelFiles["fault"];
}

/**
 * Reads the configuration in `path`, or the defaults without one, and puts `overrides` over it.
 *
 * @throws {ConfigError} with all its faults
 */
export function loadConfig(path?: string, overrides: Overrides = {}): Config {
  if (path === undefined) return applyOverrides(parseConfig("", { fileName: "the defaults" }), overrides);
  const file = readConfigFile(path);
  if ("fault" in file) throw new ConfigError(path, [file.fault]);
  return applyOverrides(parseConfig(file.text, { fileName: path }), overrides);
}

/**
 * Reads a configuration from its YAML text; what it leaves out has its default.
 *
 * @throws {ConfigError} with all its faults
 */
export function parseConfig(yamlText: string, settings: ParseSettings): Config {
  const document = parseDocument(yamlText, settings.fileName);
  const schema = configSchema({
    folder: settings.fileName.slice(0, settings.fileName.lastIndexOf("/") + 1),
    fault: settings.modelFileFault ?? modelFileFault,
  });
  const result = schema.safeParse(document);
  if (result.success) return camelKeys(result.data);
  throw new ConfigError(settings.fileName, faultsOf(result.error.issues, document, schema.parse({})));
}

function parseDocument(yamlText: string, fileName: string): unknown {
  try {
    return parseYaml(yamlText);
  } catch (error) {
    throw new ConfigError(fileName, [yamlFault(error)]);
  }
}

/** The parser's message is "WHAT at line 3, column 1:" and then the line itself. */
function yamlFault(error: unknown): string {
  if (error instanceof RangeError) return "it is nested too deeply.";
  const message = error instanceof Error ? error.message : String(error);
  const [, what, position] = /^(.*?) at (line \d+, column \d+):/s.exec(message) ?? [];
  return what === undefined ? `it is no YAML: ${message}.` : `it is no YAML: ${position}: ${what}.`;
}

const OVERRIDES = z.object({
  "--shm-name": OVERRIDABLE.shmName.optional(),
  "--shm-path": OVERRIDABLE.shmPath.optional(),
  "--freq": OVERRIDABLE.updateFrequencyHz.optional(),
  "--cpu-affinity": OVERRIDABLE.cpuAffinity.optional(),
  "--log-level": OVERRIDABLE.logLevel.optional(),
  "--http": OVERRIDABLE.http.optional(),
});

/**
 * `config` with `overrides` over it; `config` stays as it is.
 *
 * @throws {ConfigError} an override is not permitted
 */
export function applyOverrides(config: Config, overrides: Overrides): Config {
  const given = {
    "--shm-name": overrides.shmName,
    "--shm-path": overrides.shmPath,
    "--freq": overrides.updateFrequencyHz,
    "--cpu-affinity": overrides.cpuAffinity,
    "--log-level": overrides.logLevel,
    "--http": overrides.http,
  };
  const result = OVERRIDES.safeParse(given);
  if (!result.success) throw new ConfigError("the command line", faultsOf(result.error.issues, given, given));
  const { "--freq": frequency, "--cpu-affinity": affinity, "--log-level": level } = result.data;
  const { "--shm-name": name, "--shm-path": path } = result.data;
  const { sharedMemory, daemon, status } = config;
  const http = result.data["--http"] ?? status.http;
  if (http !== null && status.tokenFile === null && !isLoopback(http)) {
    throw new ConfigError("the command line", [
      `--http is ${overrides.http}: it must be ${LOOPBACK_WANTED}.`,
    ]);
  }
  return {
    ...config,
    sharedMemory: {
      name: name ?? sharedMemory.name,
      path: path ?? (name === undefined ? sharedMemory.path : null),
    },
    daemon: {
      updateFrequencyHz: frequency ?? daemon.updateFrequencyHz,
      cpuAffinity: affinity ?? daemon.cpuAffinity,
      logLevel: level ?? daemon.logLevel,
    },
    status: { ...status, http },
  };
}

/** The segment by its name, which has no slash, or by its path, which has one. */
export function segmentOf({ sharedMemory: { name, path } }: Pick<Config, "sharedMemory">): string {
  return path ?? name;
}

/**
 * The keys (as in YAML) that differ and that a running daemon cannot change: its readers know the segment by its name
 * or path;
 * models, PTP clocks and what the status API listens on are opened at the start.
 */
export function restartRequired(old: Config, fresh: Config): string[] {
  const parts = (config: Config) => ({
    "shared_memory.name": config.sharedMemory.name,
    "shared_memory.path": config.sharedMemory.path,
    models: config.models,
    status: config.status,
    phc: config.phc,
  });
  const [before, after] = [parts(old), parts(fresh)];
  return (Object.keys(before) as (keyof typeof before)[])
    .filter((key) => JSON.stringify(before[key]) !== JSON.stringify(after[key]));
}

type CamelCase<Name> = Name extends `${infer Head}_${infer Tail}` ? `${Head}${Capitalize<CamelCase<Tail>>}`
  : Name;
type CamelKeys<Value> = Value extends readonly unknown[] ? Value
  : Value extends object ? { [Key in keyof Value as CamelCase<Key & string>]: CamelKeys<Value[Key]> }
  : Value;

/** YAML's snake_case keys as TypeScript writes them; lists stay as they are. */
function camelKeys<Value>(value: Value): CamelKeys<Value> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value as CamelKeys<Value>;
  const entries = Object.entries(value).map(([key, inner]) => [
    key.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()),
    camelKeys(inner),
  ]);
  return Object.fromEntries(entries);
}
