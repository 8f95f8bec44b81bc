/**
 * Unix time at nanosecond precision without bigints: a double of Unix seconds has steps of 238 ns, and a bigint
 * costs 40 ns, so the API's precise time is a pair of integers.
 *
 * @module
 */

/** An instant: integer seconds since 1970-01-01T00:00:00Z (POSIX, no leap seconds) and 0 … 999 999 999 ns. */
export interface UnixTime {
  /** Integer seconds, floor for instants before 1970. */
  seconds: number;
  /** Integer nanoseconds, 0 … 999 999 999. */
  nanoseconds: number;
}

/** What the API takes as an instant: a {@linkcode UnixTime}, float Unix seconds, or bigint Unix nanoseconds. */
export type TimeLike = UnixTime | number | bigint;

const NS_PER_SECOND = 1_000_000_000;
const NS_PER_SECOND_BIG = 1_000_000_000n;

/**
 * Reads any form of instant.
 *
 * @throws {RangeError} the number is not finite, or the parts are not integers in range
 */
export function toUnixTime(time: TimeLike): UnixTime {
  if (typeof time === "bigint") return fromNs(time);
  if (typeof time === "number") return fromSeconds(time);
  const { seconds, nanoseconds } = time;
  if (
    !Number.isSafeInteger(seconds) || !Number.isInteger(nanoseconds) || nanoseconds < 0 ||
    nanoseconds >= NS_PER_SECOND
  ) {
    throw new RangeError(
      `Cannot use { seconds: ${seconds}, nanoseconds: ${nanoseconds} } as a time: seconds must be an integer and nanoseconds an integer from 0 to 999999999.`,
    );
  }
  return { seconds, nanoseconds };
}

/** From Unix nanoseconds. */
export function fromNs(ns: bigint): UnixTime {
  let seconds = ns / NS_PER_SECOND_BIG;
  let nanoseconds = ns % NS_PER_SECOND_BIG;
  if (nanoseconds < 0n) {
    seconds -= 1n;
    nanoseconds += NS_PER_SECOND_BIG;
  }
  return { seconds: Number(seconds), nanoseconds: Number(nanoseconds) };
}

/** From float Unix seconds (to the nearest ns of what the double holds). */
export function fromSeconds(seconds: number): UnixTime {
  if (!Number.isFinite(seconds)) {
    throw new RangeError(`Cannot use ${seconds} as a time: give finite Unix seconds.`);
  }
  const whole = Math.floor(seconds);
  return addNs({ seconds: whole, nanoseconds: 0 }, Math.round((seconds - whole) * NS_PER_SECOND));
}

/** As Unix nanoseconds. */
export function toNs(time: UnixTime): bigint {
  return BigInt(time.seconds) * NS_PER_SECOND_BIG + BigInt(time.nanoseconds);
}

/** As float Unix seconds (238 ns steps in this century). */
export function toSeconds(time: UnixTime): number {
  return time.seconds + time.nanoseconds / NS_PER_SECOND;
}

/** `time` moved by an integer number of ns (|ns| < 2⁵³). */
export function addNs(time: UnixTime, ns: number): UnixTime {
  const total = time.nanoseconds + ns;
  const carry = Math.floor(total / NS_PER_SECOND);
  return { seconds: time.seconds + carry, nanoseconds: total - carry * NS_PER_SECOND };
}

/** `a − b` in seconds. */
export function differenceSeconds(a: UnixTime, b: UnixTime): number {
  return (a.seconds - b.seconds) + (a.nanoseconds - b.nanoseconds) / NS_PER_SECOND;
}

/** Negative when `a` is earlier than `b`, 0 when equal, positive when later. */
export function compareUnixTime(a: UnixTime, b: UnixTime): number {
  return a.seconds - b.seconds || a.nanoseconds - b.nanoseconds;
}

const ISO_INSTANT = /^(\d{4}-\d\d-\d\d)[Tt](\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?([Zz]|[+-]\d\d:\d\d)$/;

/**
 * From an instant as RFC 3339 (ISO 8601) writes it, with up to nine digits after the second and `Z` or an offset:
 * `2026-03-01T12:00:00.123456789Z`, `2026-03-01T13:00:00+01:00`.
 *
 * @throws {RangeError} the text is no such instant
 */
export function fromIsoString(text: string): UnixTime {
  const [, date, clock, digits = "", zone] = ISO_INSTANT.exec(text) ?? [];
  const ms = Date.parse(`${date}T${clock}${zone}`);
  // Date.parse() takes the 30th of February for the 2nd of March.
  if (Number.isNaN(ms) || new Date(`${date}T00:00:00Z`).toISOString().slice(0, 10) !== date) {
    throw new RangeError(
      `Cannot use ${JSON.stringify(text)} as a time: write it as 2026-03-01T12:00:00.123456789Z.`,
    );
  }
  return { seconds: ms / 1000, nanoseconds: Number(digits.padEnd(9, "0")) };
}

/** ISO 8601 in UTC with nine digits: `2026-03-01T12:00:00.123456789Z`. */
export function toIsoString(time: UnixTime): string {
  const whole = new Date(time.seconds * 1000).toISOString();
  return `${whole.slice(0, -5)}.${String(time.nanoseconds).padStart(9, "0")}Z`;
}
