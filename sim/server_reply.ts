/**
 * What a simulated NTP server answers, to and from bytes.
 *
 * @module
 */
import {
  encodeNtpPacket,
  NTP_HEADER_BYTES,
  NtpMode,
  type NtpPacket,
  parseNtpPacket,
} from "../daemon/sources/ntp_packet.ts";
import { utcNsToNtp } from "../daemon/sources/ntp_timestamp.ts";
import type { Random } from "./random.ts";
import { HUGE_REPLY_BYTES, type ServerSettings } from "./server_settings.ts";

const REFERENCE_ID = "SIM\0";
/** How long ago the server says that it set its clock, ns. */
const REFERENCE_AGE_NS = 8_000_000_000n;
const KISS_STRATUM = 0;
const LEAP_UNSYNCHRONIZED = 3;
const MAX_RANDOM_BYTES = 512;
/** An experimental extension field type (RFC 7822 §3 leaves those from 0xF000 on to experiments). */
const EXTENSION_TYPE = 0xf323;

/** The request in `bytes`, if it is one that a server answers: mode 3 of version 3 or 4. */
export function parseRequest(bytes: Uint8Array<ArrayBuffer>): NtpPacket | null {
  const parsed = parseNtpPacket(bytes);
  if (parsed.kind !== "packet") return null;
  const { mode, version } = parsed.packet;
  return mode === NtpMode.CLIENT && (version === 3 || version === 4) ? parsed.packet : null;
}

/** When the server's clock says that the request came and the reply left. */
export interface ServerStamps {
  readonly receivedUtcNs: bigint;
  readonly sentUtcNs: bigint;
}

/** The bytes of the reply that `settings` ask for; null when there is none. */
export function buildReply(
  request: NtpPacket,
  stamps: ServerStamps,
  settings: ServerSettings,
  random: Random,
): Uint8Array<ArrayBuffer> | null {
  const honest = replyPacket(request, stamps, settings);
  switch (settings.reply) {
    case "normal":
      return joined(encodeNtpPacket(honest), extensionField(settings.extensionBytes, random));
    case "silent":
      return null;
    case "kiss":
      return encodeNtpPacket({
        ...honest,
        leap: LEAP_UNSYNCHRONIZED,
        stratum: KISS_STRATUM,
        referenceId: fourLetters(settings.kissCode),
      });
    case "wrong-origin":
      return encodeNtpPacket({ ...honest, originTimestamp: honest.originTimestamp ^ 1n });
    case "short":
      return encodeNtpPacket(honest).subarray(0, Math.floor(random.uniform() * NTP_HEADER_BYTES));
    case "huge":
      return joined(
        encodeNtpPacket(honest),
        random.fill(new Uint8Array(HUGE_REPLY_BYTES - NTP_HEADER_BYTES)),
      );
    case "random":
      return random.fill(new Uint8Array(Math.floor(random.uniform() * MAX_RANDOM_BYTES)));
  }
}

function replyPacket(request: NtpPacket, stamps: ServerStamps, settings: ServerSettings): NtpPacket {
  const errorNs = BigInt(Math.round(settings.offsetErrorSeconds * 1e9));
  return {
    leap: settings.leap,
    version: request.version,
    mode: NtpMode.SERVER,
    stratum: settings.stratum,
    pollExponent: request.pollExponent,
    precisionExponent: settings.precisionExponent,
    rootDelaySeconds: settings.rootDelaySeconds,
    rootDispersionSeconds: settings.rootDispersionSeconds,
    referenceId: fourLetters(REFERENCE_ID),
    referenceTimestamp: utcNsToNtp(stamps.receivedUtcNs + errorNs - REFERENCE_AGE_NS),
    originTimestamp: request.transmitTimestamp,
    receiveTimestamp: utcNsToNtp(stamps.receivedUtcNs + errorNs),
    transmitTimestamp: utcNsToNtp(stamps.sentUtcNs + errorNs),
  };
}

function fourLetters(letters: string): number {
  return [...letters.padEnd(4, "\0")].slice(0, 4)
    .reduce((word, letter) => (word << 8 | letter.charCodeAt(0) & 0xff) >>> 0, 0);
}

/** One extension field of `byteLength` bytes in all, random but for its head. */
function extensionField(byteLength: number, random: Random): Uint8Array<ArrayBuffer> {
  const field = random.fill(new Uint8Array(byteLength));
  if (byteLength > 0) {
    const head = new DataView(field.buffer);
    head.setUint16(0, EXTENSION_TYPE);
    head.setUint16(2, byteLength);
  }
  return field;
}

function joined(first: Uint8Array<ArrayBuffer>, second: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(first.length + second.length);
  bytes.set(first);
  bytes.set(second, first.length);
  return bytes;
}
