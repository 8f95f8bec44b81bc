import { assertAlmostEquals, assertEquals, assertGreater, assertThrows } from "@std/assert";
import {
  cpuSecondsOf,
  parseCpuSeconds,
  parseResidentBytes,
  residentBytesOf,
} from "../../bench/process_usage.ts";
import { available } from "../support/available.ts";
import { python } from "../support/python.ts";

// proc(5): utime is field 14 and stime field 15, in clock ticks of 10 ms: 1234 + 56 ticks.
const STAT = "4711 (deno) S 4700 4711 4700 34816 4711 4194304 9876 54 32 1 1234 56 7 8 20 0 12 0 81234 " +
  "1234567890 17890 18446744073709551615 1 1 0 0 0 0 0 4096 84480 0 0 0 17 1 0 0 0 0 0 0 0 0 0 0 0 0 0\n";

Deno.test("parseCpuSeconds() adds user and system time", () => {
  assertEquals(parseCpuSeconds(STAT), 12.9);
});

Deno.test("parseCpuSeconds() is not misled by a command's name with blanks and parentheses", () => {
  assertEquals(parseCpuSeconds(STAT.replace("(deno)", "(a) S 1 2 (b c)")), 12.9);
});

Deno.test("parseCpuSeconds() refuses what is no such line", () => {
  for (const text of ["", "4711 (deno) S 1 2", "no parentheses at all"]) {
    assertThrows(() => parseCpuSeconds(text), TypeError, "Cannot read");
  }
});

Deno.test("parseResidentBytes() finds VmRSS among its likes", () => {
  const status = "Name:\tdeno\nVmHWM:\t   91234 kB\nVmRSS:\t   68300 kB\nRssAnon:\t   20000 kB\n";
  assertEquals(parseResidentBytes(status), 69_939_200);
});

Deno.test("parseResidentBytes() refuses a kernel thread's status, which has no memory", () => {
  assertThrows(() => parseResidentBytes("Name:\tkthreadd\nThreads:\t1\n"), TypeError, "VmRSS");
});

Deno.test({
  name: "cpuSecondsOf() agrees with what Python's os.times() says of its own process",
  ignore: !available("python3"),
  async fn() {
    const program = `
import os, sys
while sum(os.times()[:2]) < 0.3: pass
print(sum(os.times()[:2]), open(f"/proc/{os.getpid()}/stat").read(), sep="|")
`;
    const [own, stat] = (await python(program)).split("|") as [string, string];
    assertAlmostEquals(parseCpuSeconds(stat), Number(own), 0.05);
  },
});

Deno.test("a process that computes uses processor time, and its memory is the runtime's own figure", () => {
  const before = cpuSecondsOf(Deno.pid);
  const endMs = performance.now() + 200;
  while (performance.now() < endMs);
  assertGreater(cpuSecondsOf(Deno.pid), before);
  assertAlmostEquals(residentBytesOf(Deno.pid) / Deno.memoryUsage().rss, 1, 0.1);
});
