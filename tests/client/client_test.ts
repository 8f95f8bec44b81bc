import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertGreater,
  assertLess,
  assertThrows,
} from "@std/assert";
import { ChronoTickClient } from "../../client/client.ts";
import { Clock, nowNs } from "../../ffi/clocks.ts";
import { compareUnixTime, toNs, toSeconds } from "../../record/unix_time.ts";
import { available } from "../support/available.ts";
import { type Overrides, PublishedRecord, recordPublishedAgo } from "../support/published_record.ts";
import { python } from "../support/python.ts";
import { Random } from "../support/random.ts";

/**
 * Holds the client's answers against the formulas of PROTOCOL.md in exact fractions. Each answer lies between two
 * readings of CLOCK_BOOTTIME. Prints what is wrong, nothing when all is right.
 */
const WITNESS = `
import json, math, struct, sys
from fractions import Fraction as F

NAMES = """corrected_timestamp system_timestamp prediction_time offset_correction drift_rate offset_uncertainty
drift_uncertainty valid_until confidence sequence_number flags source measurement_count writer_pid last_ntp_sync
daemon_uptime total_corrections layout_version average_latency_ms max_error boottime_anchor""".split()
GIGA = 10**9

def check(case):
    r = dict(zip(NAMES, struct.unpack("<8df5I2d2I2fq", bytes.fromhex(case["record"]))))
    exact = {name: F(value) for name, value in r.items()}
    wrong = []

    def expect(what, condition, *details):
        if not condition: wrong.append((case["title"], what, *map(float, details)))

    def system(boottime): return boottime + r["boottime_anchor"]
    def correction(system_ns):
        return (exact["offset_correction"] + exact["drift_rate"] * (F(system_ns, GIGA) - exact["prediction_time"])) * GIGA
    def half_width(system_ns):
        age = F(system_ns, GIGA) - exact["system_timestamp"]
        return (exact["max_error"] + F(50, 10**6) * age) * GIGA
    def sigma(from_prediction):
        distance = abs(float(from_prediction))
        return math.hypot(r["offset_uncertainty"], r["drift_uncertainty"] * distance * math.sqrt(max(1, distance / 60)))

    # The double offset_correction itself has steps of 238 ns when it is 56 years; of hours, of picoseconds.
    steps = 2 * abs(r["offset_correction"]) * GIGA * 2**-52
    slack = 2 + steps

    now = case["now"]
    before, after = system(int(now["before"])), system(int(now["after"]))
    earliest, latest = int(now["earliest"]), int(now["latest"])
    low = before + correction(before) - half_width(before)
    high = after + correction(after) + half_width(after)
    expect("earliest of now()", low - slack <= earliest <= low + (after - before) * 1.2 + slack, earliest - low)
    expect("latest of now()", high - (after - before) * 1.2 - slack <= latest <= high + slack, latest - high)
    width = latest - earliest
    expect("width of now()", 2 * half_width(before) - steps <= width <= 2 * half_width(after) + 2 + steps)

    time = case["time"]
    corrected = int(time["time"])
    system_ns = corrected - round(time["correction"] * GIGA)
    before, after = system(int(time["before"])), system(int(time["after"]))
    expect("instant of getTime()", before - slack <= system_ns <= after + slack)
    expect("getTime().correctionSeconds", abs(F(time["correction"]) * GIGA - correction(system_ns)) <= slack)
    expect("getTime().time", abs(corrected - system_ns - correction(system_ns)) <= slack)
    expect("getTime().systemTimestamp", abs(F(time["system"]) * GIGA - system_ns) <= 240 + slack)
    expect("getTime().correctedTimestamp", abs(F(time["corrected"]) * GIGA - corrected) <= 240)
    from_prediction = F(system_ns, GIGA) - exact["prediction_time"]
    expect("getTime().uncertaintySeconds", math.isclose(time["sigma"], sigma(from_prediction), rel_tol=1e-6))
    expect("getTime().maxErrorSeconds", abs(F(time["max_error"]) * GIGA - half_width(system_ns)) <= 1 + slack)
    expect("getTime().interval", abs(corrected - half_width(system_ns) - int(time["earliest"])) <= 2 + slack)
    expect("getTime().interval", abs(corrected + half_width(system_ns) - int(time["latest"])) <= 2 + slack)

    for stamp in case["stamps"]:
        ns = int(stamp["ns"])
        exact_ns = ns + correction(ns)
        # The stamp counts as a double of seconds for its distance from the prediction.
        tolerance = slack + 240 * abs(r["drift_rate"]) + abs(float(exact_ns - ns)) * 2**-51
        system_ns = int(stamp["system"])
        back = system_ns + correction(system_ns) - int(stamp["corrected"])
        expect("systemTimeAt()", abs(back) <= 2 * tolerance, back)
        expect("correctedTimeAt()", abs(int(stamp["corrected"]) - exact_ns) <= tolerance, int(stamp["corrected"]) - exact_ns)
        distance = F(ns, GIGA) - exact["prediction_time"]
        expect("uncertaintyAt()", math.isclose(stamp["sigma"], sigma(distance), rel_tol=1e-6, abs_tol=1e-12))
    for future in case["futures"]:
        bounds = [sigma(F(s, GIGA) - exact["prediction_time"] + F(future["seconds"])) for s in (before, after + GIGA)]
        then = [system(int(future[side])) + int(future["seconds"] * GIGA) for side in ("before", "after")]
        low, high = [ns + correction(ns) for ns in then]
        tolerance = slack + 240 * abs(r["drift_rate"])
        expect("getTimeIn().time", low - tolerance <= int(future["time"]) <= high + tolerance)
        widths = [half_width(ns) for ns in then]
        expect("getTimeIn().maxErrorSeconds", widths[0] - slack <= F(future["max_error"]) * GIGA <= widths[1] + slack)
        expect("futureUncertainty()", bounds[0] * (1 - 1e-6) <= future["sigma"] <= bounds[1] * (1 + 1e-6))
    return wrong

for case in json.load(sys.stdin):
    for wrong in check(case): print(*wrong)
`;

const EIGHT_HOURS = 28_800;
const YEARS_56 = 1_767_225_600;

/** Records that differ in what the formulas take in; the second value is the age at which they are read. */
const CASES: Record<string, readonly [Overrides, number]> = {
  "ordinary": [{}, 0],
  "old": [{}, 1.9],
  "drift of chronyd's fastest slew": [{ driftRate: -0.0833 }, 1.9],
  "drift at the limit": [{ driftRate: 0.125, maxError: 1e-6 }, 1.5],
  "no uncertainty at all": [{ maxError: 0, offsetUncertainty: 0, driftUncertainty: 0 }, 1],
  "eight hours behind": [{ offsetCorrection: EIGHT_HOURS, driftRate: 0 }, 0.25],
  "eight hours ahead": [{ offsetCorrection: -EIGHT_HOURS, driftRate: 50e-6 }, 0.25],
  "a clock that began at 1970": [{ offsetCorrection: YEARS_56, driftRate: -20e-6 }, 0.25],
  "a bound of an hour": [{ maxError: 3600, driftUncertainty: 1e-3 }, 1.75],
  "a wide drift uncertainty": [{ driftUncertainty: 15e-6, driftRate: -1e-6 }, 1.8],
};

const STAMPS_FROM_NOW = [0, -0.5, 0.125, -60, 60, -3600, 86_400];
const HORIZONS = [0, 0.5, 5, 60, 61, 600, 86_400];

function observe(title: string, [overrides, ageSeconds]: readonly [Overrides, number]) {
  using record = new PublishedRecord(null);
  record.publish(overrides, ageSeconds);
  using client = new ChronoTickClient({ shmName: record.name });
  client.now();
  const realtimeNs = nowNs(Clock.REALTIME);
  return {
    title,
    record: Deno.readFileSync(record.path).toHex(),
    now: bracketed(() => {
      const { earliest, latest } = client.now();
      return { earliest: String(toNs(earliest)), latest: String(toNs(latest)) };
    }),
    time: bracketed(() => {
      const time = client.getTime();
      return {
        time: String(toNs(time.time)),
        corrected: time.correctedTimestamp,
        system: time.systemTimestamp,
        correction: time.correctionSeconds,
        sigma: time.uncertaintySeconds,
        max_error: time.maxErrorSeconds,
        earliest: String(toNs(time.interval!.earliest)),
        latest: String(toNs(time.interval!.latest)),
      };
    }),
    stamps: STAMPS_FROM_NOW.map((seconds) => {
      const ns = realtimeNs + BigInt(seconds * 1e9);
      const corrected = client.correctedTimeAt(ns);
      return {
        ns: String(ns),
        corrected: String(toNs(corrected)),
        system: String(toNs(client.systemTimeAt(corrected))),
        sigma: client.uncertaintyAt(ns),
      };
    }),
    futures: HORIZONS.map((seconds) => {
      const then = bracketed(() => {
        const { time, maxErrorSeconds } = client.getTimeIn(seconds);
        return { time: String(toNs(time)), max_error: maxErrorSeconds };
      });
      return { seconds, sigma: client.futureUncertainty(seconds), ...then };
    }),
  };
}

/** An answer with the readings of CLOCK_BOOTTIME, ns, right before and after it. */
function bracketed<Answer extends object>(ask: () => Answer): Answer & { before: string; after: string } {
  ask(); // compiled, so that the brackets are tight
  const before = nowNs(Clock.BOOTTIME);
  const answer = ask();
  return { before: String(before), ...answer, after: String(nowNs(Clock.BOOTTIME)) };
}

Deno.test({
  name: "a client computes what Python computes in exact fractions from the same bytes",
  ignore: !available("python3"),
  async fn() {
    const cases = Object.entries(CASES).map(([title, how]) => observe(title, how));
    const file = await Deno.makeTempFile({ suffix: ".json" });
    try {
      await Deno.writeTextFile(file, JSON.stringify(cases));
      assertEquals(await python(`import sys; sys.stdin = open(sys.argv[1])\n${WITNESS}`, file), "");
    } finally {
      await Deno.remove(file);
    }
  },
});

Deno.test("getTime() passes on what the record says of itself", () => {
  using record = new PublishedRecord(null);
  const published = record.publish({ source: 4, confidence: 0.875 });
  using client = new ChronoTickClient({ shmName: record.name });
  const time = client.getTime();
  for (
    const field of [
      "offsetCorrection",
      "driftRate",
      "offsetUncertainty",
      "driftUncertainty",
      "predictionTime",
      "validUntil",
      "confidence",
      "source",
      "flags",
    ] as const
  ) assertEquals(time[field], published[field]);
  assertEquals([time.sourceName, time.isValid], ["fusion", true]);
});

Deno.test("now() is never inverted and contains the time that getTime() gives", () => {
  const random = new Random(17);
  using record = new PublishedRecord();
  using client = new ChronoTickClient({ shmName: record.name });
  for (let i = 0; i < 300; i++) {
    const maxError = i % 3 === 0 ? 0 : 10 ** (random.uniform() * 12 - 9);
    record.publish({
      maxError,
      driftRate: (random.uniform() - 0.5) / 5,
      offsetCorrection: (random.uniform() - 0.5) * 10 ** (random.uniform() * 8 - 4),
    }, random.uniform() * 2);
    const before = client.now();
    const { time, interval } = client.getTime();
    const after = client.now();
    assert(compareUnixTime(before.earliest, before.latest) <= 0);
    assert(compareUnixTime(interval!.earliest, time) <= 0 && compareUnixTime(time, interval!.latest) <= 0);
    // The bounds move on with the time, so the middle answer lies between the outer ones; rounding apart.
    assert(toNs(interval!.earliest) >= toNs(before.earliest) - 2n, `at max_error ${maxError}`);
    assert(toNs(interval!.latest) <= toNs(after.latest) + 2n, `at max_error ${maxError}`);
  }
});

Deno.test("after() and before() are certain only outside the interval, for every form of instant", () => {
  using record = new PublishedRecord({ maxError: 100, offsetCorrection: 5000 });
  using client = new ChronoTickClient({ shmName: record.name });
  const { time } = client.getTime();
  const seconds = toSeconds(time);
  const expected = [
    { shift: -101, after: true, before: false },
    { shift: -99, after: false, before: false },
    { shift: 0, after: false, before: false },
    { shift: 99, after: false, before: false },
    { shift: 101, after: false, before: true },
  ];
  for (const { shift, after, before } of expected) {
    const forms = [
      seconds + shift,
      toNs(time) + BigInt(shift) * 1_000_000_000n,
      { ...time, seconds: time.seconds + shift },
    ];
    for (const instant of forms) {
      assertEquals([client.after(instant), client.before(instant)], [after, before], `${shift} s`);
    }
  }
  assertThrows(() => client.after(NaN), RangeError);
  assertThrows(() => client.before({ seconds: 0, nanoseconds: -1 }), RangeError);
});

Deno.test("compare() orders two intervals of a client as they came", () => {
  using record = new PublishedRecord({ maxError: 1e-3 });
  using client = new ChronoTickClient({ shmName: record.name });
  const first = client.now();
  assertEquals(client.compare(first, client.now()), "concurrent");
  record.publish({ maxError: 1e-3, offsetCorrection: 1 });
  const later = client.now();
  assertEquals([client.compare(first, later), client.compare(later, first)], ["before", "after"]);
});

Deno.test("futureUncertainty() refuses what is not a time to come", () => {
  using record = new PublishedRecord();
  using client = new ChronoTickClient({ shmName: record.name });
  for (const seconds of [-1e-9, NaN, Infinity]) {
    assertThrows(
      () => client.futureUncertainty(seconds),
      RangeError,
      `Cannot look ${seconds} s ahead: give a finite number of seconds, 0 or more.`,
    );
  }
});

Deno.test("futureUncertainty() grows with the square root of the third power beyond the record's horizon", () => {
  using record = new PublishedRecord(null);
  const { systemTimestamp } = recordPublishedAgo(0);
  record.publish({ predictionTime: systemTimestamp, offsetUncertainty: 0, driftUncertainty: 1e-6 });
  using client = new ChronoTickClient({ shmName: record.name });
  assertAlmostEquals(client.futureUncertainty(60), 60e-6, 0.5e-6);
  // 240 s are four horizons: 240 µs · √4.
  assertAlmostEquals(client.futureUncertainty(240), 480e-6, 1e-6);
});

Deno.test("correctedTimeAt() takes every form of stamp", () => {
  using record = new PublishedRecord({ offsetCorrection: 0.5, driftRate: 0 });
  using client = new ChronoTickClient({ shmName: record.name });
  const corrected = { seconds: 1_772_366_400, nanoseconds: 625_000_001 };
  assertEquals(client.correctedTimeAt(1_772_366_400_125_000_001n), corrected);
  assertEquals(client.correctedTimeAt({ seconds: 1_772_366_400, nanoseconds: 125_000_001 }), corrected);
  assertEquals(client.correctedTimeAt(1_772_366_400.125), { ...corrected, nanoseconds: 625_000_000 });
  assertThrows(() => client.correctedTimeAt(Infinity), RangeError);
  assertThrows(() => client.uncertaintyAt(NaN), RangeError);
});

Deno.test("isDaemonReady() and read() tell what the record is good for", () => {
  using record = new PublishedRecord();
  using client = new ChronoTickClient({ shmName: record.name });
  const states = [
    [{}, 0, "valid"],
    [{ flags: 0 }, 0, "not_synchronized"],
    [{ flags: 0x21 }, 0, "disrupted"],
    [{ validUntil: 1 }, 0, "expired"],
    [{}, 3, "stale"],
  ] as const;
  for (const [overrides, ageSeconds, state] of states) {
    record.publish(overrides, ageSeconds);
    assertEquals([client.read().state, client.isDaemonReady()], [state, state === "valid"]);
  }
});

Deno.test("a client tells CLOCK_REALTIME where the correction is nothing", () => {
  using record = new PublishedRecord({ offsetCorrection: 0, driftRate: 0 });
  using client = new ChronoTickClient({ shmName: record.name });
  const before = nowNs(Clock.REALTIME);
  const told = toNs(client.getTime().time);
  const after = nowNs(Clock.REALTIME);
  // The anchor was read within some µs.
  assertGreater(told, before - 20_000n);
  assertLess(told, after + 20_000n);
});
