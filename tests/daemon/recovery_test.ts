import { assertEquals } from "@std/assert";
import { Recovery } from "../../daemon/recovery.ts";
import { exchangeOf, rawNsAt } from "./exchange_of.ts";

const at = (atSeconds: number) => exchangeOf({ atSeconds, delaySeconds: 0.5 });

Deno.test("Recovery from a suspend needs an exchange that began after it", () => {
  const recovery = new Recovery();
  recovery.begin(rawNsAt(10), "suspend");
  assertEquals([recovery.isUnderWay, recovery.concerns(at(10.4)), recovery.concerns(at(10.6))], [
    true,
    false,
    true,
  ]);
  assertEquals(recovery.hear(at(10.6), "trusted"), false);
  assertEquals(recovery.isUnderWay, false);
  assertEquals(recovery.counts.suspend, 1);
});

Deno.test("Recovery from a step asks everybody and waits for a fresh answer, not for one under way", () => {
  const recovery = new Recovery();
  assertEquals(recovery.hear(at(20), "shown a step"), true);
  assertEquals([recovery.isUnderWay, recovery.counts.clock_step], [true, 1]);
  assertEquals(recovery.concerns(at(20.4)), true);
  recovery.hear(at(20.4), "trusted");
  assertEquals(recovery.isUnderWay, true);
  recovery.hear(at(20.6), "doubted");
  assertEquals(recovery.isUnderWay, true);
  recovery.hear(at(20.7), "trusted");
  assertEquals(recovery.isUnderWay, false);
});

Deno.test("Recovery lets a server that is doubted again and again ask everybody once a minute only", () => {
  const recovery = new Recovery();
  const asked = [0, 1, 30, 59, 60, 61].map((seconds) => recovery.hear(at(100 + seconds), "doubted"));
  assertEquals(asked, [true, false, false, false, true, false]);
  assertEquals(recovery.isUnderWay, false);
});
