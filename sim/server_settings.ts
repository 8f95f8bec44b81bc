/**
 * How a simulated NTP server behaves.
 *
 * @module
 */
import type { ClockDescription } from "./clock.ts";
import { checkOneWay, checkRange, MAX_DELAY_SECONDS, type Path } from "./path.ts";

/** What the server answers with. */
export type ReplyKind =
  /** What the other settings say. */
  | "normal"
  /** Nothing. */
  | "silent"
  /** A kiss-o'-death with `kissCode`. */
  | "kiss"
  /** A reply to another question. */
  | "wrong-origin"
  /** Fewer than 48 bytes. */
  | "short"
  /** A reply with {@linkcode HUGE_REPLY_BYTES} in all. */
  | "huge"
  /** Up to 511 random bytes. */
  | "random";

/** What can be changed while the server runs. */
export interface ServerSettings {
  readonly clock: ClockDescription;
  readonly path: Path;
  readonly reply: ReplyKind;
  /** Four letters. */
  readonly kissCode: string;
  readonly stratum: number;
  readonly leap: 0 | 1 | 2 | 3;
  readonly precisionExponent: number;
  readonly rootDelaySeconds: number;
  /** What it claims; a liar claims less than `offsetErrorSeconds`. */
  readonly rootDispersionSeconds: number;
  /** By how much its stamps differ from its clock, s: a falseticker's error. */
  readonly offsetErrorSeconds: number;
  /** From the arrival of a request to the departure of its reply, s. */
  readonly processingSeconds: number;
  /** Bytes of extension fields after the header: 0, or a multiple of 4 from 28 on (RFC 7822). */
  readonly extensionBytes: number;
}

/** The whole length of a `huge` reply; loopback carries it in one piece. */
export const HUGE_REPLY_BYTES = 9000;

/** An honest stratum-1 server; its clock and path come from whoever starts it. */
export const HONEST_SETTINGS: Omit<ServerSettings, "clock" | "path"> = {
  reply: "normal",
  kissCode: "RATE",
  stratum: 1,
  leap: 0,
  precisionExponent: -23,
  rootDelaySeconds: 0,
  rootDispersionSeconds: 2 ** -16,
  offsetErrorSeconds: 0,
  processingSeconds: 20e-6,
  extensionBytes: 0,
};

const KISS_CODE = /^[\x21-\x7e]{4}$/;
const MIN_EXTENSION_BYTES = 28;
const MAX_EXTENSION_BYTES = 1024;

/**
 * `settings` as they are, when they make sense.
 *
 * @throws {RangeError} they do not: says which
 */
export function checkSettings(settings: ServerSettings): ServerSettings {
  checkOneWay(settings.path.outbound);
  checkOneWay(settings.path.inbound);
  checkRange("a processing time", settings.processingSeconds, MAX_DELAY_SECONDS);
  const { kissCode, extensionBytes } = settings;
  if (!KISS_CODE.test(kissCode)) {
    throw new RangeError(`Cannot simulate the kiss code ${kissCode}: it must be four printable letters.`);
  }
  if (extensionBytes !== 0 && !isExtensionLength(extensionBytes)) {
    throw new RangeError(
      `Cannot simulate ${extensionBytes} bytes of extension fields: it must be 0 or a multiple of 4 from ${MIN_EXTENSION_BYTES} to ${MAX_EXTENSION_BYTES}.`,
    );
  }
  return settings;
}

function isExtensionLength(byteLength: number): boolean {
  return byteLength % 4 === 0 && byteLength >= MIN_EXTENSION_BYTES && byteLength <= MAX_EXTENSION_BYTES;
}
