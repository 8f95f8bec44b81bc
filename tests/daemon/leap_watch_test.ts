import { assertEquals } from "@std/assert";
import { LeapWatch } from "../../daemon/leap_watch.ts";
import { exchangeOf } from "./exchange_of.ts";

/** The end of the month in which the exchanges' base lies, 2026-05-04T00:00:00Z: 2026-06-01T00:00:00Z. */
const MIDNIGHT = 1_780_272_000;
/** The same as seconds since that base. */
const MONTH_END = 28 * 86_400;
const NOON = 43_200;

/** A watch that heard each server announce (or not) at noon. */
function watchOf(leaps: readonly (0 | 1 | 2)[], atSeconds = NOON): LeapWatch {
  const watch = new LeapWatch();
  observe(watch, leaps, atSeconds);
  return watch;
}

function observe(watch: LeapWatch, leaps: readonly (0 | 1 | 2)[], atSeconds: number): void {
  for (const [index, leap] of leaps.entries()) {
    watch.observe(exchangeOf({ source: `server ${index}`, atSeconds, leap }));
  }
}

Deno.test("LeapWatch believes a majority of the servers, and nobody less", () => {
  assertEquals(watchOf([]).isPending, false);
  assertEquals(watchOf([1]).isPending, true);
  assertEquals(watchOf([1, 0]).isPending, false);
  assertEquals(watchOf([1, 0, 1]).isPending, true);
  assertEquals(watchOf([1, 0, 0]).isPending, false);
  assertEquals(watchOf([1, 1, 0, 0]).isPending, false);
});

Deno.test("LeapWatch takes the deleted second for a leap too", () => {
  assertEquals(watchOf([2, 2, 0]).isPending, true);
});

Deno.test("LeapWatch counts each server once, by its newest word", () => {
  const watch = watchOf([1, 1, 0]);
  observe(watch, [0], NOON + 1);
  assertEquals(watch.isPending, false);
  observe(watch, [1, 1, 1, 0, 0], NOON + 2);
  assertEquals(watch.isPending, true);
});

Deno.test("LeapWatch allows for a second around the end of the announced month only", () => {
  const watch = watchOf([1, 1]);
  const at = [MIDNIGHT - 27 * 86_400, MIDNIGHT - 10, MIDNIGHT - 3, MIDNIGHT, MIDNIGHT + 1, MIDNIGHT + 60];
  assertEquals(at.map((utcSeconds) => watch.allowanceSeconds(utcSeconds)), [0, 0, 1, 1, 1, 1]);
});

Deno.test("LeapWatch allows for nothing without an announcement", () => {
  const watch = watchOf([0, 0, 1]);
  assertEquals([MIDNIGHT - 1, MIDNIGHT, MIDNIGHT + 1].map((at) => watch.allowanceSeconds(at)), [0, 0, 0]);
});

Deno.test("LeapWatch ends the allowance when a majority has leapt and says so no more", () => {
  const watch = watchOf([1, 1, 1]);
  observe(watch, [0], MONTH_END + 2);
  assertEquals(watch.allowanceSeconds(MIDNIGHT + 2), 1);
  observe(watch, [0, 0], MONTH_END + 4);
  assertEquals([watch.isPending, watch.allowanceSeconds(MIDNIGHT + 4)], [false, 0]);
});

Deno.test("LeapWatch keeps to the month that was announced while servers go on announcing after it", () => {
  const watch = watchOf([1, 1, 1]);
  observe(watch, [1, 1, 1], MONTH_END + 1);
  assertEquals(watch.allowanceSeconds(MIDNIGHT + 2), 1);
});

Deno.test("LeapWatch remembers a bounded number of servers", () => {
  const watch = watchOf(Array<1>(1000).fill(1));
  // The 32 remembered ones are outvoted by as many new ones and one more.
  for (let server = 0; server < 32; server++) {
    watch.observe(exchangeOf({ source: `new ${server}`, atSeconds: NOON + 1 }));
  }
  assertEquals(watch.isPending, false);
});
