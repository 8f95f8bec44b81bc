import { assert, assertEquals } from "@std/assert";
import { median, quickestNs } from "../../bench/statistics.ts";

Deno.test("median() is the middle one, whatever the order", () => {
  assertEquals(median([9, 1, 5]), 5);
  assertEquals(median([1e9, 3, 2, 1]), 2.5);
  assertEquals(median([7]), 7);
  assert(Number.isNaN(median([])));
});

Deno.test("median() sorts numbers as numbers and leaves its argument alone", () => {
  const values = [10, 9, 100];
  assertEquals(median(values), 10);
  assertEquals(values, [10, 9, 100]);
});

Deno.test("quickestNs() runs every batch with its calls and takes the quickest", () => {
  const ran: number[] = [];
  // Batches of 10, 2 and 7 ms: at best 1000 calls took 2 ms.
  const clockMs = [0, 10, 20, 22, 30, 37];
  const realNow = performance.now;
  performance.now = () => clockMs.shift()!;
  try {
    assertEquals(quickestNs((calls) => ran.push(calls), 1000, 3), 2000);
  } finally {
    performance.now = realNow;
  }
  assertEquals(ran, [1000, 1000, 1000]);
});
