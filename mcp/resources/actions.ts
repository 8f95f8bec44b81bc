import { differenceSeconds, toIsoString, toSeconds } from "../../mod.ts";
import { actionState } from "../action_book.ts";
import type { Resource } from "../resource.ts";
import type { Session } from "../session.ts";
import { orUnavailable } from "../unavailable.ts";

/** What was scheduled, and what of it is due. */
export const actionsResource: Resource = {
  uri: "chronotick://actions",
  name: "actions",
  title: "Scheduled actions",
  description:
    "The actions of schedule_action: due (certainly still to come), due_now (its instant may be now) and past, each " +
    "the earliest first. Followers are told when one is scheduled or its state changes. Without a valid time they " +
    "are all listed as unknown.",
  mimeType: "application/json",
  read(session) {
    const page = {
      due_now: [],
      due: [],
      past: [],
      ...Object.groupBy(listActions(session), ({ state }) => state),
    };
    return JSON.stringify(page);
  },
  version: (session) =>
    JSON.stringify(
      listActions(session).map(({ action_id, state, target_iso }) => [action_id, state, target_iso]),
    ),
};

interface ListedAction {
  readonly action_id: string;
  readonly state: "due" | "due_now" | "past" | "unknown";
  readonly target_corrected_time: number;
  readonly target_iso: string;
  /** By the best estimate; null without a valid time. */
  readonly seconds_until: number | null;
}

function listActions({ actions, clock }: Session): ListedAction[] {
  const now = orUnavailable(() => ({ bounds: clock.now(), time: clock.getTime().time }));
  return actions.list().map((action) => ({
    action_id: action.id,
    state: "bounds" in now ? actionState(action, now.bounds) : "unknown",
    target_corrected_time: toSeconds(action.target),
    target_iso: toIsoString(action.target),
    seconds_until: "time" in now ? differenceSeconds(action.target, now.time) : null,
  }));
}
