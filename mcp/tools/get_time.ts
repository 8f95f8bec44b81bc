import { z } from "zod";
import { TIME_FIELDS, timeReport, timeText } from "../time_report.ts";
import { defineTool, type Tool } from "../tool.ts";

/** The corrected time now. */
export const getTime: Tool = defineTool({
  name: "get_time",
  title: "Get the corrected time",
  description:
    "The corrected time now, with a calibrated sigma and a hard bound that the truth never leaves. Use it whenever " +
    "the time matters: to stamp an event, to order it against others, or before any decision about a deadline. " +
    "Give earliest and latest, not just corrected_time, to whoever has to rely on it.",
  input: {},
  output: {
    ...TIME_FIELDS,
    time_id: z.string().describe(
      "For compare_times in this conversation; null without a hard bound",
    ).nullable(),
    node_id: z.string().describe("This machine's name among its peers"),
  },
  nature: { isReadOnly: true, isIdempotent: false },
  answer(_, { session }) {
    const time = session.clock.getTime();
    const report = timeReport(time);
    return {
      sentence: `It is ${timeText(time)} (source: ${report.source}).`,
      result: {
        ...report,
        time_id: time.interval && session.times.add(time.interval),
        node_id: session.node.id,
      },
    };
  },
});
