import { assertEquals } from "@std/assert";
import { Warmup } from "../../daemon/warmup.ts";

Deno.test("Warmup stays at 0 % until something is measured, however long that takes", () => {
  const warmup = new Warmup(180);
  assertEquals([0, 100, 1e6].map((at) => warmup.percentAt(at)), [0, 0, 0]);
});

Deno.test("Warmup counts from the first measurement, not from a later one", () => {
  const warmup = new Warmup(180);
  warmup.begin(1000);
  warmup.begin(1090);
  assertEquals([1000, 1045, 1090, 1135].map((at) => warmup.percentAt(at)), [0, 25, 50, 75]);
});

Deno.test("Warmup is complete from its end on, and never above 100 %", () => {
  const warmup = new Warmup(180);
  warmup.begin(0);
  assertEquals([179.99, 180, 1e6].map((at) => Math.floor(warmup.percentAt(at))), [99, 100, 100]);
});

Deno.test("Warmup of 0 s is complete with the first measurement", () => {
  const warmup = new Warmup(0);
  assertEquals(warmup.percentAt(5), 0);
  warmup.begin(5);
  assertEquals(warmup.percentAt(5), 100);
});

Deno.test("Warmup does not go below 0 % for a time before the first measurement", () => {
  const warmup = new Warmup(10);
  warmup.begin(5);
  assertEquals(warmup.percentAt(4), 0);
});
