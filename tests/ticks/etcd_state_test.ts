import { assertEquals } from "@std/assert";
import { formatState, grantAll, parseState } from "../../ticks/etcd_state.ts";

const ID = "6f1e1e0e-7f0d-4b52-8a58-6a4d1a3f9c11";

function plain(count: bigint) {
  return { count, utcNs: null };
}

function stamped(utcNs: bigint) {
  return { count: 1n, utcNs };
}

Deno.test("grantAll() gives consecutive ticks in the order of the demands", () => {
  const before = { id: ID, last: 41n, utcNs: 7n };
  assertEquals(grantAll(before, [plain(1n), plain(5n), plain(2n)], 1n), {
    after: { id: ID, last: 49n, utcNs: 7n },
    grants: [42n, 43n, 48n].map((firstTick) => ({ firstTick, utcNs: null })),
    firstSpare: 50n,
  });
});

Deno.test("grantAll() stamps with the given time, or with the latest stamp where that is later", () => {
  const before = { id: ID, last: 0n, utcNs: 100n };
  const granting = grantAll(before, [stamped(99n), stamped(101n), plain(1n), stamped(100n)], 1n);
  assertEquals(granting?.grants.map(({ utcNs }) => utcNs), [100n, 101n, null, 101n]);
  assertEquals(granting?.after, { id: ID, last: 4n, utcNs: 101n });
});

Deno.test("grantAll() reserves a block, of which it spares what nobody demands", () => {
  const before = { id: ID, last: 10n, utcNs: 0n };
  const spare = (demands: bigint[], block: bigint) => {
    const { after, firstSpare } = grantAll(before, demands.map(plain), block)!;
    return [firstSpare, after.last];
  };
  assertEquals(spare([3n], 100n), [14n, 110n]);
  assertEquals(spare([3n, 97n], 100n), [111n, 110n]);
  assertEquals(spare([3n, 98n], 100n), [112n, 111n]);
});

Deno.test("grantAll() goes to the last u64 and no further", () => {
  const before = { id: ID, last: 2n ** 64n - 3n, utcNs: 0n };
  assertEquals(grantAll(before, [plain(2n)], 1000n)?.after.last, 2n ** 64n - 1n);
  assertEquals(grantAll(before, [plain(3n)], 1n), null);
});

Deno.test("parseState() reads what formatState() writes, and what an operator may type", () => {
  const state = { id: ID, last: 2n ** 64n - 1n, utcNs: 1760909304472823544n };
  assertEquals(
    formatState(state),
    `{"id":"${ID}","last":"18446744073709551615","utc_ns":"1760909304472823544"}`,
  );
  assertEquals(parseState(formatState(state)), state);
  assertEquals(parseState(`{ "last": "0", "utc_ns": "0", "id": "${ID}", "note": 1 }\n`), {
    id: ID,
    last: 0n,
    utcNs: 0n,
  });
});

Deno.test("parseState() refuses what is no counter", () => {
  const damaged = [
    "",
    "42",
    "null",
    "[]",
    "{",
    `{"id":"${ID}","last":"42"}`,
    `{"id":"${ID}","last":42,"utc_ns":"0"}`,
    `{"id":"${ID}","last":"-1","utc_ns":"0"}`,
    `{"id":"${ID}","last":"042","utc_ns":"0"}`,
    `{"id":"${ID}","last":"18446744073709551616","utc_ns":"0"}`,
    `{"id":"${ID}","last":"1e3","utc_ns":"0"}`,
    `{"id":"","last":"42","utc_ns":"0"}`,
  ];
  assertEquals(damaged.filter((text) => parseState(text) !== null), []);
});
