/**
 * The actions that a client has scheduled.
 *
 * @module
 */
import { compareUnixTime, type TimeInterval, type UnixTime } from "../mod.ts";

/** More than this need not be remembered at once: past ones are forgotten first. */
export const MAX_ACTIONS = 1000;

/** Where an action's instant lies: certainly ahead, maybe now, or certainly over. */
export type ActionState = "due" | "due_now" | "past";

/** Something that is to happen at an instant of corrected time. */
export interface Action {
  readonly id: string;
  readonly target: UnixTime;
}

/** The actions of one conversation, by their ids. */
export class ActionBook {
  readonly #actions = new Map<string, Action>();

  /** Remembers `action`, in place of an earlier one of its id: true when there was one. False: the book is full. */
  schedule(action: Action, now: TimeInterval): "scheduled" | "rescheduled" | "full" {
    const isKnown = this.#actions.has(action.id);
    if (!isKnown && this.#actions.size >= MAX_ACTIONS && !this.#forgetOldest(now)) return "full";
    this.#actions.set(action.id, action);
    return isKnown ? "rescheduled" : "scheduled";
  }

  /** All actions, the earliest first. */
  list(): Action[] {
    return [...this.#actions.values()].sort((a, b) => compareUnixTime(a.target, b.target));
  }

  /** Forgets the action that was over first; false when none is over. */
  #forgetOldest(now: TimeInterval): boolean {
    const [oldest] = this.list();
    if (oldest === undefined || actionState(oldest, now) !== "past") return false;
    return this.#actions.delete(oldest.id);
  }
}

/** Where the action's instant lies when it is `now`. */
export function actionState({ target }: Action, now: TimeInterval): ActionState {
  if (compareUnixTime(target, now.latest) > 0) return "due";
  return compareUnixTime(target, now.earliest) < 0 ? "past" : "due_now";
}
