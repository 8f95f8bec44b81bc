import { assertEquals } from "@std/assert";
import { grantAll, latestStamp } from "../../ticks/etcd_grant.ts";

function plain(count: bigint) {
  return { count, utcNs: null };
}

function stamped(utcNs: bigint) {
  return { count: 1n, utcNs };
}

Deno.test("grantAll() gives consecutive ticks in the order of the demands", () => {
  const grants = grantAll(42n, 7n, [plain(1n), plain(5n), plain(2n)]);
  assertEquals(grants, [42n, 43n, 48n].map((firstTick) => ({ firstTick, utcNs: null })));
});

Deno.test("grantAll() stamps with the given time, or with the latest stamp where that is later", () => {
  const grants = grantAll(1n, 100n, [stamped(99n), stamped(101n), plain(1n), stamped(100n)]);
  assertEquals(grants.map(({ utcNs }) => utcNs), [100n, 101n, null, 101n]);
});

Deno.test("latestStamp() is the latest of the times that are asked for, if any is", () => {
  assertEquals(latestStamp([stamped(5n), plain(1n), stamped(3n)]), 5n);
  assertEquals(latestStamp([stamped(0n)]), 0n);
  assertEquals(latestStamp([plain(1n)]), null);
});
