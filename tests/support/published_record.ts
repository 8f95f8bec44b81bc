import { Clock, nowNs } from "../../ffi/clocks.ts";
import { OwnedSegment } from "../../ffi/shared_memory.ts";
import {
  CorrectionSource,
  Flag,
  RECORD_BYTES,
  SEQUENCE_WORD,
  withWarmupPercent,
} from "../../record/layout.ts";
import { type ChronoTickData, emptyRecord, encodeRecord } from "../../record/record.ts";
import { type Block, blockOf, publishBlock } from "../../record/seqlock.ts";
import { fromNs } from "../../record/unix_time.ts";

/** Flags of a daemon that is warm and measures. */
export const HEALTHY_FLAGS: number = withWarmupPercent(
  Flag.VALID | Flag.NTP_READY | Flag.WARMUP_COMPLETE,
  100,
);

/** Fields that differ from {@linkcode recordPublishedAgo}'s. */
export type Overrides = Partial<ChronoTickData>;

/** A name for a segment that nobody else uses. */
export function randomShmName(): string {
  return `chronotick_test_${crypto.randomUUID().replaceAll("-", "")}`;
}

/** CLOCK_REALTIME − CLOCK_BOOTTIME in ns, to some tens of ns. */
export function readAnchorNs(): bigint {
  const before = nowNs(Clock.BOOTTIME);
  const realtimeNs = nowNs(Clock.REALTIME);
  return realtimeNs - (before + nowNs(Clock.BOOTTIME)) / 2n;
}

/** A sound record as a daemon would have published it `ageSeconds` ago. */
export function recordPublishedAgo(ageSeconds: number, overrides: Overrides = {}): ChronoTickData {
  const boottimeAnchor = fromNs(readAnchorNs());
  const system = Number(nowNs(Clock.REALTIME)) / 1e9 - ageSeconds;
  return {
    ...emptyRecord(),
    correctedTimestamp: system + 0.025013,
    systemTimestamp: system,
    predictionTime: system - 0.5,
    offsetCorrection: 0.025003,
    driftRate: 20e-6,
    offsetUncertainty: 120e-6,
    driftUncertainty: 0.1e-6,
    validUntil: system + 59.5,
    confidence: 0.96875,
    flags: HEALTHY_FLAGS,
    source: CorrectionSource.NTP,
    measurementCount: 42,
    writerPid: Deno.pid,
    lastNtpSync: system - 3,
    daemonUptime: 321.5,
    totalCorrections: 1234,
    averageLatencyMs: 0.0125,
    maxError: 0.0021,
    boottimeAnchor,
    ...overrides,
  };
}

/** The 128 bytes of a record. */
export function bytesOf(record: ChronoTickData): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(RECORD_BYTES);
  encodeRecord(record, new DataView(bytes.buffer));
  return bytes;
}

/** A daemon's segment without the daemon: what the test publishes stays there, and the name goes at dispose. */
export class PublishedRecord implements Disposable {
  readonly name: string;
  #segment: OwnedSegment;
  #shared: Block;

  /** Creates the segment; with `overrides` a sound record is published into it, with null nothing yet. */
  constructor(overrides: Overrides | null = {}, name: string = randomShmName()) {
    this.name = name;
    this.#segment = OwnedSegment.take(name, RECORD_BYTES);
    this.#shared = blockOf(this.#segment.buffer);
    if (overrides !== null) this.publish(overrides);
  }

  /** Where the segment is in the file system. */
  get path(): string {
    return `/dev/shm/${this.name}`;
  }

  /** The live words, to be spoiled at will. */
  get words(): Int32Array {
    return this.#shared.words;
  }

  /** The sequence number as it stands. */
  get sequence(): number {
    return Atomics.load(this.words, SEQUENCE_WORD) >>> 0;
  }

  /** Publishes a sound record, `ageSeconds` old, with the given differences; returns it. */
  publish(overrides: Overrides = {}, ageSeconds = 0): ChronoTickData {
    const record = recordPublishedAgo(ageSeconds, overrides);
    this.publishBytes(bytesOf(record));
    return record;
  }

  /** Publishes any 128 bytes under the next sequence number. */
  publishBytes(bytes: Uint8Array<ArrayBuffer>): void {
    publishBlock(this.words, blockOf(bytes.buffer).words);
  }

  /** A publication that is never completed. */
  leaveWriteUnderWay(): void {
    Atomics.store(this.words, SEQUENCE_WORD, this.sequence | 1);
  }

  /** As a new daemon after the old one's segment was removed: same name, another file. */
  replace(overrides: Overrides | null = {}): void {
    this[Symbol.dispose]();
    this.#segment = OwnedSegment.take(this.name, RECORD_BYTES);
    this.#shared = blockOf(this.#segment.buffer);
    if (overrides !== null) this.publish(overrides);
  }

  /** Removes the name, unmaps, unlocks. */
  [Symbol.dispose](): void {
    this.#segment.unlink();
    this.#segment[Symbol.dispose]();
  }
}
