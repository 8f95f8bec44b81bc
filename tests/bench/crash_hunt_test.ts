import { assertEquals, assertGreater } from "@std/assert";
import { huntCrashes } from "../../bench/crash_hunt.ts";
import type { JournalEntry } from "../../bench/tick_journal.ts";
import { findFaults } from "../../bench/tick_order.ts";

Deno.test("a short crash hunt finds no tick that came twice, none out of order, and no time set back", async () => {
  const { kills, ticks, repeated, reversed, setBack } = await huntCrashes({ kills: 30 });
  assertEquals({ kills, repeated, reversed, setBack }, { kills: 30, repeated: 0, reversed: 0, setBack: 0 });
  assertGreater(ticks, kills); // every other process has used some
});

Deno.test("the crash hunt catches a counter that goes on from memory that the crash took", async () => {
  const child = new URL("./forgetful_counter_child.ts", import.meta.url);
  const { repeated, reversed } = await huntCrashes({ kills: 30, child });
  assertGreater(repeated, 0);
  assertGreater(reversed, 0);
});

function entry(first: bigint, count: bigint, askedNs: bigint, givenNs: bigint, utcNs = 0n): JournalEntry {
  return { first, count, askedNs, givenNs, utcNs };
}

Deno.test("findFaults() finds nothing wrong with gaps and with calls that overlap", () => {
  const entries = [entry(9n, 1n, 0n, 10n, 5n), entry(1n, 5n, 1n, 2n), entry(6n, 2n, 3n, 9n, 5n)];
  assertEquals(findFaults(entries), { repeated: 0, reversed: 0, setBack: 0 });
});

Deno.test("findFaults() counts every tick that came twice", () => {
  const entries = [
    entry(1n, 10n, 0n, 1n),
    entry(3n, 2n, 2n, 3n),
    entry(9n, 5n, 4n, 5n),
    entry(9n, 1n, 4n, 5n),
  ];
  assertEquals(findFaults(entries).repeated, 2 + 1 + 2);
});

Deno.test("findFaults() finds a tick below one that was handed out before it was asked for", () => {
  assertEquals(findFaults([entry(2n, 1n, 0n, 1n), entry(1n, 1n, 2n, 3n)]).reversed, 1);
  assertEquals(findFaults([entry(2n, 1n, 0n, 2n), entry(1n, 1n, 1n, 3n)]).reversed, 0);
});

Deno.test("findFaults() finds a stamp that is earlier than the one of a lower tick", () => {
  const entries = [entry(1n, 1n, 0n, 1n, 7n), entry(2n, 1n, 2n, 3n), entry(3n, 1n, 4n, 5n, 6n)];
  assertEquals(findFaults(entries).setBack, 1);
});
