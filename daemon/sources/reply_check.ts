/**
 * The rules by which a reply counts (RFC 5905 §7.4, §8, §9.2, A.5.1). Pure: a packet and two clock readings in, a
 * verdict with a countable name out.
 *
 * @module
 */
import type { Exchange } from "./measurement.ts";
import { kissCode, NTP_VERSION, NtpMode, type NtpPacket, type PacketFault } from "./ntp_packet.ts";
import { exponentToSeconds, ntpToUtcNs } from "./ntp_timestamp.ts";

/**
 * RFC 1305, the oldest version whose packet means the same. A server repeats the version of the question or, being
 * older, says its own; versions 1 and 2 in reply to version 4 come from nothing that follows an RFC.
 */
const OLDEST_VERSION = 3;

/** From this stratum on a server calls itself unsynchronized (MAXSTRAT, RFC 5905 §7.2). */
export const MAX_STRATUM = 16;

/** Farther from its reference clock than this, a server is no use: MAXDIST, at the value that NTP daemons use. */
const MAX_ROOT_DISTANCE_SECONDS = 1.5;

/** Why a packet is no answer to our question. Anyone can send such a packet, so the wait for the answer goes on. */
export type IgnoredReason = PacketFault | "oversized" | "wrong-mode" | "wrong-version" | "wrong-origin";

/** Why an answer to our question is of no use. */
export type RejectedReason =
  | "unsynchronized"
  | "invalid-stratum"
  | "zero-timestamp"
  | "reversed-timestamps"
  | "negative-delay"
  | "too-distant"
  | "late";

/** What {@linkcode checkReply} makes of a packet. */
export type ReplyVerdict =
  | { readonly kind: "accepted"; readonly exchange: Exchange }
  | { readonly kind: "kiss"; readonly code: string }
  | { readonly kind: "rejected"; readonly reason: RejectedReason }
  | { readonly kind: "ignored"; readonly reason: IgnoredReason };

/** The question that a reply must answer. */
export interface Question {
  /** Identity of the source that was asked. */
  readonly source: string;
  /** The 64 random bits sent as the transmit timestamp. */
  readonly nonce: bigint;
  /** When it left. */
  readonly t1RawNs: bigint;
  readonly timeoutMs: number;
}

const NANOSECONDS_PER_MILLISECOND = 1e6;
const NANOSECONDS_PER_SECOND = 1e9;

/** Judges the packet that arrived at `t4RawNs`. */
export function checkReply(packet: NtpPacket, question: Question, t4RawNs: bigint): ReplyVerdict {
  if (packet.mode !== NtpMode.SERVER) return { kind: "ignored", reason: "wrong-mode" };
  if (packet.version < OLDEST_VERSION || packet.version > NTP_VERSION) {
    return { kind: "ignored", reason: "wrong-version" };
  }
  if (packet.originTimestamp !== question.nonce) return { kind: "ignored", reason: "wrong-origin" };
  if (packet.stratum === 0) return checkKiss(packet);
  const { leap } = packet;
  if (leap === 3) return { kind: "rejected", reason: "unsynchronized" };
  const exchange = toExchange(packet, leap, question, t4RawNs);
  const reason = faultOf(packet, exchange, question);
  return reason === null ? { kind: "accepted", exchange } : { kind: "rejected", reason };
}

/** Stratum 0 without a code is how some servers say that they have no time yet. */
function checkKiss(packet: NtpPacket): ReplyVerdict {
  const code = kissCode(packet);
  return code === null ? { kind: "rejected", reason: "unsynchronized" } : { kind: "kiss", code };
}

function toExchange(packet: NtpPacket, leap: 0 | 1 | 2, question: Question, t4RawNs: bigint): Exchange {
  return {
    source: question.source,
    t1RawNs: question.t1RawNs,
    t2UtcNs: ntpToUtcNs(packet.receiveTimestamp),
    t3UtcNs: ntpToUtcNs(packet.transmitTimestamp),
    t4RawNs,
    stratum: packet.stratum,
    leap,
    rootDelaySeconds: packet.rootDelaySeconds,
    rootDispersionSeconds: packet.rootDispersionSeconds,
    precisionSeconds: exponentToSeconds(packet.precisionExponent),
  };
}

function faultOf(packet: NtpPacket, exchange: Exchange, question: Question): RejectedReason | null {
  if (packet.receiveTimestamp === 0n || packet.transmitTimestamp === 0n) return "zero-timestamp";
  const fault = exchangeFault(exchange);
  if (fault !== null) return fault;
  const roundTripNs = Number(exchange.t4RawNs - exchange.t1RawNs);
  return roundTripNs > question.timeoutMs * NANOSECONDS_PER_MILLISECOND ? "late" : null;
}

/** Why an exchange is of no use whatever the packet that brought it; null when it is of use. */
export function exchangeFault(exchange: Exchange): RejectedReason | null {
  if (exchange.stratum >= MAX_STRATUM) return "invalid-stratum";
  if (exchange.t3UtcNs < exchange.t2UtcNs) return "reversed-timestamps";
  // The server's own clock resolution is part of its distance; that also bounds what a lying precision can excuse below.
  const distance = exchange.rootDelaySeconds / 2 + exchange.rootDispersionSeconds + exchange.precisionSeconds;
  if (distance > MAX_ROOT_DISTANCE_SECONDS) return "too-distant";
  const delayNs = Number((exchange.t4RawNs - exchange.t1RawNs) - (exchange.t3UtcNs - exchange.t2UtcNs));
  if (delayNs < -exchange.precisionSeconds * NANOSECONDS_PER_SECOND) return "negative-delay";
  return null;
}
