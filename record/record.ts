/**
 * The record as bytes and as values: encoding, decoding, and the checks that tell a hostile one.
 *
 * @module
 */
import { HostileRecordError } from "./errors.ts";
import { CorrectionSource, FIELDS, LAYOUT_VERSION } from "./layout.ts";
import { type UnixTime } from "./unix_time.ts";

/** All fields of the record. Times are Unix seconds on the scale that PROTOCOL.md names for each. */
export interface ChronoTickData {
  /** Corrected time at publication, s. */
  correctedTimestamp: number;
  /** CLOCK_REALTIME at publication, s. */
  systemTimestamp: number;
  /** CLOCK_REALTIME scale, s: drift and sigma growth count from here. */
  predictionTime: number;
  /** True minus system time at `predictionTime`, s. */
  offsetCorrection: number;
  /** Rate error of CLOCK_REALTIME as it runs now, s/s. */
  driftRate: number;
  /** One calibrated sigma of `offsetCorrection`, s, ≥ 0. */
  offsetUncertainty: number;
  /** One sigma of `driftRate`, s/s, ≥ 0. */
  driftUncertainty: number;
  /** CLOCK_REALTIME scale, s: past it the record is not valid. */
  validUntil: number;
  /** Probability that the error is within the configured limit, 0 … 1. */
  confidence: number;
  /** Seqlock: even in every decoded record. */
  sequenceNumber: number;
  /** Bits of `Flag`, warm-up percent in bits 16–23. */
  flags: number;
  /** A number of `CorrectionSource`. */
  source: number;
  /** Measurements accepted since the daemon started. */
  measurementCount: number;
  /** Process id of the writer in its own namespace, 0 unknown. */
  writerPid: number;
  /** Unix time of the last accepted measurement, s; 0 before the first. */
  lastNtpSync: number;
  /** How long the daemon has run, s. */
  daemonUptime: number;
  /** Predictions published (re-publications of one not counted). */
  totalCorrections: number;
  /** Version of this layout; 0 from a writer that knows none. */
  layoutVersion: number;
  /** Mean time of one publication, measured, ms. */
  averageLatencyMs: number;
  /** Hard half-width at publication, s; +Infinity when unknown. */
  maxError: number;
  /** CLOCK_REALTIME − CLOCK_BOOTTIME of the host at publication. */
  boottimeAnchor: UnixTime;
}

/** A record with every field zero, to decode into or to fill. */
export function emptyRecord(): ChronoTickData {
  return {
    // Not in FIELDS' order: V8 gives literals of the same names in the same order one shape, and where FIELDS keeps
    // objects under those names, a record's doubles would be boxed anew at every store.
    boottimeAnchor: { seconds: 0, nanoseconds: 0 },
    correctedTimestamp: 0,
    systemTimestamp: 0,
    predictionTime: 0,
    offsetCorrection: 0,
    driftRate: 0,
    offsetUncertainty: 0,
    driftUncertainty: 0,
    validUntil: 0,
    confidence: 0,
    sequenceNumber: 0,
    flags: 0,
    source: CorrectionSource.NO_DATA,
    measurementCount: 0,
    writerPid: 0,
    lastNtpSync: 0,
    daemonUptime: 0,
    totalCorrections: 0,
    layoutVersion: LAYOUT_VERSION,
    averageLatencyMs: 0,
    maxError: 0,
  };
}

const AT = {
  correctedTimestamp: FIELDS.correctedTimestamp.offset,
  systemTimestamp: FIELDS.systemTimestamp.offset,
  predictionTime: FIELDS.predictionTime.offset,
  offsetCorrection: FIELDS.offsetCorrection.offset,
  driftRate: FIELDS.driftRate.offset,
  offsetUncertainty: FIELDS.offsetUncertainty.offset,
  driftUncertainty: FIELDS.driftUncertainty.offset,
  validUntil: FIELDS.validUntil.offset,
  confidence: FIELDS.confidence.offset,
  sequenceNumber: FIELDS.sequenceNumber.offset,
  flags: FIELDS.flags.offset,
  source: FIELDS.source.offset,
  measurementCount: FIELDS.measurementCount.offset,
  writerPid: FIELDS.writerPid.offset,
  lastNtpSync: FIELDS.lastNtpSync.offset,
  daemonUptime: FIELDS.daemonUptime.offset,
  totalCorrections: FIELDS.totalCorrections.offset,
  layoutVersion: FIELDS.layoutVersion.offset,
  averageLatencyMs: FIELDS.averageLatencyMs.offset,
  maxError: FIELDS.maxError.offset,
  boottimeAnchor: FIELDS.boottimeAnchor.offset,
} as const;

/** Writes every field into `view` (128 bytes). `maxError` is rounded up, so that the bound stays one. */
export function encodeRecord(record: ChronoTickData, view: DataView): void {
  view.setFloat64(AT.correctedTimestamp, record.correctedTimestamp, true);
  view.setFloat64(AT.systemTimestamp, record.systemTimestamp, true);
  view.setFloat64(AT.predictionTime, record.predictionTime, true);
  view.setFloat64(AT.offsetCorrection, record.offsetCorrection, true);
  view.setFloat64(AT.driftRate, record.driftRate, true);
  view.setFloat64(AT.offsetUncertainty, record.offsetUncertainty, true);
  view.setFloat64(AT.driftUncertainty, record.driftUncertainty, true);
  view.setFloat64(AT.validUntil, record.validUntil, true);
  view.setFloat32(AT.confidence, record.confidence, true);
  view.setUint32(AT.sequenceNumber, record.sequenceNumber, true);
  view.setUint32(AT.flags, record.flags, true);
  view.setUint32(AT.source, record.source, true);
  view.setUint32(AT.measurementCount, record.measurementCount, true);
  view.setUint32(AT.writerPid, record.writerPid, true);
  view.setFloat64(AT.lastNtpSync, record.lastNtpSync, true);
  view.setFloat64(AT.daemonUptime, record.daemonUptime, true);
  view.setUint32(AT.totalCorrections, record.totalCorrections, true);
  view.setUint32(AT.layoutVersion, record.layoutVersion, true);
  view.setFloat32(AT.averageLatencyMs, record.averageLatencyMs, true);
  view.setFloat32(AT.maxError, roundUpToFloat32(record.maxError), true);
  const anchor = record.boottimeAnchor;
  view.setBigInt64(
    AT.boottimeAnchor,
    BigInt(anchor.seconds) * 1_000_000_000n + BigInt(anchor.nanoseconds),
    true,
  );
}

/** Reads every field of `view` into `record`, unchecked; allocates nothing. */
export function decodeRecord(view: DataView, record: ChronoTickData): void {
  record.correctedTimestamp = view.getFloat64(AT.correctedTimestamp, true);
  record.systemTimestamp = view.getFloat64(AT.systemTimestamp, true);
  record.predictionTime = view.getFloat64(AT.predictionTime, true);
  record.offsetCorrection = view.getFloat64(AT.offsetCorrection, true);
  record.driftRate = view.getFloat64(AT.driftRate, true);
  record.offsetUncertainty = view.getFloat64(AT.offsetUncertainty, true);
  record.driftUncertainty = view.getFloat64(AT.driftUncertainty, true);
  record.validUntil = view.getFloat64(AT.validUntil, true);
  record.confidence = view.getFloat32(AT.confidence, true);
  record.sequenceNumber = view.getUint32(AT.sequenceNumber, true);
  record.flags = view.getUint32(AT.flags, true);
  record.source = view.getUint32(AT.source, true);
  record.measurementCount = view.getUint32(AT.measurementCount, true);
  record.writerPid = view.getUint32(AT.writerPid, true);
  record.lastNtpSync = view.getFloat64(AT.lastNtpSync, true);
  record.daemonUptime = view.getFloat64(AT.daemonUptime, true);
  record.totalCorrections = view.getUint32(AT.totalCorrections, true);
  record.layoutVersion = view.getUint32(AT.layoutVersion, true);
  record.averageLatencyMs = view.getFloat32(AT.averageLatencyMs, true);
  record.maxError = view.getFloat32(AT.maxError, true);
  decodeAnchor(view, record.boottimeAnchor);
}

/**
 * Splits the i64 of nanoseconds into seconds and nanoseconds without a bigint: with the high word as h·2¹⁶ + l, both
 * 2⁴⁸ ns and 2³² ns are whole seconds plus a rest, and every product stays below 2⁵³.
 */
function decodeAnchor(view: DataView, anchor: UnixTime): void {
  const low = view.getUint32(AT.boottimeAnchor, true);
  const high = view.getInt32(AT.boottimeAnchor + 4, true);
  const upper = high >> 16;
  const lower = high & 0xffff;
  const restNs = upper * 976_710_656 + lower * 294_967_296 + low;
  const carry = Math.floor(restNs / 1e9);
  anchor.seconds = upper * 281_474 + lower * 4 + carry;
  anchor.nanoseconds = restNs - carry * 1e9;
}

/**
 * The fastest that another daemon may slew the clock, with room: chronyd's maximum is 83 333 ppm, publishers take up to
 * 0.1 for a slew, and a clock that loses 0.1 is corrected with 1/0.9 − 1.
 */
const MAX_DRIFT_RATE = 0.125;
/** Unix seconds beyond the year 3000 are nobody's clock. */
const MAX_UNIX_SECONDS = 32_503_680_000;
/** An era of NTP: no server can tell of more. Below it, nanoseconds in doubles still carry over exactly. */
const MAX_OFFSET_SECONDS = 2 ** 32;

type Rule = readonly [holds: (value: number) => boolean, permitted: string];

const unixSeconds: Rule = [(v) => v >= 0 && v <= MAX_UNIX_SECONDS, "Unix seconds from 0 to the year 3000"];
const nonNegative: Rule = [(v) => v >= 0 && v < Infinity, "finite and not negative"];

/** What an honest writer keeps to, field by field. */
const RULES: Partial<Record<keyof typeof FIELDS, Rule>> = {
  layoutVersion: [
    (v) => v <= LAYOUT_VERSION,
    `at most ${LAYOUT_VERSION}, the newest this reader knows; update it`,
  ],
  correctedTimestamp: unixSeconds,
  systemTimestamp: unixSeconds,
  predictionTime: unixSeconds,
  validUntil: unixSeconds,
  offsetCorrection: [
    (v) => Math.abs(v) <= MAX_OFFSET_SECONDS,
    `within ± ${MAX_OFFSET_SECONDS} s`,
  ],
  driftRate: [(v) => Math.abs(v) <= MAX_DRIFT_RATE, `within ± ${MAX_DRIFT_RATE} s/s`],
  offsetUncertainty: nonNegative,
  driftUncertainty: nonNegative,
  confidence: [(v) => v >= 0 && v <= 1, "from 0 to 1"],
  source: [(v) => v <= CorrectionSource.FUSION, `from 0 to ${CorrectionSource.FUSION}`],
  lastNtpSync: unixSeconds,
  daemonUptime: nonNegative,
  averageLatencyMs: nonNegative,
  maxError: [
    (v) => v >= 0 && v <= MAX_OFFSET_SECONDS || v === Infinity,
    `from 0 to ${MAX_OFFSET_SECONDS} s, or infinite when unknown`,
  ],
};

/**
 * Refuses a record that no honest writer leaves: non-finite or impossible values, a version from the future.
 *
 * @throws {HostileRecordError} naming the first field at fault
 */
export function checkRecord(record: ChronoTickData): void {
  if (isSound(record)) return;
  for (const key of Object.keys(RULES) as (keyof typeof RULES)[]) {
    const [holds, permitted] = RULES[key]!;
    const value = record[key] as number;
    if (holds(value)) continue;
    const field = FIELDS[key].name;
    throw new HostileRecordError(
      `Cannot use the record: ${field} is ${value}, but must be ${permitted}. Check which program writes this segment.`,
      field,
    );
  }
}

/** The rules above in one expression, since this runs after every change of the record; NaN fails every comparison. */
function isSound(r: ChronoTickData): boolean {
  return r.layoutVersion <= LAYOUT_VERSION &&
    r.correctedTimestamp >= 0 && r.correctedTimestamp <= MAX_UNIX_SECONDS &&
    r.systemTimestamp >= 0 && r.systemTimestamp <= MAX_UNIX_SECONDS &&
    r.predictionTime >= 0 && r.predictionTime <= MAX_UNIX_SECONDS &&
    r.validUntil >= 0 && r.validUntil <= MAX_UNIX_SECONDS &&
    Math.abs(r.offsetCorrection) <= MAX_OFFSET_SECONDS &&
    Math.abs(r.driftRate) <= MAX_DRIFT_RATE &&
    r.offsetUncertainty >= 0 && r.offsetUncertainty < Infinity &&
    r.driftUncertainty >= 0 && r.driftUncertainty < Infinity &&
    r.confidence >= 0 && r.confidence <= 1 &&
    r.source <= CorrectionSource.FUSION &&
    r.lastNtpSync >= 0 && r.lastNtpSync <= MAX_UNIX_SECONDS &&
    r.daemonUptime >= 0 && r.daemonUptime < Infinity &&
    r.averageLatencyMs >= 0 && r.averageLatencyMs < Infinity &&
    (r.maxError >= 0 && r.maxError <= MAX_OFFSET_SECONDS || r.maxError === Infinity);
}

/** `sigma(t)` of the record: 1 σ of the corrected time, `secondsFromPrediction` away from `predictionTime`. */
export function sigmaSeconds(record: ChronoTickData, secondsFromPrediction: number): number {
  return Math.hypot(record.offsetUncertainty, record.driftUncertainty * secondsFromPrediction);
}

/** `corrected(t) − t` of the record, `secondsFromPrediction` after `predictionTime`. */
export function correctionSeconds(record: ChronoTickData, secondsFromPrediction: number): number {
  return record.offsetCorrection + record.driftRate * secondsFromPrediction;
}

const float32 = new Float32Array(1);
const float32Bits = new Uint32Array(float32.buffer);

/** The smallest f32 that is not below `value` (≥ 0). */
export function roundUpToFloat32(value: number): number {
  float32[0] = value;
  if (float32[0] < value) float32Bits[0]! += 1;
  return float32[0]!;
}
