import { assert, assertEquals } from "@std/assert";
import {
  encodeClientRequest,
  encodeNtpPacket,
  kissCode,
  type NtpPacket,
  parseNtpPacket,
} from "../../../daemon/sources/ntp_packet.ts";
import { Random } from "../../support/random.ts";

/** A stratum-2 server's reply, written out by hand after RFC 5905 figure 8. */
const REPLY_HEX = [
  "24 02 06 e8", // leap 0, version 4, mode 4; stratum 2; poll 2^6 s; precision 2^-24 s
  "00 00 01 80", // root delay 384/65536 s
  "00 00 08 00", // root dispersion 2048/65536 s
  "c0 00 02 01", // 192.0.2.1
  "e8 fe 6f 70 00 00 00 00", // reference 2023-11-14T22:13:04Z
  "01 23 45 67 89 ab cd ef", // origin
  "e8 fe 6f 80 80 00 00 00", // receive 2023-11-14T22:13:20.5Z
  "e8 fe 6f 80 c0 00 00 00", // transmit 2023-11-14T22:13:20.75Z
].join(" ");

const REPLY: NtpPacket = {
  leap: 0,
  version: 4,
  mode: 4,
  stratum: 2,
  pollExponent: 6,
  precisionExponent: -24,
  rootDelaySeconds: 0.005859375,
  rootDispersionSeconds: 0.03125,
  referenceId: 0xc0000201,
  referenceTimestamp: 0xe8fe6f7000000000n,
  originTimestamp: 0x0123456789abcdefn,
  receiveTimestamp: 0xe8fe6f8080000000n,
  transmitTimestamp: 0xe8fe6f80c0000000n,
};

function bytesOf(hex: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(hex.split(" "), (byte) => parseInt(byte, 16));
}

/** The reply with `trailer` appended. */
function replyWith(...trailer: readonly number[][]): Uint8Array<ArrayBuffer> {
  return Uint8Array.from([...bytesOf(REPLY_HEX), ...trailer.flat()]);
}

/** An extension field of type 0x0104 (unique identifier, RFC 8915) with its whole length in the second word. */
function extensionField(length: number, actualBytes = length): number[] {
  const field = new Array<number>(actualBytes).fill(0xaa);
  field.splice(0, 4, 0x01, 0x04, length >> 8, length & 0xff);
  return field;
}

const KEY_IDENTITY = [0, 0, 0, 1];
const MD5 = new Array<number>(16).fill(0x5a);
const SHA1 = new Array<number>(20).fill(0x5a);

Deno.test("parseNtpPacket() reads every field of a reply written by hand", () => {
  assertEquals(parseNtpPacket(bytesOf(REPLY_HEX)), { kind: "packet", packet: REPLY });
});

Deno.test("encodeNtpPacket() writes the bytes of a reply written by hand", () => {
  assertEquals(encodeNtpPacket(REPLY), bytesOf(REPLY_HEX));
});

Deno.test("a reply of leap 3, version 7, mode 7 and signed exponents is read as it is", () => {
  const parsed = parseNtpPacket(
    Uint8Array.from([0xff, 0xff, 0x80, 0x7f, ...new Array<number>(44).fill(0xff)]),
  );
  assert(parsed.kind === "packet");
  const { leap, version, mode, stratum, pollExponent, precisionExponent, referenceId } = parsed.packet;
  assertEquals({ leap, version, mode, stratum, pollExponent, precisionExponent, referenceId }, {
    leap: 3,
    version: 7,
    mode: 7,
    stratum: 255,
    pollExponent: -128,
    precisionExponent: 127,
    referenceId: 0xffff_ffff,
  });
});

Deno.test("encodeClientRequest() says nothing but version 4, mode 3 and the nonce", () => {
  const request = encodeClientRequest(0x0123456789abcdefn);
  const expected = new Uint8Array(48);
  expected[0] = 0b00_100_011;
  expected.set([0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef], 40);
  assertEquals(request, expected);
});

Deno.test("parseNtpPacket() reads from a view that does not start its buffer", () => {
  const buffer = Uint8Array.from([9, 9, 9, ...bytesOf(REPLY_HEX), 9]);
  assertEquals(parseNtpPacket(buffer.subarray(3, 51)), { kind: "packet", packet: REPLY });
});

Deno.test("parseNtpPacket() calls everything below 48 bytes short", () => {
  for (let length = 0; length < 48; length++) {
    assertEquals(parseNtpPacket(bytesOf(REPLY_HEX).subarray(0, length)), { kind: "fault", fault: "short" });
  }
});

const WELL_FORMED: Record<string, number[][]> = {
  "a crypto-NAK": [[0, 0, 0, 0]],
  "an RFC 1305 authenticator": [KEY_IDENTITY, MD5.slice(0, 8)],
  "an MD5 code": [KEY_IDENTITY, MD5],
  "a SHA-1 code": [KEY_IDENTITY, SHA1],
  "one extension field": [extensionField(28)],
  "three extension fields": [extensionField(16), extensionField(200), extensionField(28)],
  "extension fields and an MD5 code": [extensionField(16), extensionField(36), KEY_IDENTITY, MD5],
  "a short extension field and a SHA-1 code": [extensionField(16), KEY_IDENTITY, SHA1],
};

for (const [what, trailer] of Object.entries(WELL_FORMED)) {
  Deno.test(`parseNtpPacket() is not disturbed by ${what} (RFC 7822)`, () => {
    assertEquals(parseNtpPacket(replyWith(...trailer)), { kind: "packet", packet: REPLY });
  });
}

const MALFORMED: Record<string, number[][]> = {
  "an extension field of length 0": [extensionField(0, 28)],
  "an extension field below 16 bytes": [extensionField(12), KEY_IDENTITY, MD5],
  "an extension field whose length is no multiple of 4": [extensionField(30), extensionField(34)],
  "an extension field that ends after the packet": [extensionField(64, 60)],
  "a lone extension field of 16 bytes, which could be taken for a code": [extensionField(16)],
  "three odd bytes": [[1, 2, 3]],
  "zeros up to 1000 bytes": [new Array<number>(952).fill(0)],
};

for (const [what, trailer] of Object.entries(MALFORMED)) {
  Deno.test(`parseNtpPacket() refuses ${what}`, () => {
    assertEquals(parseNtpPacket(replyWith(...trailer)), { kind: "fault", fault: "malformed-trailer" });
  });
}

Deno.test("parseNtpPacket() answers twenty thousand random packets, and what it accepts encodes to the same header", () => {
  const random = new Random(5905);
  const counts = { packet: 0, fault: 0 };
  for (let i = 0; i < 20_000; i++) {
    const bytes = Uint8Array.from(
      { length: Math.floor(random.uniform() * 120) },
      () => Math.floor(random.uniform() * 256),
    );
    const parsed = parseNtpPacket(bytes);
    counts[parsed.kind]++;
    if (parsed.kind === "packet") assertEquals(encodeNtpPacket(parsed.packet), bytes.slice(0, 48));
  }
  assert(counts.packet > 500 && counts.fault > 500, `one-sided: ${JSON.stringify(counts)}`);
});

Deno.test("kissCode() reads the four letters of the reference identity, and nothing that is not printable", () => {
  assertEquals(kissCode({ ...REPLY, referenceId: 0x44454e59 }), "DENY");
  assertEquals(kissCode({ ...REPLY, referenceId: 0x52415445 }), "RATE");
  assertEquals(kissCode({ ...REPLY, referenceId: 0 }), null);
  assertEquals(kissCode({ ...REPLY, referenceId: 0x1b5b324a }), null);
});
