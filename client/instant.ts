/**
 * Instants as people type them.
 *
 * @module
 */
import { UsageError } from "../cli/options.ts";
import { addNs, fromIsoString, type UnixTime } from "../record/unix_time.ts";

/** What {@linkcode parseInstant} takes, for help texts. */
export const INSTANT_FORMS =
  "Unix seconds, 2026-03-01T12:00:00.5Z, or +SECONDS from now; up to nine digits after the point";

const DECIMAL = /^(\+?)(\d{1,12})(?:\.(\d{1,9}))?$/;

/**
 * The instant that `text` means. `now` is asked only where it counts from now.
 *
 * @throws {UsageError} it is none
 */
export function parseInstant(text: string, now: () => UnixTime): UnixTime {
  const [, sign, seconds, digits = ""] = DECIMAL.exec(text) ?? [];
  if (seconds !== undefined) {
    const given = { seconds: Number(seconds), nanoseconds: Number(digits.padEnd(9, "0")) };
    return sign === "+" ? sum(now(), given) : given;
  }
  try {
    return fromIsoString(text);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new UsageError(`TIME is ${JSON.stringify(text)}: it must be ${INSTANT_FORMS}.`);
  }
}

function sum(a: UnixTime, b: UnixTime): UnixTime {
  return addNs({ seconds: a.seconds + b.seconds, nanoseconds: a.nanoseconds }, b.nanoseconds);
}
