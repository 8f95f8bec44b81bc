/**
 * Public traces in CSV as lines of a trace. Their columns vary; these names are understood, in any case, with spaces or
 * dashes for underscores, and with a unit as their end (`_s`, `_ms`, `_us`, `_ns`, `(ms)`; seconds without one):
 *
 * | what | columns, the first that is there |
 * |---|---|
 * | when | `system_time`, `timestamp`, `unix_time`, `time`: Unix time, or ISO 8601 (UTC unless it says otherwise) |
 * | server − system clock | `ntp_offset`, `offset` |
 * | round trip | `ntp_delay`, `delay`, `ntp_rtt`, `rtt`; else twice `ntp_uncertainty` |
 * | optional | `ntp_server`, `server`; `ntp_stratum`, `stratum`; `ntp_root_delay`, `root_delay`; `ntp_root_dispersion`, `root_dispersion` |
 *
 * Such traces have no CLOCK_MONOTONIC_RAW: the system clock stands in for it, whatever steered it. They do not say
 * either how far the server is from its own reference; where no column tells, that is taken for nothing, and the hard
 * bound then covers the path alone. Every row becomes a `query`, what would have been said before it was known, and one
 * with a measurement an `exchange` after it.
 *
 * @module
 */
import { parse } from "@std/csv";
import { TraceLineError } from "./trace_fields.ts";
import type { TraceLine } from "./trace_line.ts";

const NS_PER_SECOND = 1e9;
/** Decimal digits by which a value in this unit is shifted to become nanoseconds. */
const UNIT_DIGITS: Readonly<Record<string, number>> = {
  s: 9,
  sec: 9,
  seconds: 9,
  ms: 6,
  us: 3,
  µs: 3,
  ns: 0,
};
/** What the column's names stand for; the first that is there counts. */
const NAMES = {
  time: ["system_time", "timestamp", "unix_time", "time"],
  offset: ["ntp_offset", "offset"],
  delay: ["ntp_delay", "delay", "ntp_rtt", "rtt"],
  uncertainty: ["ntp_uncertainty"],
  server: ["ntp_server", "server"],
  stratum: ["ntp_stratum", "stratum"],
  rootDelay: ["ntp_root_delay", "root_delay"],
  rootDispersion: ["ntp_root_dispersion", "root_dispersion"],
} as const;

type Name = keyof typeof NAMES;

interface Column {
  readonly index: number;
  /** As it stands in the header. */
  readonly title: string;
  readonly digits: number;
}

const ABSENT_VALUES: readonly string[] = ["", "nan", "none", "null", "n/a"];
const DECIMAL = /^([+-]?)(\d{1,19})(?:\.(\d*))?$/;
const SCIENTIFIC = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d{1,3})?$/i;
const ISO_TIME = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:\.(\d{1,9})\d*)?(Z|[+-]\d\d:?\d\d)?$/;
const STRATUM = /^\d{1,2}$/;
const MAX_TIME_NS = 2n ** 63n - 1n;
/** No offset and no delay of a trace that is of use is longer, ns (about a year). */
const MAX_DURATION_NS = 3e16;
const DEFAULT_SERVER = "csv";
const DEFAULT_STRATUM = "2";
const DEFAULT_PRECISION_SECONDS = 1e-6;

/** Reads the rows under one header. */
export class CsvImport {
  readonly #columns: ReadonlyMap<Name, Column>;

  /** @throws {TraceLineError} `header` lacks a column that is needed */
  constructor(header: string) {
    const columns = cellsOf(header).map(columnOf);
    const found = (Object.keys(NAMES) as Name[]).flatMap((name): [Name, Column][] => {
      const known = NAMES[name].map((title) => columns.find((column) => column.name === title));
      const column = known.find((candidate) => candidate !== undefined);
      return column === undefined ? [] : [[name, column]];
    });
    this.#columns = new Map(found);
    this.#require("time", "offset");
    if (!this.#columns.has("uncertainty")) this.#require("delay");
  }

  /**
   * What one row says: a query, and an exchange when something was measured.
   *
   * @throws {TraceLineError} a value that is needed cannot be read
   */
  lines(row: string): TraceLine[] {
    const cells = cellsOf(row);
    const localRawNs = this.#timeNs(cells);
    const query: TraceLine = { type: "query", localRawNs, forRawNs: localRawNs };
    const offsetNs = this.#durationNs(cells, "offset");
    const delayNs = this.#durationNs(cells, "delay") ?? double(this.#durationNs(cells, "uncertainty"));
    // A round trip of nothing, or less, was not measured.
    if (offsetNs === null || delayNs === null || delayNs <= 0n) return [query];
    const serverUtcNs = localRawNs - delayNs / 2n + offsetNs;
    const exchange = {
      source: this.#cell(cells, "server") ?? DEFAULT_SERVER,
      t1RawNs: localRawNs - delayNs,
      t2UtcNs: serverUtcNs,
      t3UtcNs: serverUtcNs,
      t4RawNs: localRawNs,
      stratum: this.#stratum(cells),
      leap: 0,
      rootDelaySeconds: this.#rootSeconds(cells, "rootDelay"),
      rootDispersionSeconds: this.#rootSeconds(cells, "rootDispersion"),
      precisionSeconds: DEFAULT_PRECISION_SECONDS,
    } as const;
    return [query, { type: "exchange", localRawNs, exchange }];
  }

  #require(...names: readonly Name[]): void {
    const missing = names.find((name) => !this.#columns.has(name));
    if (missing === undefined) return;
    throw new TraceLineError(`the header has no column ${NAMES[missing].join(" or ")}`);
  }

  #cell(cells: readonly string[], name: Name): string | null {
    const column = this.#columns.get(name);
    const text = column === undefined ? "" : (cells[column.index] ?? "").trim();
    return ABSENT_VALUES.includes(text.toLowerCase()) ? null : text;
  }

  #timeNs(cells: readonly string[]): bigint {
    const { title, digits } = this.#columns.get("time")!;
    const text = this.#cell(cells, "time") ?? "";
    const ns = isoNs(text) ?? decimalNs(text, digits);
    if (ns !== null && ns >= 0n && ns <= MAX_TIME_NS) return ns;
    throw new TraceLineError(
      `${title} is ${shown(text)}: it must be Unix time or ISO 8601, from 1970 to 2262`,
    );
  }

  #stratum(cells: readonly string[]): number {
    const text = this.#cell(cells, "stratum") ?? DEFAULT_STRATUM;
    if (STRATUM.test(text)) return Number(text);
    throw new TraceLineError(
      `${this.#columns.get("stratum")!.title} is ${shown(text)}: it must be an integer`,
    );
  }

  #rootSeconds(cells: readonly string[], name: Name): number {
    const ns = this.#durationNs(cells, name) ?? 0n;
    if (ns >= 0n) return Number(ns) / NS_PER_SECOND;
    throw new TraceLineError(`${this.#columns.get(name)!.title} is negative: it must be 0 or more`);
  }

  #durationNs(cells: readonly string[], name: Name): bigint | null {
    const text = this.#cell(cells, name);
    if (text === null) return null;
    const { title, digits } = this.#columns.get(name)!;
    const ns = decimalNs(text, digits);
    if (ns === null || Math.abs(Number(ns)) > MAX_DURATION_NS) {
      throw new TraceLineError(`${title} is ${shown(text)}: it must be a number of at most a year`);
    }
    return ns;
  }
}

function cellsOf(line: string): readonly string[] {
  try {
    return parse(line)[0] ?? [];
  } catch {
    throw new TraceLineError("it is no row of CSV");
  }
}

/** `NTP Offset (ms)` is `ntp_offset` in milliseconds. */
function columnOf(title: string, index: number): Column & { readonly name: string } {
  const plain = title.trim().toLowerCase().replace(/[()[\]]/g, " ").trim().replace(/[\s-]+/g, "_");
  const split = plain.lastIndexOf("_");
  const digits = UNIT_DIGITS[plain.slice(split + 1)];
  const hasUnit = split > 0 && digits !== undefined;
  return { index, title, name: hasUnit ? plain.slice(0, split) : plain, digits: hasUnit ? digits : 9 };
}

/** A number times 10^digits as an integer: exact where it is written out, else as good as a double. */
function decimalNs(text: string, digits: number): bigint | null {
  const [, sign, whole, fraction = ""] = DECIMAL.exec(text) ?? [];
  if (whole !== undefined) {
    const ns = BigInt(whole + fraction.slice(0, digits).padEnd(digits, "0"));
    return sign === "-" ? -ns : ns;
  }
  const value = SCIENTIFIC.test(text) ? Math.round(Number(text) * 10 ** digits) : NaN;
  return Number.isFinite(value) ? BigInt(value) : null;
}

function isoNs(text: string): bigint | null {
  const [, date, time, fraction = "", zone = "Z"] = ISO_TIME.exec(text) ?? [];
  const ms = date === undefined ? NaN : Date.parse(`${date}T${time}${zone}`);
  return Number.isNaN(ms) ? null : BigInt(ms) * 1_000_000n + BigInt(fraction.padEnd(9, "0"));
}

function double(ns: bigint | null): bigint | null {
  return ns === null ? null : 2n * ns;
}

function shown(text: string): string {
  return JSON.stringify(text.slice(0, 60));
}
