import { assertEquals, assertThrows } from "@std/assert";
import { readClockPair } from "../../ffi/clocks.ts";
import { type ClockDescription, SimulatedClock } from "../../sim/clock.ts";
import { Random } from "../../sim/random.ts";
import { available } from "../support/available.ts";
import { python } from "../support/python.ts";

const RAW_NS = 5_000_000_000n;
const UTC_NS = 1_700_000_000_000_000_000n;

Deno.test("SimulatedClock 25 ms off and 20 ppm fast reads what arithmetic by hand gives", () => {
  const clock = new SimulatedClock({ rawNs: RAW_NS, utcNs: UTC_NS, offsetSeconds: 0.025, frequency: 20e-6 });
  assertEquals(clock.utcAt(RAW_NS), 1_700_000_000_025_000_000n);
  assertEquals(clock.utcAt(RAW_NS + 1_000_000_000n), 1_700_000_001_025_020_000n);
  assertEquals(clock.utcAt(RAW_NS + 86_400_000_000_000n), 1_700_086_401_753_000_000n);
});

Deno.test("SimulatedClock runs backwards from its reference too, and slow clocks lose whole nanoseconds downwards", () => {
  const clock = new SimulatedClock({ rawNs: RAW_NS, utcNs: UTC_NS, offsetSeconds: -1, frequency: -1e-6 });
  assertEquals(clock.utcAt(RAW_NS - 1_000_000_000n), 1_699_999_998_000_001_000n);
  assertEquals(clock.utcAt(RAW_NS + 1n), 1_699_999_999_000_000_000n);
});

Deno.test("SimulatedClock.stepped() changes readings from the step's instant on, and leaves the old clock as it was", () => {
  const clock = new SimulatedClock({ rawNs: RAW_NS, utcNs: UTC_NS, offsetSeconds: 0, frequency: 0 });
  const stepped = clock.stepped(RAW_NS + 10n, 0.5).stepped(RAW_NS + 20n, -0.25);
  const readings = [9n, 10n, 19n, 20n].map((elapsed) => stepped.utcAt(RAW_NS + elapsed) - UTC_NS - elapsed);
  assertEquals(readings, [0n, 500_000_000n, 500_000_000n, 250_000_000n]);
  assertEquals(clock.utcAt(RAW_NS + 20n), UTC_NS + 20n);
});

Deno.test("SimulatedClock refuses an offset that is not a number", () => {
  const description = { rawNs: RAW_NS, utcNs: UTC_NS, offsetSeconds: NaN, frequency: 0 };
  assertThrows(() => new SimulatedClock(description), RangeError);
});

const PYTHON_FORMULA = `
import json, sys
c = json.loads(sys.argv[1])
for raw in map(int, sys.argv[2].split()):
    elapsed = raw - int(c["rawNs"])
    print(int(c["utcNs"]) + int(c["offsetNs"]) + elapsed + elapsed * int(c["frequencyE15"]) // 10**15
          + sum(int(s["offsetNs"]) for s in c["steps"] if int(s["atRawNs"]) <= raw))
`;

Deno.test({
  name: "SimulatedClock's JSON lets Python compute the very same nanoseconds",
  ignore: !available("python3"),
  fn: async () => {
    const random = new Random(4);
    for (let round = 0; round < 5; round++) {
      const description: ClockDescription = {
        rawNs: RAW_NS + BigInt(random.uint32()),
        utcNs: UTC_NS + BigInt(random.uint32()),
        offsetSeconds: random.normal() * 0.1,
        frequency: random.normal() * 50e-6,
        steps: [{ atRawNs: RAW_NS + BigInt(random.uint32()), offsetSeconds: random.normal() }],
      };
      const clock = new SimulatedClock(description);
      const rawsNs = Array.from(
        { length: 200 },
        () => BigInt(random.uint32()) * BigInt(random.uint32() >>> 12),
      );
      const printed = await python(PYTHON_FORMULA, JSON.stringify(clock), rawsNs.join(" "));
      assertEquals(printed.split("\n").map(BigInt), rawsNs.map((rawNs) => clock.utcAt(rawNs)));
    }
  },
});

const PYTHON_READS_CLOCK = `
import json, sys, time
c = json.loads(sys.argv[1])
elapsed = time.clock_gettime_ns(time.CLOCK_MONOTONIC_RAW) - int(c["rawNs"])
print(int(c["utcNs"]) + int(c["offsetNs"]) + elapsed + elapsed * int(c["frequencyE15"]) // 10**15)
`;

Deno.test({
  name: "SimulatedClock is one clock for two processes: Python's reading lies between two of ours",
  ignore: !available("python3"),
  fn: async () => {
    const { rawNs, realtimeNs: utcNs } = readClockPair();
    const clock = new SimulatedClock({ rawNs, utcNs, offsetSeconds: 0.025, frequency: 20e-6 });
    const before = clock.utcAt(readClockPair().rawNs);
    const pythonUtcNs = BigInt(await python(PYTHON_READS_CLOCK, JSON.stringify(clock)));
    const after = clock.utcAt(readClockPair().rawNs);
    assertEquals(before <= pythonUtcNs && pythonUtcNs <= after, true);
  },
});
