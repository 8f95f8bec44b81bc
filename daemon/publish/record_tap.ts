/**
 * The record as its readers see it, for the daemon that writes it.
 *
 * @module
 */
import { Clock, nowNs } from "../../ffi/clocks.ts";
import { boottimeNamespaceOffsetNs } from "../../ffi/time_namespace.ts";
import { RECORD_BYTES } from "../../record/layout.ts";
import { type Observation, stateOf } from "../../record/observation.ts";
import { decodeRecord, emptyRecord } from "../../record/record.ts";
import { blockOf, memoryOrderOf, readBlock } from "../../record/seqlock.ts";
import { fromNs, toNs } from "../../record/unix_time.ts";

/** A publication takes some microseconds: whoever meets this many in a row gives up. */
const ATTEMPTS = 64;

/** Reads the segment through the seqlock, as any reader does; nobody is made to wait. */
export class RecordTap {
  readonly #shared;
  readonly #copy = blockOf(new ArrayBuffer(RECORD_BYTES));
  readonly #view = new DataView(this.#copy.words.buffer);
  readonly #record = emptyRecord();
  readonly #order = memoryOrderOf(Deno.build.arch);
  #retries = 0;

  /** `segment` stays mapped for as long as this is asked. */
  constructor(segment: ArrayBufferLike) {
    this.#shared = blockOf(segment);
  }

  /** Attempts so far that met a write under way. */
  get retries(): number {
    return this.#retries;
  }

  /** What the record says now; null when every attempt met a write under way. Its record is this object's own copy. */
  observe(): Observation | null {
    if (!this.#copyWhole()) return null;
    decodeRecord(this.#view, this.#record);
    const { boottimeAnchor, systemTimestamp } = this.#record;
    const hostBoottimeNs = nowNs(Clock.BOOTTIME) - boottimeNamespaceOffsetNs();
    const systemNs = hostBoottimeNs + toNs(boottimeAnchor);
    const ageSeconds = Number(systemNs - BigInt(systemTimestamp * 1e9)) / 1e9;
    return {
      record: this.#record,
      system: fromNs(systemNs),
      ageSeconds,
      state: stateOf(this.#record, ageSeconds),
    };
  }

  #copyWhole(): boolean {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      if (readBlock(this.#shared, this.#copy, this.#order, 1)) return true;
      this.#retries++;
    }
    return false;
  }
}
