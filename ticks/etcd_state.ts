/**
 * What a cluster keeps of a counter: a number in binary, whose digits are how often etcd has seen keys written.
 *
 * etcd counts the writes of each key (its version), for whoever writes. Key `bit03` stands for 8 ticks a write, so to
 * write `bit03` and `bit00` in one transaction is to add 9, without a look at what the number is: nobody needs to try
 * again because somebody else was faster, however slow the way to the cluster is.
 *
 * @module
 */
import { asObject, type JsonObject } from "./etcd_answer.ts";

/** A counter as it was at one moment. */
export interface EtcdState {
  /** Drawn when the counter was created: another one under the same name is another counter. */
  readonly id: string;
  /** etcd's revision of the creation, which all of the counter's keys bear as long as none is deleted. */
  readonly createRevision: string;
  /** The highest tick that was reserved, 0n before the first. */
  readonly last: bigint;
  /** Unix time in ns of the latest stamp, 0n before the first. */
  readonly utcNs: bigint;
}

/** The highest tick that there is. */
export const MAX_TICK: bigint = 2n ** 64n - 1n;
/** Binary digits that are kept as keys. */
const BITS = 20;
/** The most ticks that one transaction can add. */
export const MAX_ADDED: bigint = 2n ** BigInt(BITS) - 1n;

/** Where the counter's identity is, and what is added to the number: an operator may raise it. */
const BASE = "base";
/** Where the latest stamp is, in as many digits as any u64 has, so that etcd's order of texts is that of numbers. */
const UTC = "utc";
const UTC_DIGITS = 20;
const ID = /^[0-9a-f-]{1,64}$/;
const U64 = /^(0|[1-9]\d{0,19})$/;

/** The keys of a counter, without what they begin with, and what each holds when the counter is created. */
export function newCounter(id: string): Map<string, string> {
  const bits = Array.from({ length: BITS }, (_, bit): [string, string] => [bitKey(bit), ""]);
  return new Map([...bits, [BASE, JSON.stringify({ id, base: "0" })], [UTC, utcText(0n)]]);
}

/** The keys that must be written to add `count`, 1n … {@linkcode MAX_ADDED}. */
export function keysToAdd(count: bigint): string[] {
  return Array.from({ length: BITS }, (_, bit) => bit).filter((bit) => (count >> BigInt(bit)) & 1n).map(
    bitKey,
  );
}

/** The key of the latest stamp. */
export const UTC_KEY: string = UTC;

/** A stamp as it is kept. */
export function utcText(utcNs: bigint): string {
  return String(utcNs).padStart(UTC_DIGITS, "0");
}

/**
 * The counter that etcd's `kvs` (mvccpb.KeyValue as JSON) stand for; null when they are not all the keys of one.
 *
 * @param prefix what the keys begin with
 */
export function parseState(kvs: readonly unknown[], prefix: string): EtcdState | null {
  const fields = new Map(kvs.map((kv) => fieldOf(asObject(kv) ?? {}, prefix)));
  const createRevision = fields.get(BASE)?.createRevision;
  const base = parseBase(fields.get(BASE)?.value ?? "");
  const utc = fields.get(UTC)?.value ?? "";
  if (createRevision === undefined || base === null || !/^\d{20}$/.test(utc)) return null;
  let last = base.value;
  for (const key of newCounter("").keys()) {
    const field = fields.get(key);
    if (field?.createRevision !== createRevision) return null;
  }
  for (let bit = 0; bit < BITS; bit++) {
    // The creation was a write too.
    last += (fields.get(bitKey(bit))!.version - 1n) << BigInt(bit);
  }
  return { id: base.id, createRevision, last, utcNs: BigInt(utc) };
}

interface Field {
  readonly value: string;
  readonly version: bigint;
  readonly createRevision: string;
}

function fieldOf(kv: JsonObject, prefix: string): [string, Field] {
  const { key, value = "", version = "0", create_revision } = kv;
  return [
    atob(String(key)).slice(prefix.length),
    { value: atob(String(value)), version: BigInt(String(version)), createRevision: String(create_revision) },
  ];
}

function parseBase(text: string): { readonly id: string; readonly value: bigint } | null {
  let parsed: JsonObject | null;
  try {
    parsed = asObject(JSON.parse(text));
  } catch {
    return null;
  }
  const { id, base } = parsed ?? {};
  if (typeof id !== "string" || !ID.test(id) || typeof base !== "string" || !U64.test(base)) return null;
  return { id, value: BigInt(base) };
}

function bitKey(bit: number): string {
  return `bit${String(bit).padStart(2, "0")}`;
}
