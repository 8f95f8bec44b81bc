/**
 * The daemon's log: records with time, level, component and message, one per line. Writing a record never throws.
 *
 * @module
 */
import { LogFile, type LogSink, STANDARD_ERROR } from "./log_sink.ts";
import { formatText } from "./log_text.ts";

/** The levels, least first. */
export const LOG_LEVELS = ["DEBUG", "INFO", "WARNING", "ERROR"] as const;

/** How much a record matters. */
export type LogLevel = typeof LOG_LEVELS[number];

/** What a record says besides its message, by name. */
export type LogFields = Readonly<Record<string, string | number | boolean>>;

/** One thing that happened. */
export interface LogRecord {
  /** When, by the system clock: Unix time, ms. */
  readonly atRealtimeMs: number;
  readonly level: LogLevel;
  /** The part of the daemon that speaks: `ntp`. */
  readonly component: string;
  readonly message: string;
  readonly fields: LogFields;
}

/** Turns a record into one line, without its line feed. */
export type LogFormat = (record: LogRecord) => string;

/** Hears of every record that is written; must neither throw nor log. */
export type LogListener = (record: LogRecord) => void;

/** What a logger can be given. */
export interface LoggerSettings {
  /** The least level that is written; INFO if absent. */
  readonly level?: LogLevel;
  /** Where lines are appended; standard error if absent. */
  readonly file?: string | undefined;
  /** Instead of `file`. */
  readonly sink?: LogSink;
  /** Takes over when the sink fails. */
  readonly fallback?: LogSink;
  /** How records become lines; `formatText` if absent. */
  readonly format?: LogFormat;
  /** The system clock: Unix time, ms. */
  readonly nowRealtimeMs?: () => number;
}

/** Faults that `once` tells apart; further ones are counted together. */
export const MAX_ONCE_KEYS = 256;
/** The key under which surplus faults are counted. */
export const OTHER_KEY = "other";
/** Records of one level that are written within one window; the surplus is counted. */
export const MAX_RECORDS_PER_WINDOW = 200;
/** The length of a window. */
export const WINDOW_MS = 1000;

const NO_FIELDS: LogFields = {};
const OWN_COMPONENT = "log";

interface Window {
  readonly startRealtimeMs: number;
  count: number;
}

/** Writes what is at least of its level to its sink. */
export class Logger implements Disposable {
  /** The least level that is written; may be changed at any time. */
  level: LogLevel;
  readonly #sink: LogSink;
  readonly #fallback: LogSink;
  readonly #format: LogFormat;
  readonly #nowRealtimeMs: () => number;
  readonly #windows = new Map<LogLevel, Window>();
  readonly #onceCounts = new Map<string, number>();
  readonly #listeners = new Set<LogListener>();
  #isSinkBroken = false;

  /** @throws {LogFileError} the file cannot be opened */
  constructor(settings: LoggerSettings = {}) {
    this.level = settings.level ?? "INFO";
    this.#sink = settings.sink ?? (settings.file === undefined ? STANDARD_ERROR : new LogFile(settings.file));
    this.#fallback = settings.fallback ?? STANDARD_ERROR;
    this.#format = settings.format ?? formatText;
    this.#nowRealtimeMs = settings.nowRealtimeMs ?? Date.now;
  }

  /** For who looks for a fault. */
  debug(component: string, message: string, fields: LogFields = NO_FIELDS): void {
    this.#log("DEBUG", component, message, fields);
  }

  /** For who wants to know what happens. */
  info(component: string, message: string, fields: LogFields = NO_FIELDS): void {
    this.#log("INFO", component, message, fields);
  }

  /** Something is worse than it should be, and the daemon copes. */
  warning(component: string, message: string, fields: LogFields = NO_FIELDS): void {
    this.#log("WARNING", component, message, fields);
  }

  /** Something does not work. */
  error(component: string, message: string, fields: LogFields = NO_FIELDS): void {
    this.#log("ERROR", component, message, fields);
  }

  /**
   * Writes a record the first time that `key` comes and only counts from then on, until `ended(key)`. Beyond
   * `MAX_ONCE_KEYS` keys, new ones are counted together under `OTHER_KEY`.
   */
  once(
    key: string,
    level: LogLevel,
    component: string,
    message: string,
    fields: LogFields = NO_FIELDS,
  ): void {
    const isSurplus = !this.#onceCounts.has(key) && this.#onceCounts.size >= MAX_ONCE_KEYS;
    const countedKey = isSurplus ? OTHER_KEY : key;
    const count = (this.#onceCounts.get(countedKey) ?? 0) + 1;
    this.#onceCounts.set(countedKey, count);
    if (count > 1) return;
    this.#log(level, component, message, fields);
    if (isSurplus) {
      const warning = `More than ${MAX_ONCE_KEYS} different faults: further ones are only counted.`;
      this.#log("WARNING", OWN_COMPONENT, warning, NO_FIELDS);
    }
  }

  /** Forgets `key`, so that it is written the next time; returns how often it came. */
  ended(key: string): number {
    const count = this.#onceCounts.get(key) ?? 0;
    this.#onceCounts.delete(key);
    return count;
  }

  /** How often each key of `once` came. */
  onceCounts(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#onceCounts);
  }

  /** Opens the log file again, after a rotation or when its disk has room again. */
  reopen(): void {
    this.#isSinkBroken = !this.#attempt(() => this.#sink.reopen());
  }

  /** Says what was left out, and closes the file. */
  [Symbol.dispose](): void {
    for (const [level, window] of this.#windows) this.#reportSurplus(level, window);
    this.#windows.clear();
    this.#attempt(() => this.#sink.close());
  }

  /** Tells `listener` of every record written from now on, until what is returned is disposed. */
  listen(listener: LogListener): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) };
  }

  #log(level: LogLevel, component: string, message: string, fields: LogFields): void {
    if (LOG_LEVELS.indexOf(level) < LOG_LEVELS.indexOf(this.level)) return;
    const record = { atRealtimeMs: this.#nowRealtimeMs(), level, component, message, fields };
    if (this.#admits(record)) this.#write(record);
  }

  /** Every level has an allowance of its own, so that a flood of one never hides another. */
  #admits({ level, atRealtimeMs }: LogRecord): boolean {
    let window = this.#windows.get(level);
    const ageMs = atRealtimeMs - (window?.startRealtimeMs ?? 0);
    // A clock that was set back starts a new window, too.
    if (window === undefined || ageMs < 0 || ageMs >= WINDOW_MS) {
      if (window !== undefined) this.#reportSurplus(level, window);
      window = { startRealtimeMs: atRealtimeMs, count: 0 };
      this.#windows.set(level, window);
    }
    window.count++;
    return window.count <= MAX_RECORDS_PER_WINDOW;
  }

  #reportSurplus(level: LogLevel, { count }: Window): void {
    const surplus = count - MAX_RECORDS_PER_WINDOW;
    if (surplus <= 0) return;
    const limit = `more than ${MAX_RECORDS_PER_WINDOW} came within ${WINDOW_MS} ms`;
    this.#write(this.#ownRecord(level, `${surplus} records of this level were left out: ${limit}.`));
  }

  #write(record: LogRecord): void {
    for (const listener of this.#listeners) listener(record);
    const line = this.#format(record);
    if (!this.#isSinkBroken && this.#attempt(() => this.#sink.write(line))) return;
    this.#isSinkBroken = true;
    this.#writeToFallback(line);
  }

  /** Whether `operation` went well; if not, the fallback is told why. */
  #attempt(operation: () => void): boolean {
    try {
      operation();
      return true;
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      const message = `Cannot log to ${this.#sink.name}: ${reason}; using ${this.#fallback.name} instead.`;
      this.#writeToFallback(this.#format(this.#ownRecord("ERROR", message)));
      return false;
    }
  }

  #writeToFallback(line: string): void {
    try {
      this.#fallback.write(line);
    } catch {
      // Nobody is left to be told, and the daemon's work goes on.
    }
  }

  #ownRecord(level: LogLevel, message: string): LogRecord {
    return {
      atRealtimeMs: this.#nowRealtimeMs(),
      level,
      component: OWN_COMPONENT,
      message,
      fields: NO_FIELDS,
    };
  }
}
