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
  assertEquals(recovery.hear(at(10.6), "trusted", 1), false);
  assertEquals(recovery.isUnderWay, false);
  assertEquals(recovery.counts.suspend, 1);
});

Deno.test("Recovery from a step asks everybody and waits for a fresh answer, not for one under way", () => {
  const recovery = new Recovery();
  assertEquals(recovery.hear(at(20), "shown a step", 1), true);
  assertEquals([recovery.isUnderWay, recovery.counts.clock_step], [true, 1]);
  assertEquals(recovery.concerns(at(20.4)), true);
  recovery.hear(at(20.4), "trusted", 1);
  assertEquals(recovery.isUnderWay, true);
  recovery.hear(at(20.6), "doubted", 1);
  assertEquals(recovery.isUnderWay, true);
  recovery.hear(at(20.7), "trusted", 1);
  assertEquals(recovery.isUnderWay, false);
});

Deno.test("Recovery lets a server that is doubted again and again ask everybody once a minute only", () => {
  const recovery = new Recovery();
  const asked = [0, 1, 30, 59, 60, 61].map((seconds) => recovery.hear(at(100 + seconds), "doubted", 1));
  assertEquals(asked, [true, false, false, false, true, false]);
  assertEquals(recovery.isUnderWay, false);
});

Deno.test("Recovery waits for as many sources as can outvote a liar among them", () => {
  const recovery = new Recovery();
  const from = (source: string, atSeconds: number) => exchangeOf({ source, atSeconds, delaySeconds: 0.5 });
  recovery.begin(rawNsAt(10), "suspend");
  recovery.hear(from("a", 10.6), "trusted", 3);
  recovery.hear(from("a", 10.7), "trusted", 3);
  recovery.hear(from("b", 10.8), "trusted", 3);
  recovery.hear(from("c", 10.9), "doubted", 3);
  assertEquals(recovery.isUnderWay, true);
  recovery.hear(from("d", 11), "trusted", 3);
  assertEquals(recovery.isUnderWay, false);
});

Deno.test("Recovery makes do with those who answered once the others have had their time, and never with nobody", () => {
  const recovery = new Recovery();
  recovery.begin(rawNsAt(10), "suspend");
  recovery.settle(rawNsAt(60), 2);
  assertEquals(recovery.isUnderWay, true);
  recovery.begin(rawNsAt(70), "suspend");
  recovery.hear(at(71), "trusted", 3);
  recovery.settle(rawNsAt(71.9), 2);
  assertEquals(recovery.isUnderWay, true);
  recovery.settle(rawNsAt(72), 2);
  assertEquals(recovery.isUnderWay, false);
});
