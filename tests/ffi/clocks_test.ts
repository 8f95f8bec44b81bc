import { assert, assertAlmostEquals, assertEquals, assertGreaterOrEqual, assertThrows } from "@std/assert";
import {
  Clock,
  nowNs,
  readClockPair,
  readKernelClock,
  setTimerSlack,
  sleepUntil,
  Timespec,
} from "../../ffi/clocks.ts";
import { LibcError } from "../../ffi/errno.ts";
import { libc } from "../../ffi/libc.ts";
import { available } from "../support/available.ts";
import { python } from "../support/python.ts";

Deno.test({
  name: "nowNs() reads the clocks that Python reads",
  ignore: !available("python3"),
  fn: async () => {
    for (const [name, clock] of Object.entries(Clock)) {
      const before = nowNs(clock);
      const theirs = BigInt(await python(`import time; print(time.clock_gettime_ns(time.CLOCK_${name}))`));
      const after = nowNs(clock);
      assert(before < theirs && theirs < after, `CLOCK_${name}: ${before} < ${theirs} < ${after}`);
    }
  },
});

Deno.test("nowNs() of a clock that does not exist throws what the kernel says", () => {
  const error = assertThrows(
    () => nowNs(999),
    LibcError,
    "Cannot read clock 999: Invalid argument (EINVAL).",
  );
  assertEquals(error.errno, 22);
});

Deno.test("Timespec's words are the halves of its seconds and nanoseconds", () => {
  const timespec = new Timespec();
  libc.clock_gettime(Clock.REALTIME, timespec.pointer);
  const [low, high, nanoseconds, zero] = timespec.words;
  const seconds = BigInt(low!) + (BigInt(high!) << 32n);
  assertEquals(seconds * 1_000_000_000n + BigInt(nanoseconds!), timespec.toNs());
  assertEquals(zero, 0);
  assertAlmostEquals(Number(seconds), Date.now() / 1000, 2);
});

Deno.test("readClockPair() gives both clocks at one instant, within its uncertainty", () => {
  for (let i = 0; i < 100; i++) {
    const [rawBefore, realtimeBefore] = [nowNs(Clock.MONOTONIC_RAW), nowNs(Clock.REALTIME)];
    const pair = readClockPair();
    const [realtimeAfter, rawAfter] = [nowNs(Clock.REALTIME), nowNs(Clock.MONOTONIC_RAW)];
    assert(rawBefore <= pair.rawNs && pair.rawNs <= rawAfter);
    assert(realtimeBefore <= pair.realtimeNs && pair.realtimeNs <= realtimeAfter);
    assert(pair.uncertaintyNs >= 0 && pair.uncertaintyNs <= Number(rawAfter - rawBefore) / 2);
  }
});

Deno.test("sleepUntil() returns at its instant and not before, and at once when that is past", () => {
  const start = nowNs(Clock.MONOTONIC);
  sleepUntil(start - 1_000_000_000n);
  sleepUntil(0n);
  const deadline = start + 20_000_000n;
  assert(nowNs(Clock.MONOTONIC) < deadline, "sleeping into the past took 20 ms");
  sleepUntil(deadline);
  const woken = nowNs(Clock.MONOTONIC);
  assertGreaterOrEqual(woken, deadline);
  assert(woken < deadline + 1_000_000_000n);
});

Deno.test("setTimerSlack() sets what the kernel then reports of this thread", () => {
  const PR_GET_TIMERSLACK = 30;
  const slackNs = () => libc.prctl(PR_GET_TIMERSLACK, 0n, 0n, 0n, 0n);
  const usual = slackNs();
  setTimerSlack(1234);
  assertEquals(slackNs(), 1234);
  setTimerSlack(usual);
  assertEquals(slackNs(), usual);
});

const PYTHON_ADJTIMEX = `
import ctypes
class Timex(ctypes.Structure):
    _fields_ = [("modes", ctypes.c_uint), ("offset", ctypes.c_long), ("freq", ctypes.c_long),
                ("maxerror", ctypes.c_long), ("esterror", ctypes.c_long), ("status", ctypes.c_int),
                ("constant", ctypes.c_long), ("precision", ctypes.c_long), ("tolerance", ctypes.c_long),
                ("seconds", ctypes.c_long), ("fraction", ctypes.c_long), ("tick", ctypes.c_long),
                ("ppsfreq", ctypes.c_long), ("jitter", ctypes.c_long), ("shift", ctypes.c_int),
                ("stabil", ctypes.c_long), ("jitcnt", ctypes.c_long), ("calcnt", ctypes.c_long),
                ("errcnt", ctypes.c_long), ("stbcnt", ctypes.c_long), ("tai", ctypes.c_int),
                ("pad", ctypes.c_int * 11)]
timex = Timex()
state = ctypes.CDLL(None).adjtimex(ctypes.byref(timex))
assert ctypes.sizeof(timex) == 208 and state >= 0
print(state, timex.freq, timex.maxerror, timex.esterror, timex.status, timex.tai)
`;

Deno.test({
  name: "readKernelClock() says what Python's own call of adjtimex says",
  ignore: !available("python3"),
  fn: async () => {
    const before = readKernelClock();
    const printed = await python(PYTHON_ADJTIMEX);
    const after = readKernelClock();
    const [state, frequency, maxError, estimatedError, status, tai] = printed.split(" ").map(Number);
    assertEquals(before.synchronized, state !== 5 && (status! & 0x40) === 0);
    assertAlmostEquals(before.frequency, frequency! / 65536 / 1e6, 1e-7);
    // It grows by 500 ppm until somebody refreshes it.
    const bounds = [before.maxErrorSeconds, after.maxErrorSeconds].sort((a, b) => a - b);
    assert(bounds[0]! <= maxError! / 1e6 && maxError! / 1e6 <= bounds[1]!, `${bounds} around ${maxError} µs`);
    assertAlmostEquals(before.estimatedErrorSeconds, estimatedError! / 1e6, 1e-3);
    assertEquals(before.pendingLeap, (status! & 0x10) !== 0 ? 1 : (status! & 0x20) !== 0 ? -1 : 0);
    assertEquals(before.taiOffsetSeconds, tai);
  },
});
