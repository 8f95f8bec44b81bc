/**
 * The NTP packet (RFC 5905 §7.3) to and from bytes. Only its structure is judged here; whether a reply counts is
 * for `reply_check.ts`.
 *
 * @module
 */
import { secondsToShort, shortToSeconds } from "./ntp_timestamp.ts";

/** The protocol version that ChronoTick speaks. */
export const NTP_VERSION = 4;

/** Association modes that a client meets (RFC 5905 figure 10). */
export const NtpMode = { CLIENT: 3, SERVER: 4 } as const;

/** Bytes of a packet without extension fields and authentication. */
export const NTP_HEADER_BYTES = 48;

/** The header of an NTP packet. */
export interface NtpPacket {
  /** 0 none, 1 last minute has 61 s, 2 last minute has 59 s, 3 not synchronized. */
  readonly leap: 0 | 1 | 2 | 3;
  /** 0…7 as received. */
  readonly version: number;
  /** 0…7 as received; see {@linkcode NtpMode}. */
  readonly mode: number;
  /** 0…255 as received: 0 kiss-o'-death, 1…15 synchronized, 16 not. */
  readonly stratum: number;
  /** log2 of the poll interval in s, signed. */
  readonly pollExponent: number;
  /** log2 of the clock's resolution in s, signed. */
  readonly precisionExponent: number;
  readonly rootDelaySeconds: number;
  readonly rootDispersionSeconds: number;
  /** Which reference the server follows; at stratum 0 the kiss code. Unsigned 32 bits. */
  readonly referenceId: number;
  /** NTP timestamps, unsigned 64 bits, era unknown. */
  readonly referenceTimestamp: bigint;
  readonly originTimestamp: bigint;
  readonly receiveTimestamp: bigint;
  readonly transmitTimestamp: bigint;
}

/** Why bytes are not an NTP packet. */
export type PacketFault = "short" | "malformed-trailer";

/** What {@linkcode parseNtpPacket} makes of bytes. */
export type ParsedPacket =
  | { readonly kind: "packet"; readonly packet: NtpPacket }
  | { readonly kind: "fault"; readonly fault: PacketFault };

/** Where the header's fields are (RFC 5905 figure 8). */
const OFFSET = {
  leapVersionMode: 0,
  stratum: 1,
  poll: 2,
  precision: 3,
  rootDelay: 4,
  rootDispersion: 8,
  referenceId: 12,
  reference: 16,
  origin: 24,
  receive: 32,
  transmit: 40,
} as const;

/** Every extension field starts with a 16-bit type and its whole 16-bit length (RFC 7822 §3). */
const EXTENSION_LENGTH_OFFSET = 2;
const EXTENSION_ALIGNMENT = 4;
const EXTENSION_MIN_BYTES = 16;
/** More than the largest authentication code must be an extension field (RFC 7822 §3). */
const MAC_MAX_BYTES = 24;
/**
 * What may follow the last extension field: nothing, a crypto-NAK, RFC 1305's DES code, a key identity with MD5 or
 * AES-CMAC, one with SHA-1. An extension field this short is forbidden there, just so that they can be told apart.
 */
const MAC_LENGTHS: readonly number[] = [0, 4, 12, 20, MAC_MAX_BYTES];

/**
 * A client's question (RFC 5905 §8, data minimization of draft-ietf-ntp-data-minimization): nothing in it but the
 * version, the mode and `nonce`, 64 random bits in place of the transmit timestamp, which the reply must repeat.
 */
export function encodeClientRequest(nonce: bigint): Uint8Array<ArrayBuffer> {
  return encodeNtpPacket({
    leap: 0,
    version: NTP_VERSION,
    mode: NtpMode.CLIENT,
    stratum: 0,
    pollExponent: 0,
    precisionExponent: 0,
    rootDelaySeconds: 0,
    rootDispersionSeconds: 0,
    referenceId: 0,
    referenceTimestamp: 0n,
    originTimestamp: 0n,
    receiveTimestamp: 0n,
    transmitTimestamp: nonce,
  });
}

/** The 48 bytes of a packet without extension fields. */
export function encodeNtpPacket(packet: NtpPacket): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(NTP_HEADER_BYTES);
  const view = new DataView(bytes.buffer);
  view.setUint8(OFFSET.leapVersionMode, packet.leap << 6 | packet.version << 3 | packet.mode);
  view.setUint8(OFFSET.stratum, packet.stratum);
  view.setInt8(OFFSET.poll, packet.pollExponent);
  view.setInt8(OFFSET.precision, packet.precisionExponent);
  view.setUint32(OFFSET.rootDelay, secondsToShort(packet.rootDelaySeconds));
  view.setUint32(OFFSET.rootDispersion, secondsToShort(packet.rootDispersionSeconds));
  view.setUint32(OFFSET.referenceId, packet.referenceId);
  view.setBigUint64(OFFSET.reference, packet.referenceTimestamp);
  view.setBigUint64(OFFSET.origin, packet.originTimestamp);
  view.setBigUint64(OFFSET.receive, packet.receiveTimestamp);
  view.setBigUint64(OFFSET.transmit, packet.transmitTimestamp);
  return bytes;
}

/**
 * Reads untrusted bytes. Extension fields and authentication codes are skipped, since nothing in them is asked for;
 * but they must have the structure of RFC 7822, because what does not was not written by an NTP server.
 */
export function parseNtpPacket(bytes: Uint8Array): ParsedPacket {
  if (bytes.length < NTP_HEADER_BYTES) return { kind: "fault", fault: "short" };
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (!hasValidTrailer(view)) return { kind: "fault", fault: "malformed-trailer" };
  const leapVersionMode = view.getUint8(OFFSET.leapVersionMode);
  return {
    kind: "packet",
    packet: {
      leap: leapVersionMode >> 6 as 0 | 1 | 2 | 3,
      version: leapVersionMode >> 3 & 7,
      mode: leapVersionMode & 7,
      stratum: view.getUint8(OFFSET.stratum),
      pollExponent: view.getInt8(OFFSET.poll),
      precisionExponent: view.getInt8(OFFSET.precision),
      rootDelaySeconds: shortToSeconds(view.getUint32(OFFSET.rootDelay)),
      rootDispersionSeconds: shortToSeconds(view.getUint32(OFFSET.rootDispersion)),
      referenceId: view.getUint32(OFFSET.referenceId),
      referenceTimestamp: view.getBigUint64(OFFSET.reference),
      originTimestamp: view.getBigUint64(OFFSET.origin),
      receiveTimestamp: view.getBigUint64(OFFSET.receive),
      transmitTimestamp: view.getBigUint64(OFFSET.transmit),
    },
  };
}

/**
 * Every turn takes at least 16 bytes off, so the packet's length bounds the loop. A field that ends after the packet
 * leaves a negative rest, which is no authentication code.
 */
function hasValidTrailer(view: DataView): boolean {
  let offset = NTP_HEADER_BYTES;
  while (view.byteLength - offset > MAC_MAX_BYTES) {
    const length = view.getUint16(offset + EXTENSION_LENGTH_OFFSET);
    if (length < EXTENSION_MIN_BYTES || length % EXTENSION_ALIGNMENT !== 0) return false;
    offset += length;
  }
  return MAC_LENGTHS.includes(view.byteLength - offset);
}

const PRINTABLE_ASCII = /^[\x21-\x7e]{4}$/;

/** The four letters in the reference identity of a stratum-0 reply (RFC 5905 §7.4); null when there are none. */
export function kissCode(packet: NtpPacket): string | null {
  const letters = [24, 16, 8, 0].map((shift) => String.fromCharCode(packet.referenceId >>> shift & 0xff))
    .join("");
  return PRINTABLE_ASCII.test(letters) ? letters : null;
}
