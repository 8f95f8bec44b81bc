import { z } from "zod";
import { addNs, differenceSeconds, formatSeconds, toIsoString, toSeconds, type UnixTime } from "../../mod.ts";
import { actionState, MAX_ACTIONS } from "../action_book.ts";
import { instant } from "../instant.ts";
import { Refusal } from "../refusal.ts";
import { defineTool, type Tool } from "../tool.ts";

const MAX_ID_LENGTH = 128;

/** When to act on this machine's own clock. */
export const scheduleAction: Tool = defineTool({
  name: "schedule_action",
  title: "Schedule an action",
  description:
    "Turns an agreed instant of corrected time into the moment to act on this machine's own clock, with the window " +
    "in which that moment certainly lies, and remembers it: chronotick://actions lists what is due, due now and " +
    "past. Use it when you or a program here must act at a time that was agreed with others. It does not run " +
    "anything; to sleep until the instant use wait_until_time.",
  input: {
    target_corrected_time: instant.describe("When to act, by corrected time: Unix seconds or ISO 8601"),
    action_id: z.string().min(1).max(MAX_ID_LENGTH).describe(
      "Your name for the action; the same name again replaces it",
    ),
  },
  output: {
    action_id: z.string(),
    target_corrected_time: z.number().describe("Unix seconds"),
    target_iso: z.string().describe("The same, ISO 8601"),
    system_time: z.number().describe("Act when this machine's own clock reads this, Unix seconds"),
    system_iso: z.string().describe("The same, ISO 8601"),
    system_earliest: z.string().describe(
      "The instant certainly does not come before this on that clock, ISO 8601",
    ),
    system_latest: z.string().describe("… nor after this"),
    uncertainty: z.number().describe(
      "One calibrated sigma of system_time, if nothing is measured until then, s",
    ),
    max_error: z.number().describe("Hard half-width of the window, s"),
    seconds_until: z.number().describe("How long from now, s; not positive when it is due now"),
    state: z.enum(["due", "due_now"]),
    is_rescheduled: z.boolean().describe("Whether an earlier action of this name was replaced"),
  },
  nature: { isReadOnly: false, isIdempotent: true },
  answer({ target_corrected_time: target, action_id: id }, { session: { clock, actions } }) {
    const now = clock.now();
    const action = { id, target };
    const state = actionState(action, now);
    if (state === "past") throw pastRefusal(id, target, differenceSeconds(now.earliest, target));
    const outcome = actions.schedule(action, now);
    if (outcome === "full") throw fullRefusal(id);
    const secondsUntil = differenceSeconds(target, clock.getTime().time);
    const then = clock.getTimeIn(Math.max(0, secondsUntil));
    const systemTime = clock.systemTimeAt(target);
    const halfWidthNs = Math.ceil(then.maxErrorSeconds * 1e9);
    return {
      sentence: `Act on ${JSON.stringify(id)} when this machine's clock reads ${toIsoString(systemTime)} (± ${
        formatSeconds(then.maxErrorSeconds)
      }), ${formatSeconds(secondsUntil)} from now: it is then ${toIsoString(target)}.`,
      result: {
        action_id: id,
        target_corrected_time: toSeconds(target),
        target_iso: toIsoString(target),
        system_time: toSeconds(systemTime),
        system_iso: toIsoString(systemTime),
        system_earliest: toIsoString(addNs(systemTime, -halfWidthNs)),
        system_latest: toIsoString(addNs(systemTime, halfWidthNs)),
        uncertainty: then.uncertaintySeconds,
        max_error: then.maxErrorSeconds,
        seconds_until: secondsUntil,
        state,
        is_rescheduled: outcome === "rescheduled",
      },
    };
  },
});

function pastRefusal(id: string, target: UnixTime, bySeconds: number): Refusal {
  return new Refusal(
    `Cannot schedule ${JSON.stringify(id)}: ${toIsoString(target)} is certainly past, by at least ${
      formatSeconds(bySeconds)
    }. Choose a later time.`,
  );
}

function fullRefusal(id: string): Refusal {
  return new Refusal(
    `Cannot schedule ${
      JSON.stringify(id)
    }: ${MAX_ACTIONS} actions are still to come. Wait until some are past, or reuse a name.`,
  );
}
