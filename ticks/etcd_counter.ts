/**
 * One counter in a cluster: read, created, and changed by compare-and-swap alone.
 *
 * A change replaces the very bytes that were seen by others with a higher tick in them, so it can be carried out only
 * once however often it is asked for: that is why it may be asked for again when an answer was lost. Ticks whose change
 * was carried out and never heard of are lost; nobody else gets them either.
 *
 * @module
 */
import { asObject, type JsonObject } from "./etcd_answer.ts";
import type { TickError, TickErrorCode } from "./errors.ts";
import { noTickFrom } from "./etcd_refusal.ts";
import type { EtcdGateway } from "./etcd_gateway.ts";
import { type EtcdState, formatState, parseState } from "./etcd_state.ts";

/** A state, and the bytes that stand for it in the cluster. */
interface Seen {
  readonly state: EtcdState;
  /** As the gateway gives it: base64. */
  readonly value: string;
}

const PREFIX = "/chronotick/ticks";

/** Changes made by others in between are noticed, deletions and restored backups too. */
export class EtcdCounter {
  readonly #gateway: EtcdGateway;
  readonly #address: string;
  readonly #key: string;
  /** Stays when the counter is deleted, so that it is not begun anew by mistake. */
  readonly #markerKey: string;
  #seen: Seen | null = null;

  /** Asks nothing yet: see {@linkcode EtcdCounter.read} and {@linkcode EtcdCounter.create}. */
  constructor(gateway: EtcdGateway, name: string, address: string) {
    this.#gateway = gateway;
    this.#address = address;
    this.#key = btoa(`${PREFIX}/${name}/counter`);
    this.#markerKey = btoa(`${PREFIX}/${name}/created`);
  }

  /**
   * Creates it where there is none; leaves it as it is where there is one.
   *
   * @throws {TickError} CORRUPT: there was one, and it was deleted
   */
  async create(deadlineMs: number): Promise<void> {
    const state: EtcdState = { id: crypto.randomUUID(), last: 0n, utcNs: 0n };
    const created = btoa(JSON.stringify({ id: state.id, created: new Date().toISOString() }));
    const answer = await this.#transact({
      compare: [this.#key, this.#markerKey].map(isAbsent),
      success: [put(this.#key, btoa(formatState(state))), put(this.#markerKey, created)],
      failure: [range(this.#key)],
    }, deadlineMs);
    if (answer["succeeded"] === true || valueIn(answer) !== null) return;
    throw this.#error(
      "CORRUPT",
      "the counter was deleted, and beginning anew would hand out its ticks again; put it back with a tick that is " +
        "higher than any it gave, or take another name",
    );
  }

  /** The state now, as the majority has it. */
  async read(deadlineMs: number): Promise<EtcdState> {
    // A transaction, so that there is one kind of answer; without a write it is as linearizable as a range.
    const before = this.#seen;
    const answer = await this.#transact({ success: [range(this.#key)] }, deadlineMs);
    return this.#accept(before, valueIn(answer)).state;
  }

  /**
   * Replaces the state by what `change` makes of it, and returns what `change` returned. `change` is called again when
   * somebody else was faster.
   */
  async update<T extends { readonly after: EtcdState }>(
    change: (before: EtcdState) => T,
    deadlineMs: number,
  ): Promise<T> {
    if (this.#seen === null) await this.read(deadlineMs);
    while (performance.now() < deadlineMs) {
      const before = this.#seen!;
      const { state, value } = before;
      const result = change(state);
      const next = btoa(formatState(result.after));
      const answer = await this.#transact({
        compare: [{ key: this.#key, target: "VALUE", result: "EQUAL", value }],
        success: [put(this.#key, next)],
        failure: [range(this.#key)],
      }, deadlineMs);
      if (answer["succeeded"] === true) {
        this.#seen = { state: result.after, value: next };
        return result;
      }
      this.#accept(before, valueIn(answer));
    }
    throw this.#error(
      "BUSY",
      "others changed the counter each time; give its busy clients a ?block=1000",
    );
  }

  /** Takes note of what is there now, if that can follow what was seen `before` it was asked for. */
  #accept(before: Seen | null, value: string | null): Seen {
    if (value === null) {
      throw before === null
        ? this.#error(
          "NO_COUNTER",
          `there is no such counter; create it with chronos-ctl init --authority ${this.#address}`,
        )
        : this.#error("CORRUPT", "the counter was deleted while it was in use");
    }
    const state = parseState(atob(value));
    if (state === null) throw this.#error("CORRUPT", "what is stored there is no counter");
    if (before !== null && (before.state.id !== state.id || state.last < before.state.last)) {
      const fall = `from tick ${before.state.last} to ${state.last}`;
      throw this.#error("CORRUPT", `the counter went back ${fall}, as it does when a backup is restored`);
    }
    this.#seen = { state, value };
    return this.#seen;
  }

  #transact(transaction: JsonObject, deadlineMs: number): Promise<JsonObject> {
    return this.#gateway.call("/v3/kv/txn", transaction, deadlineMs);
  }

  #error(code: TickErrorCode, text: string): TickError {
    return noTickFrom(this.#address, code, text);
  }
}

function isAbsent(key: string): JsonObject {
  return { key, target: "CREATE", result: "EQUAL", create_revision: "0" };
}

function put(key: string, value: string): JsonObject {
  return { request_put: { key, value } };
}

function range(key: string): JsonObject {
  return { request_range: { key } };
}

/** The value that a transaction's only range found; null when it found none. */
function valueIn(answer: JsonObject): string | null {
  const [response] = answer["responses"] as readonly unknown[] ?? [];
  const kvs = asObject(asObject(response)?.["response_range"])?.["kvs"];
  const value = Array.isArray(kvs) ? asObject(kvs[0])?.["value"] : undefined;
  return typeof value === "string" ? value : null;
}
