import { assertEquals } from "@std/assert";
import {
  exponentToSeconds,
  ntpToUtcNs,
  secondsToShort,
  shortToSeconds,
  utcNsToNtp,
} from "../../../daemon/sources/ntp_timestamp.ts";

const SECOND = 1_000_000_000n;
const MIN_NTP_SECONDS = 2_208_988_800n;

/** RFC 5905 figure 4 ("Interesting Historic NTP Dates"): era offsets in s beside Unix time. */
const HISTORIC = [
  { date: "1970-01-01", ntpSeconds: 2_208_988_800n },
  { date: "1972-01-01", ntpSeconds: 2_272_060_800n },
  { date: "1999-12-31", ntpSeconds: 3_155_587_200n },
  { date: "2036-02-08", ntpSeconds: 63_104n },
];

for (const { date, ntpSeconds } of HISTORIC) {
  Deno.test(`NTP timestamps agree with RFC 5905 on ${date}`, () => {
    const utcNs = BigInt(Date.parse(`${date}T00:00:00Z`)) * 1_000_000n;
    assertEquals(utcNsToNtp(utcNs), ntpSeconds << 32n);
    assertEquals(ntpToUtcNs(ntpSeconds << 32n), utcNs);
  });
}

Deno.test("NTP timestamps roll over to era 1 at 2036-02-07T06:28:16Z without a break", () => {
  const rollover = BigInt(Date.parse("2036-02-07T06:28:16Z")) * 1_000_000n;
  assertEquals(utcNsToNtp(rollover), 0n);
  assertEquals(ntpToUtcNs(0n), rollover);
  assertEquals(utcNsToNtp(rollover - SECOND), 0xffff_ffffn << 32n);
  assertEquals(ntpToUtcNs(0xffff_ffffn << 32n), rollover - SECOND);
  assertEquals(ntpToUtcNs(1n << 31n), rollover + SECOND / 2n);
});

Deno.test("the era window reaches from 1970 to one second before its own return in 2106", () => {
  assertEquals(ntpToUtcNs(MIN_NTP_SECONDS << 32n), 0n);
  assertEquals(ntpToUtcNs((MIN_NTP_SECONDS - 1n) << 32n), 4_294_967_295n * SECOND);
  assertEquals(
    new Date(Number(ntpToUtcNs((MIN_NTP_SECONDS - 1n) << 32n) / 1_000_000n)).toISOString(),
    "2106-02-07T06:28:15.000Z",
  );
});

Deno.test("the fraction of a timestamp is rounded to the nearest unit, as Python's integers have it", () => {
  // ((1700000000 + 2208988800) << 32) + round(123456789 · 2^32 / 10^9)
  assertEquals(utcNsToNtp(1_700_000_000_123_456_789n), 0xe8fe_6f80_1f9a_dd37n);
  assertEquals(utcNsToNtp(2_085_978_495_999_999_999n), 0xffff_ffff_ffff_fffcn);
});

Deno.test("every nanosecond survives the way to a timestamp and back", () => {
  for (let ns = 0n; ns < SECOND; ns += 7_654_321n) {
    const utcNs = 1_800_000_000n * SECOND + ns;
    assertEquals(ntpToUtcNs(utcNsToNtp(utcNs)), utcNs);
  }
});

Deno.test("the short format counts 1/65536 s, rounds up and saturates", () => {
  assertEquals(shortToSeconds(0x0001_8000), 1.5);
  assertEquals(shortToSeconds(0xffff_ffff), 65_535 + 65_535 / 65_536);
  assertEquals(secondsToShort(1.5), 0x0001_8000);
  assertEquals(secondsToShort(1e-9), 1);
  assertEquals(secondsToShort(0), 0);
  assertEquals(secondsToShort(-1), 0);
  assertEquals(secondsToShort(1e9), 0xffff_ffff);
});

Deno.test("exponents are powers of two of a second", () => {
  assertEquals(exponentToSeconds(-20), 1 / 1_048_576);
  assertEquals(exponentToSeconds(6), 64);
});
