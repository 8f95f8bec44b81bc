/**
 * How instants come in from models and go out to them.
 *
 * A number of Unix seconds is a double with steps of 238 ns; text is exact to the nanosecond. So bounds, which must
 * hold, go out as text, and both forms come in.
 *
 * @module
 */
import { z } from "zod";
import { fromIsoString, fromSeconds, type UnixTime } from "../mod.ts";

/** The year 9999 ends here: what lies beyond has no ISO 8601 form with four digits. */
const MAX_UNIX_SECONDS = 253_402_300_799;
const MAX_TEXT_LENGTH = 64;
const FORMS = "Unix seconds (a number) or ISO 8601 text such as 2026-03-01T12:00:00.123456789Z";

/** The step of a double of Unix seconds in this century, s. */
export const NUMBER_STEP_SECONDS: number = 2 ** -22;

/** An instant as an argument; parses to a `UnixTime`. */
export const instant = z
  .union([z.number().min(0).max(MAX_UNIX_SECONDS), z.string().max(MAX_TEXT_LENGTH)], {
    error: `must be ${FORMS}`,
  })
  .transform((given, context): UnixTime => {
    try {
      return typeof given === "number" ? fromSeconds(given) : fromIsoString(given);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      context.addIssue({ code: "custom", message: `must be ${FORMS}` });
      return z.NEVER;
    }
  });
