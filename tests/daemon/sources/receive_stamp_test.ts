import { assertEquals } from "@std/assert";
import type { ClockPair } from "../../../ffi/clocks.ts";
import { arrivalRawNs } from "../../../daemon/sources/receive_stamp.ts";

const REALTIME_NS = 1_700_000_000_000_000_000n;
const RAW_NS = 9_000_000_000n;

/** Both clocks `ns` after the start; REALTIME additionally moved by `steeredNs`. */
function pairAt(ns: bigint, steeredNs = 0n): ClockPair {
  return { realtimeNs: REALTIME_NS + ns + steeredNs, rawNs: RAW_NS + ns, uncertaintyNs: 30 };
}

const SENT = pairAt(0n);
const SEEN_AFTER_NS = 20_000_000n;

Deno.test("arrivalRawNs() carries the kernel's stamp over, late by the reading error and 1000 ppm of the wait", () => {
  // Arrived at 19.9 ms, seen 100 µs later: 30 ns of reading error and 100 ns of possible steering.
  const arrived = arrivalRawNs(REALTIME_NS + 19_900_000n, SENT, pairAt(SEEN_AFTER_NS));
  assertEquals(arrived, RAW_NS + 19_900_130n);
});

Deno.test("arrivalRawNs() is never later than when the packet was seen", () => {
  assertEquals(
    arrivalRawNs(REALTIME_NS + SEEN_AFTER_NS, SENT, pairAt(SEEN_AFTER_NS)),
    RAW_NS + SEEN_AFTER_NS,
  );
});

Deno.test("arrivalRawNs() follows a gentle slew of CLOCK_REALTIME", () => {
  // 500 ppm over 20 ms are 10 µs.
  const seen = pairAt(SEEN_AFTER_NS, 10_000n);
  assertEquals(
    arrivalRawNs(seen.realtimeNs - 100_000n, SENT, seen),
    RAW_NS + SEEN_AFTER_NS - 100_000n + 130n,
  );
});

const UNTRUSTED: Record<string, { stampNs: bigint | null; steeredNs: bigint }> = {
  "the kernel gave no stamp": { stampNs: null, steeredNs: 0n },
  "CLOCK_REALTIME was stepped forward by 1 s": {
    stampNs: REALTIME_NS + 19_900_000n,
    steeredNs: 1_000_000_000n,
  },
  "CLOCK_REALTIME was stepped back by 8 h": {
    stampNs: REALTIME_NS + 19_900_000n,
    steeredNs: -28_800_000_000_000n,
  },
  "CLOCK_REALTIME was slewed by 83333 ppm": { stampNs: REALTIME_NS + 19_900_000n, steeredNs: 1_666_660n },
  "the stamp lies before the question": { stampNs: REALTIME_NS - 1_000_000n, steeredNs: 0n },
  "the stamp lies in the future": { stampNs: REALTIME_NS + SEEN_AFTER_NS + 1_000n, steeredNs: 0n },
};

for (const [why, { stampNs, steeredNs }] of Object.entries(UNTRUSTED)) {
  Deno.test(`arrivalRawNs() falls back to when the packet was seen, because ${why}`, () => {
    assertEquals(arrivalRawNs(stampNs, SENT, pairAt(SEEN_AFTER_NS, steeredNs)), RAW_NS + SEEN_AFTER_NS);
  });
}
