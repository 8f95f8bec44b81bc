import { assertEquals } from "@std/assert";
import { keysToAdd, MAX_ADDED, newCounter, parseState, utcText } from "../../ticks/etcd_state.ts";

const ID = "6f1e1e0e-7f0d-4b52-8a58-6a4d1a3f9c11";
const PREFIX = "/chronotick/ticks/orders/";

interface KeyValue {
  key: string;
  value?: string;
  version: string;
  create_revision: string;
}

/** As etcd gives the keys of a new counter (empty fields left out), with changes. */
function keyValues(changes: Record<string, Partial<KeyValue> | null> = {}): KeyValue[] {
  return [...newCounter(ID)].filter(([key]) => changes[key] !== null).map(([key, value]) => ({
    key: btoa(PREFIX + key),
    ...value === "" ? {} : { value: btoa(value) },
    version: "1",
    create_revision: "9",
    ...changes[key],
  }));
}

function stateOf(changes: Record<string, Partial<KeyValue> | null>) {
  return parseState(keyValues(changes), PREFIX);
}

Deno.test("a new counter is at 0 and has no stamp", () => {
  assertEquals(stateOf({}), { id: ID, createRevision: "9", last: 0n, utcNs: 0n });
});

Deno.test("a counter is the sum of its base and of how often each of its keys was written", () => {
  const state = stateOf({
    bit00: { version: "4" },
    bit03: { version: "2" },
    bit19: { version: "1001" },
    base: { version: "7", value: btoa(`{ "base": "5000", "id": "${ID}", "note": "after the fire" }\n`) },
    utc: { version: "3", value: btoa(utcText(1760909304472823544n)) },
  });
  // 3 × 1 + 1 × 8 + 1000 × 524288 + 5000
  assertEquals([state?.last, state?.utcNs], [524293011n, 1760909304472823544n]);
});

Deno.test("keysToAdd() writes a number in binary", () => {
  assertEquals(keysToAdd(1n), ["bit00"]);
  assertEquals(keysToAdd(0b1011n), ["bit00", "bit01", "bit03"]);
  assertEquals([MAX_ADDED, keysToAdd(MAX_ADDED).length], [1048575n, 20]);
});

Deno.test("utcText() has as many digits for every u64, so that texts order as numbers do", () => {
  const times = [0n, 9n, 10n, 1760909304472823544n, 2n ** 64n - 1n];
  assertEquals(times.map(utcText).toSorted(), times.map(utcText));
});

Deno.test("parseState() refuses what is not one whole counter", () => {
  const damaged: Record<string, Partial<KeyValue> | null>[] = [
    { bit07: null },
    { base: null },
    { utc: null },
    { bit07: { create_revision: "10" } },
    { utc: { value: btoa("12") } },
    { base: { value: btoa("5000") } },
    { base: { value: btoa("{") } },
    { base: { value: btoa(`{"id":"${ID}","base":5000}`) } },
    { base: { value: btoa(`{"id":"${ID}","base":"-1"}`) } },
    { base: { value: btoa(`{"id":"","base":"1"}`) } },
  ];
  assertEquals(damaged.filter((changes) => stateOf(changes) !== null), []);
});
