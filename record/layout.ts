/**
 * Where each field of the 128-byte record lies. The offsets stand here once; PROTOCOL.md's table is held against
 * them by a test. The layout is Python's `struct` format `@8df4I2d2If12s` with its alignment hole and pad bytes
 * put to use.
 *
 * @module
 */

/** Bytes of the record: two cache lines. */
export const RECORD_BYTES = 128;

/** The layout that this code writes. 0 stands for a writer that knows no versions. */
export const LAYOUT_VERSION = 1;

/** A field's C type, little-endian. */
export type FieldType = "f64" | "f32" | "u32" | "i64";

/** One field of the record: its name in other languages, where it lies and what it holds. */
export interface Field {
  readonly name: string;
  readonly offset: number;
  readonly type: FieldType;
}

/** All fields in the order of their offsets, without gaps. */
export const FIELDS = {
  correctedTimestamp: { name: "corrected_timestamp", offset: 0, type: "f64" },
  systemTimestamp: { name: "system_timestamp", offset: 8, type: "f64" },
  predictionTime: { name: "prediction_time", offset: 16, type: "f64" },
  offsetCorrection: { name: "offset_correction", offset: 24, type: "f64" },
  driftRate: { name: "drift_rate", offset: 32, type: "f64" },
  offsetUncertainty: { name: "offset_uncertainty", offset: 40, type: "f64" },
  driftUncertainty: { name: "drift_uncertainty", offset: 48, type: "f64" },
  validUntil: { name: "valid_until", offset: 56, type: "f64" },
  confidence: { name: "confidence", offset: 64, type: "f32" },
  sequenceNumber: { name: "sequence_number", offset: 68, type: "u32" },
  flags: { name: "flags", offset: 72, type: "u32" },
  source: { name: "source", offset: 76, type: "u32" },
  measurementCount: { name: "measurement_count", offset: 80, type: "u32" },
  writerPid: { name: "writer_pid", offset: 84, type: "u32" },
  lastNtpSync: { name: "last_ntp_sync", offset: 88, type: "f64" },
  daemonUptime: { name: "daemon_uptime", offset: 96, type: "f64" },
  totalCorrections: { name: "total_corrections", offset: 104, type: "u32" },
  layoutVersion: { name: "layout_version", offset: 108, type: "u32" },
  averageLatencyMs: { name: "average_latency_ms", offset: 112, type: "f32" },
  maxError: { name: "max_error", offset: 116, type: "f32" },
  boottimeAnchor: { name: "boottime_anchor", offset: 120, type: "i64" },
} as const satisfies Record<string, Field>;

/** The word that holds the sequence number. */
export const SEQUENCE_WORD: number = FIELDS.sequenceNumber.offset / 4;

/** Bits of `flags`. */
export const Flag = {
  /** The time may be used. */
  VALID: 1 << 0,
  /** At least one server was measured. */
  NTP_READY: 1 << 1,
  /** Every enabled model is loaded and predicts. */
  MODELS_READY: 1 << 2,
  /** The warm-up is over. */
  WARMUP_COMPLETE: 1 << 3,
  /** No source answers: the last measurement is carried on, with growing bounds. */
  HOLDOVER: 1 << 4,
  /** A suspend, step or move was noticed and has not been re-measured yet. */
  DISRUPTED: 1 << 5,
  /** Nothing vouches for this time. */
  UNSYNCHRONIZED: 1 << 6,
  /** No better source than the kernel's own clock. */
  SYSTEM_CLOCK: 1 << 7,
  /** Measured against a PTP hardware clock. */
  PHC: 1 << 8,
  /** A rung of the fallback ladder that the configuration asks for is missing. */
  DEGRADED: 1 << 9,
  /** A leap second is announced for the end of this UTC month.*/
  LEAP_PENDING: 1 << 10,
} as const;

/** Names of the flag bits. */
export type FlagName = keyof typeof Flag;

const WARMUP_SHIFT = 16;
const WARMUP_MASK = 0xff;

/** How far the warm-up has come, 0 to 100, from bits 16 to 23 of `flags`. */
export function warmupPercent(flags: number): number {
  return (flags >>> WARMUP_SHIFT) & WARMUP_MASK;
}

/** `flags` with the given warm-up percentage (rounded down, held within 0 to 100). */
export function withWarmupPercent(flags: number, percent: number): number {
  const held = Math.max(0, Math.min(100, Math.floor(percent)));
  return ((flags & ~(WARMUP_MASK << WARMUP_SHIFT)) | (held << WARMUP_SHIFT)) >>> 0;
}

/** The names of the bits set in `flags`, lowest first. */
export function flagNames(flags: number): FlagName[] {
  return (Object.keys(Flag) as FlagName[]).filter((name) => (flags & Flag[name]) !== 0);
}

/**
 * What produced the correction. Closed, since older readers hold it as an enumeration: what is measured without a
 * model is NTP, the kernel's own clock is NO_DATA, and the flags tell more.
 */
export const CorrectionSource = {
  NO_DATA: 0,
  /** Measurements, by the estimator alone. */
  NTP: 1,
  /** The short-term model. */
  CPU_MODEL: 2,
  /** The long-term model. */
  GPU_MODEL: 3,
  /** Both models. */
  FUSION: 4,
} as const;

/** One of the numbers of {@linkcode CorrectionSource}. */
export type CorrectionSource = (typeof CorrectionSource)[keyof typeof CorrectionSource];

/** Lower-case name of a source, as JSON and MCP give it: `ntp`, `fusion` …; `unknown` for any other number. */
export function sourceName(source: number): string {
  const found = Object.entries(CorrectionSource).find(([, value]) => value === source);
  return found === undefined ? "unknown" : found[0].toLowerCase();
}
