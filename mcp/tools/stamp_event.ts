import { z } from "zod";
import { AGENT_ID } from "../../ticks/mod.ts";
import { defineTool, type Tool } from "../tool.ts";

/** A Phi timestamp. */
export const stampEvent: Tool = defineTool({
  name: "stamp_event",
  title: "Stamp an event",
  description:
    "Uses one tick for a Phi timestamp, such as 2025-10-19T21:28:24.472823544Z::CLAUDE-A::TICK-0000000003: about when, by " +
    "whom, and exactly in what order. Use it to record what you did or decided so that everybody sees it in the same " +
    "order later. Compare two stamps by their ticks alone.",
  input: {
    agent: z.string().regex(AGENT_ID, {
      error: "must be 1 to 64 letters, digits, dots, underscores and hyphens, such as CLAUDE-A",
    }).describe("Whose event it is: letters, digits, dots, underscores and hyphens"),
  },
  output: {
    timestamp: z.string().describe("The Phi timestamp"),
    tick: z.string().describe("A u64 as decimal text"),
    agent: z.string(),
    utc_ns: z.string().describe("Its time, Unix ns as decimal text; never less than that of a lower tick"),
    earliest: z.string().describe("The true time was not earlier, ISO 8601; null: nobody knows a bound")
      .nullable(),
    latest: z.string().describe("The true time was not later, ISO 8601; null: nobody knows a bound")
      .nullable(),
    source: z.string().describe("Where the time is from: ntp, fusion, … or system_clock"),
  },
  nature: { isReadOnly: false, isIdempotent: false },
  async answer({ agent }, { session: { node } }) {
    const result = JSON.parse(await node.ticks.stamp(agent));
    return { sentence: `The event is stamped ${result.timestamp}.`, result };
  },
});
