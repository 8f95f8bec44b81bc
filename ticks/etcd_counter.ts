/**
 * One counter in a cluster: created, read, and added to.
 *
 * Every transaction tells what the counter was before it, and no two of them can be told the same. A transaction may be
 * asked for again when its answer was lost: at worst it is carried out twice, and the ticks of which nobody heard are
 * lost.
 *
 * @module
 */
import { asObject, type JsonObject } from "./etcd_answer.ts";
import type { TickError, TickErrorCode } from "./errors.ts";
import type { EtcdGateway } from "./etcd_gateway.ts";
import { noTickFrom } from "./etcd_refusal.ts";
import { type EtcdState, keysToAdd, newCounter, parseState, UTC_KEY, utcText } from "./etcd_state.ts";

const ROOT = "/chronotick/ticks";

/** Notices when the counter was deleted, replaced or put back. */
export class EtcdCounter {
  readonly #gateway: EtcdGateway;
  readonly #address: string;
  /** Stays when the counter is deleted, so that it is not begun anew by mistake. */
  readonly #markerKey: string;
  /** What all keys of the counter begin with. */
  readonly #prefix: string;
  #seen: EtcdState | null = null;

  /** Asks nothing yet. */
  constructor(gateway: EtcdGateway, name: string, address: string) {
    this.#gateway = gateway;
    this.#address = address;
    this.#markerKey = `${ROOT}/${name}`;
    this.#prefix = `${this.#markerKey}/`;
  }

  /**
   * Creates it where there is none; leaves it as it is where there is one.
   *
   * @throws {TickError} CORRUPT: there was one, and it was deleted
   */
  async create(deadlineMs: number): Promise<void> {
    const id = crypto.randomUUID();
    const marker = put(this.#markerKey, JSON.stringify({ id, created: new Date().toISOString() }));
    const keys = [...newCounter(id)].map(([key, value]) => put(this.#prefix + key, value));
    const isAbsent = { target: "CREATE", result: "EQUAL", create_revision: "0" };
    const answer = await this.#transact({
      compare: [{ key: btoa(this.#markerKey), ...isAbsent }, { ...this.#allKeys(), ...isAbsent }],
      success: [marker, ...keys],
      failure: [this.#range()],
    }, deadlineMs);
    if (answer["succeeded"] === true || firstRange(answer).length > 0) return;
    throw this.#error(
      "CORRUPT",
      "the counter was deleted, and to begin anew would hand out its ticks again; take another name",
    );
  }

  /** The state now, as the majority has it. */
  async read(deadlineMs: number): Promise<EtcdState> {
    // A transaction like the others: one that only reads is as linearizable as a range is.
    return await this.#stateBefore({ success: [this.#range()] }, deadlineMs);
  }

  /**
   * Adds `count` ticks, and returns the state before: `last + 1n` is the first of them. A stamp is kept where it is
   * later than the latest one.
   */
  async add(count: bigint, stampNs: bigint | null, deadlineMs: number): Promise<EtcdState> {
    const add = [this.#range(), ...keysToAdd(count).map((key) => put(this.#prefix + key, ""))];
    if (stampNs === null) return await this.#stateBefore({ success: add }, deadlineMs);
    const utcKey = this.#prefix + UTC_KEY;
    return await this.#stateBefore({
      compare: [{ key: btoa(utcKey), target: "VALUE", result: "LESS", value: btoa(utcText(stampNs)) }],
      success: [...add, put(utcKey, utcText(stampNs))],
      failure: add,
    }, deadlineMs);
  }

  /** Carries out a transaction that ranges over the counter before it does anything else. */
  async #stateBefore(transaction: JsonObject, deadlineMs: number): Promise<EtcdState> {
    const seen = this.#seen; // answers may overtake each other
    const state = this.#check(firstRange(await this.#transact(transaction, deadlineMs)), seen);
    this.#seen = state;
    return state;
  }

  /** The state that the cluster told, if it can follow what was `seen` before it was asked. */
  #check(kvs: readonly unknown[], seen: EtcdState | null): EtcdState {
    if (kvs.length === 0) {
      throw seen === null
        ? this.#error(
          "NO_COUNTER",
          `there is no such counter; create it with chronos-ctl init --authority ${this.#address}`,
        )
        : this.#error("CORRUPT", "the counter was deleted while it was in use");
    }
    const state = parseState(kvs, this.#prefix);
    if (state === null) {
      throw this.#error("CORRUPT", `what is stored below ${this.#prefix} is not one whole counter`);
    }
    if (seen === null) return state;
    if (state.id !== seen.id || state.createRevision !== seen.createRevision) {
      throw this.#error("CORRUPT", "the counter was replaced by another one while it was in use");
    }
    if (state.last < seen.last) {
      const fall = `from tick ${seen.last} to ${state.last}`;
      throw this.#error("CORRUPT", `the counter went back ${fall}, as it does when a backup is restored`);
    }
    return state;
  }

  #transact(transaction: JsonObject, deadlineMs: number): Promise<JsonObject> {
    return this.#gateway.call("/v3/kv/txn", transaction, deadlineMs);
  }

  #range(): JsonObject {
    return { request_range: this.#allKeys() };
  }

  #allKeys(): JsonObject {
    // "0" follows "/": the end of all that begins with the prefix.
    return { key: btoa(this.#prefix), range_end: btoa(`${this.#markerKey}0`) };
  }

  #error(code: TickErrorCode, text: string): TickError {
    return noTickFrom(this.#address, code, text);
  }
}

function put(key: string, value: string): JsonObject {
  return { request_put: { key: btoa(key), value: btoa(value) } };
}

/** What the first range of a transaction found. */
function firstRange(answer: JsonObject): readonly unknown[] {
  const [response] = answer["responses"] as readonly unknown[] ?? [];
  const kvs = asObject(asObject(response)?.["response_range"])?.["kvs"];
  return Array.isArray(kvs) ? kvs : [];
}
