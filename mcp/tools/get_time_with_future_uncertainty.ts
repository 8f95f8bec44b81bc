import { z } from "zod";
import { formatSeconds, toIsoString } from "../../mod.ts";
import { finiteOrNull } from "../time_report.ts";
import { defineTool, type Tool } from "../tool.ts";

/** Further ahead the frequency's wander leaves little to say. */
const MAX_FUTURE_SECONDS = 3600;

/** How well the time will be known a while from now. */
export const getTimeWithFutureUncertainty: Tool = defineTool({
  name: "get_time_with_future_uncertainty",
  title: "Get the time and how certain it will be later",
  description:
    "The corrected time now, and how uncertain it will be after future_seconds if nothing is measured until then. " +
    "Use it before you promise to act at a later moment, to see whether the clock will be good enough by then.",
  input: {
    future_seconds: z.number().min(0).max(MAX_FUTURE_SECONDS).describe("How far to look ahead, s"),
  },
  output: {
    current_corrected_time: z.number().describe("Unix seconds"),
    current_system_time: z.number().describe("This machine's own clock at the same instant, Unix seconds"),
    current_uncertainty: z.number().describe("One calibrated sigma now, s"),
    future_seconds: z.number(),
    future_corrected_time: z.number().describe("The corrected time after future_seconds, Unix seconds"),
    future_system_time: z.number().describe("What this machine's own clock will read then, Unix seconds"),
    future_uncertainty: z.number().describe("One sigma then, s"),
    uncertainty_increase: z.number().describe("future_uncertainty − current_uncertainty, s"),
    future_max_error: z.number().describe("Hard half-width then, s; null: unknown").nullable(),
    confidence: z.number().describe("Probability that the error now is within the daemon's limit, 0 to 1"),
  },
  nature: { isReadOnly: true, isIdempotent: true },
  answer({ future_seconds }, { session }) {
    const now = session.clock.getTime();
    const then = session.clock.getTimeIn(future_seconds);
    return {
      sentence: `It is ${toIsoString(now.time)} ± ${formatSeconds(now.uncertaintySeconds)} (one sigma); in ${
        formatSeconds(future_seconds)
      } the uncertainty will have grown to ± ${formatSeconds(then.uncertaintySeconds)}.`,
      result: {
        current_corrected_time: now.correctedTimestamp,
        current_system_time: now.systemTimestamp,
        current_uncertainty: now.uncertaintySeconds,
        future_seconds,
        future_corrected_time: then.correctedTimestamp,
        future_system_time: then.systemTimestamp,
        future_uncertainty: then.uncertaintySeconds,
        uncertainty_increase: then.uncertaintySeconds - now.uncertaintySeconds,
        future_max_error: finiteOrNull(then.maxErrorSeconds),
        confidence: now.confidence,
      },
    };
  },
});
