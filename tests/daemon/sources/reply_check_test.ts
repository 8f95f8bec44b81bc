import { assert, assertEquals } from "@std/assert";
import type { NtpPacket } from "../../../daemon/sources/ntp_packet.ts";
import { checkReply, type Question } from "../../../daemon/sources/reply_check.ts";

const NONCE = 0x0123_4567_89ab_cdefn;
/** 2023-11-14T22:13:20.5Z */
const T2_NTP = 0xe8fe_6f80_8000_0000n;
const MILLISECOND_NTP = 4_294_967n;
const T1_RAW_NS = 5_000_000_000n;
/** 10 ms after T1. */
const T4_RAW_NS = 5_010_000_000n;

const QUESTION: Question = {
  source: "ntp.example|192.0.2.1:123",
  nonce: NONCE,
  t1RawNs: T1_RAW_NS,
  timeoutMs: 2000,
};

const GOOD: NtpPacket = {
  leap: 0,
  version: 4,
  mode: 4,
  stratum: 2,
  pollExponent: 6,
  precisionExponent: -20,
  rootDelaySeconds: 0.015625,
  rootDispersionSeconds: 0.03125,
  referenceId: 0xc000_0201,
  referenceTimestamp: T2_NTP - (16n << 32n),
  originTimestamp: NONCE,
  receiveTimestamp: T2_NTP,
  transmitTimestamp: T2_NTP + MILLISECOND_NTP,
};

function check(changes: Partial<NtpPacket>, t4RawNs = T4_RAW_NS): string {
  const verdict = checkReply({ ...GOOD, ...changes }, QUESTION, t4RawNs);
  if (verdict.kind === "accepted") return "accepted";
  return `${verdict.kind}: ${verdict.kind === "kiss" ? verdict.code : verdict.reason}`;
}

Deno.test("checkReply() makes an exchange of a good reply", () => {
  assertEquals(checkReply(GOOD, QUESTION, T4_RAW_NS), {
    kind: "accepted",
    exchange: {
      source: "ntp.example|192.0.2.1:123",
      t1RawNs: 5_000_000_000n,
      t2UtcNs: 1_700_000_000_500_000_000n,
      t3UtcNs: 1_700_000_000_501_000_000n,
      t4RawNs: 5_010_000_000n,
      stratum: 2,
      leap: 0,
      rootDelaySeconds: 0.015625,
      rootDispersionSeconds: 0.03125,
      precisionSeconds: 1 / 1_048_576,
    },
  });
});

Deno.test("checkReply() ignores what is not a server's reply to our question, whoever sent it", () => {
  assertEquals(check({ mode: 3 }), "ignored: wrong-mode");
  assertEquals(check({ mode: 5 }), "ignored: wrong-mode");
  assertEquals(check({ version: 2 }), "ignored: wrong-version");
  assertEquals(check({ version: 5 }), "ignored: wrong-version");
  assertEquals(check({ originTimestamp: NONCE + 1n }), "ignored: wrong-origin");
  assertEquals(check({ originTimestamp: 0n }), "ignored: wrong-origin");
});

Deno.test("checkReply() accepts version 3, whose packet means the same", () => {
  assertEquals(check({ version: 3 }), "accepted");
});

Deno.test("checkReply() believes a kiss-o'-death only in reply to our question", () => {
  assertEquals(check({ stratum: 0, leap: 3, referenceId: 0x44454e59 }), "kiss: DENY");
  assertEquals(check({ stratum: 0, leap: 3, referenceId: 0x52535452 }), "kiss: RSTR");
  assertEquals(check({ stratum: 0, leap: 0, referenceId: 0x52415445 }), "kiss: RATE");
  assertEquals(check({ stratum: 0, referenceId: 0x44454e59, originTimestamp: 1n }), "ignored: wrong-origin");
});

Deno.test("checkReply() takes stratum 0 without a code for a server that has no time yet", () => {
  assertEquals(check({ stratum: 0, leap: 3, referenceId: 0 }), "rejected: unsynchronized");
});

Deno.test("checkReply() rejects answers of servers that are not synchronized", () => {
  assertEquals(check({ leap: 3 }), "rejected: unsynchronized");
  assertEquals(check({ stratum: 15 }), "accepted");
  assertEquals(check({ stratum: 16 }), "rejected: invalid-stratum");
  assertEquals(check({ stratum: 255 }), "rejected: invalid-stratum");
});

Deno.test("checkReply() keeps an announced leap second", () => {
  for (const leap of [1, 2] as const) {
    const verdict = checkReply({ ...GOOD, leap }, QUESTION, T4_RAW_NS);
    assert(verdict.kind === "accepted");
    assertEquals(verdict.exchange.leap, leap);
  }
});

Deno.test("checkReply() rejects timestamps that cannot be", () => {
  assertEquals(check({ transmitTimestamp: 0n }), "rejected: zero-timestamp");
  assertEquals(check({ receiveTimestamp: 0n }), "rejected: zero-timestamp");
  assertEquals(check({ transmitTimestamp: T2_NTP - MILLISECOND_NTP }), "rejected: reversed-timestamps");
  assertEquals(check({ transmitTimestamp: T2_NTP }), "accepted");
});

Deno.test("checkReply() tolerates a negative delay only within the server's precision", () => {
  const elevenMilliseconds = { transmitTimestamp: T2_NTP + 11n * MILLISECOND_NTP };
  assertEquals(check(elevenMilliseconds), "rejected: negative-delay");
  assertEquals(check({ ...elevenMilliseconds, precisionExponent: -10 }), "rejected: negative-delay"); // 0.98 ms
  assertEquals(check({ ...elevenMilliseconds, precisionExponent: -9 }), "accepted"); // 1.95 ms
});

Deno.test("checkReply() rejects a server 1.5 s or farther from its reference clock", () => {
  const near = { rootDelaySeconds: 1, rootDispersionSeconds: 0.99 };
  assertEquals(check(near), "accepted"); // 0.5 + 0.99 s
  assertEquals(check({ ...near, rootDispersionSeconds: 1.01 }), "rejected: too-distant");
  assertEquals(check({ ...near, precisionExponent: -5 }), "rejected: too-distant"); // + 0.03 s
  assertEquals(check({ precisionExponent: 127 }), "rejected: too-distant");
});

Deno.test("checkReply() rejects an answer that took longer than the timeout", () => {
  assertEquals(check({}, T1_RAW_NS + 2_000_000_000n), "accepted");
  assertEquals(check({}, T1_RAW_NS + 2_000_000_001n), "rejected: late");
});
