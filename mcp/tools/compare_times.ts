import { z } from "zod";
import {
  compareIntervals,
  compareUnixTime,
  differenceSeconds,
  formatSeconds,
  type TimeInterval,
} from "../../mod.ts";
import { instant } from "../instant.ts";
import type { TimeBook } from "../time_book.ts";
import { Refusal } from "../refusal.ts";
import { defineTool, type Tool } from "../tool.ts";

const MAX_ID_LENGTH = 32;

const time = z.union([
  z.object({
    earliest: instant.describe("Unix seconds or ISO 8601; text keeps the nanoseconds"),
    latest: instant,
  }),
  z.object({
    earliest_time: instant.describe("As get_time_bounds gives it"),
    latest_time: instant,
  }).transform(({ earliest_time, latest_time }) => ({ earliest: earliest_time, latest: latest_time })),
  z.object({
    time_id: z.string().max(MAX_ID_LENGTH).describe("From an earlier get_time of this conversation"),
  }),
], {
  error:
    "must be { earliest, latest } (a whole result of get_time, wait_until_time or get_time_bounds will do) or { time_id }",
});

type GivenTime = z.output<typeof time>;

/** Which of two times was first. */
export const compareTimes: Tool = defineTool({
  name: "compare_times",
  title: "Compare two times",
  description:
    "Whether time a is certainly before b, certainly after it, or the two cannot be told apart (concurrent), and by " +
    "which margin. Use it instead of comparing numbers: two clock readings whose bounds overlap have no order that " +
    "anybody could know.",
  input: { a: time, b: time },
  output: {
    order: z.enum(["before", "after", "concurrent"]).describe("How a lies to b"),
    margin_seconds: z.number().describe(
      "Positive: certainly apart by at least so much. Not positive: their bounds overlap by so much",
    ),
  },
  nature: { isReadOnly: true, isIdempotent: true },
  answer({ a, b }, { session }) {
    const [first, second] = [readTime("a", a, session.times), readTime("b", b, session.times)];
    const order = compareIntervals(first, second);
    const marginSeconds = Math.max(
      differenceSeconds(second.earliest, first.latest),
      differenceSeconds(first.earliest, second.latest),
    );
    return {
      sentence: order === "concurrent"
        ? `Nobody can tell which of the two was first: their bounds overlap by ${
          formatSeconds(-marginSeconds)
        }.`
        : `The first is certainly ${order} the second, by at least ${formatSeconds(marginSeconds)}.`,
      result: { order, margin_seconds: marginSeconds },
    };
  },
});

function readTime(name: string, given: GivenTime, book: TimeBook): TimeInterval {
  const interval = "time_id" in given ? book.get(given.time_id) : given;
  if (interval === undefined) {
    throw new Refusal(
      `Cannot compare: ${name} names a time that this conversation does not remember. Give its earliest and latest.`,
    );
  }
  if (compareUnixTime(interval.earliest, interval.latest) > 0) {
    throw new Refusal(
      `Cannot compare: earliest of ${name} is later than its latest. Swap them, or give get_time's.`,
    );
  }
  return interval;
}
