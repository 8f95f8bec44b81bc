import { z } from "zod";
import type { Prompt } from "../prompt.ts";

const MAX_LENGTH = 2000;
const text = z.string().min(1).max(MAX_LENGTH);

/** How several agents act at one instant. */
export const planCoordinatedAction: Prompt = {
  name: "plan_coordinated_action",
  title: "Plan a coordinated action",
  description: "Plans how several agents, each with its own clock, do something at the same instant.",
  input: {
    action: text.describe("What is to be done together"),
    peers: text.describe("Who takes part, separated by commas"),
    deadline: text.optional().describe("By when at the latest, if there is such a time"),
  },
  text: ({ action, peers, deadline }) =>
    `Plan how these peers do the following at one instant, and then carry the plan out as far as your tools reach.

Action: ${action}
Peers: ${peers}
Deadline: ${deadline ?? "none"}

1. Read the resource chronotick://guide if you have not yet.
2. Take a reading of every peer's clock with its get_time, all at about the same moment, your own included.
3. Call synchronize_with_peers with all readings (id: node_id, time: iso, uncertainty: max_error). Say which peers
   disagree and leave them out, or stop if no majority agrees.
4. Check that the sync_point is before the deadline and that every peer can be told of it in time; if not, choose a
   longer lead_seconds, or say that it cannot be done and why.
5. With get_time_with_future_uncertainty, say how far apart the peers may act at worst, and whether the action allows it.
6. Tell every peer the sync_point as text. Each calls schedule_action, or wait_until_time shortly before it.
7. Afterwards compare the actual_wake_iso of all, with their earliest and latest, and say whether they acted within the
   bounds, and which orders cannot be known.

State each time with its uncertainty. Do not claim an order that compare_times calls concurrent.`,
};
