import { assertEquals, assertMatch } from "@std/assert";
import { FaultLog } from "../../../ticks/chronosd/fault_log.ts";
import { TickError } from "../../../ticks/errors.ts";

Deno.test("a flood of faults is cut off, and what was left out is counted", () => {
  const lines: string[] = [];
  let nowMs = 0;
  const log = new FaultLog((line) => lines.push(line), () => nowMs);
  for (let fault = 0; fault < 1000; fault++, nowMs += 5) {
    log.report(new TickError("UNAVAILABLE", "The disk is full."));
  }
  assertEquals(lines, Array.from({ length: 10 }, () => "The disk is full."));
  nowMs = 10_000;
  log.report(new TypeError("x is not a function"));
  assertEquals(lines[10], "990 more faults like these were left out.");
  assertMatch(lines[11]!, /^TypeError: x is not a function\n +at /);
});
