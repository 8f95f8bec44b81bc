import { z } from "zod";
import {
  compareUnixTime,
  formatSeconds,
  intervalAround,
  type TimeInterval,
  toIsoString,
  type UnixTime,
} from "../../mod.ts";
import { defineTool, type Tool } from "../tool.ts";

const MAX_DURATION_SECONDS = 86_400;

/** Quantiles of the normal distribution: how many sigmas cover so much, on both sides. */
const SIGMAS_95 = 1.959964;
const SIGMAS_99_9 = 3.290527;

/** Between which instants it will be. */
export const getTimeBounds: Tool = defineTool({
  name: "get_time_bounds",
  title: "Get bounds on the time after a duration",
  description:
    "The earliest and the latest that the true time can be when duration_seconds have run on this machine's clock, " +
    "0 for now: guaranteed bounds, and the calibrated 95 % and 99.9 % bounds inside them. Use the guaranteed ones for " +
    "leases, deadlines and anything that must not fail; use the calibrated ones to judge what is likely.",
  input: {
    duration_seconds: z.number().min(0).max(MAX_DURATION_SECONDS).describe("How far from now, s; 0: now"),
  },
  output: {
    duration_seconds: z.number(),
    corrected_time: z.number().describe("The best estimate of the time then, Unix seconds"),
    earliest_time: z.string().describe("Certainly not earlier than this, ISO 8601"),
    latest_time: z.string().describe("Certainly not later than this, ISO 8601"),
    max_error: z.number().describe("Half the width of that, s"),
    earliest_95: z.string().describe("In 95 of 100 cases not before this, nor after latest_95"),
    latest_95: z.string(),
    earliest_99_9: z.string().describe("In 999 of 1000 cases not before this, nor after latest_99_9"),
    latest_99_9: z.string(),
    time_uncertainty: z.number().describe("One calibrated sigma then, s"),
  },
  nature: { isReadOnly: true, isIdempotent: true },
  answer({ duration_seconds }, { session }) {
    const then = session.clock.getTimeIn(duration_seconds);
    // Without a hard bound now() says why, and throws.
    const hard = then.interval ?? session.clock.now();
    const within = (sigmas: number) => bounds(then.time, sigmas * then.uncertaintySeconds, hard);
    const [likely, almostSure] = [within(SIGMAS_95), within(SIGMAS_99_9)];
    return {
      sentence: `In ${formatSeconds(duration_seconds)} it is certainly between ${
        toIsoString(hard.earliest)
      } and ${toIsoString(hard.latest)} (± ${formatSeconds(then.maxErrorSeconds)}).`,
      result: {
        duration_seconds,
        corrected_time: then.correctedTimestamp,
        earliest_time: toIsoString(hard.earliest),
        latest_time: toIsoString(hard.latest),
        max_error: then.maxErrorSeconds,
        earliest_95: toIsoString(likely.earliest),
        latest_95: toIsoString(likely.latest),
        earliest_99_9: toIsoString(almostSure.earliest),
        latest_99_9: toIsoString(almostSure.latest),
        time_uncertainty: then.uncertaintySeconds,
      },
    };
  },
});

/** What lies outside the hard bound is impossible, however likely a sigma makes it. */
function bounds(center: UnixTime, halfWidthSeconds: number, hard: TimeInterval): TimeInterval {
  const { earliest, latest } = intervalAround(center, halfWidthSeconds);
  return {
    earliest: compareUnixTime(earliest, hard.earliest) < 0 ? hard.earliest : earliest,
    latest: compareUnixTime(latest, hard.latest) > 0 ? hard.latest : latest,
  };
}
