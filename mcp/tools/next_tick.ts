import { z } from "zod";
import { defineTool, type Tool } from "../tool.ts";

/** The next tick. */
export const nextTick: Tool = defineTool({
  name: "next_tick",
  title: "Use the next tick",
  description:
    "A number that nobody else gets, higher than all before it: durable, over all programs that share the counter. Use it " +
    "to put events in an order without any uncertainty, where bounds of time overlap. It says in what order, not when; " +
    "for both use stamp_event.",
  input: {},
  output: {
    tick: z.string().describe("A u64 as decimal text: JSON's numbers lose the last digits of large ones"),
    authority: z.string().describe("Who hands the ticks out; ticks of different authorities have no order"),
  },
  nature: { isReadOnly: false, isIdempotent: false },
  async answer(_, { session: { node } }) {
    const { tick, authority } = await node.ticks.next();
    return { sentence: `This is tick ${tick} of ${authority}.`, result: { tick: String(tick), authority } };
  },
});
