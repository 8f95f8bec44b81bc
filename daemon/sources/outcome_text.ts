/**
 * What went wrong with a server, in words for the log.
 *
 * @module
 */
import type { ExchangeOutcome, FailedReason } from "./ntp_exchange.ts";
import type { IgnoredReason } from "./reply_check.ts";

const IGNORED_TEXT: Readonly<Record<IgnoredReason, string>> = {
  "short": "sent a packet too short for NTP",
  "malformed-trailer": "sent a packet whose extension fields are malformed",
  "oversized": "sent a packet too long for an answer",
  "wrong-mode": "sent a packet that is not a server's reply",
  "wrong-version": "sent a reply of an NTP version that is not understood",
  "wrong-origin": "sent a reply to a question that was not asked (a forgery, or a late duplicate)",
};

/** What a server did that gave no answer: the rest of the sentence that begins with its name. */
export const FAILED_TEXT: Readonly<Record<FailedReason, string>> = {
  "unsynchronized": "says that it is not synchronized",
  "invalid-stratum": "says that it is at stratum 16 or beyond, which is not synchronized",
  "zero-timestamp": "answered without timestamps",
  "reversed-timestamps": "says that it answered before it was asked",
  "negative-delay": "says that it worked on the answer longer than the whole exchange took",
  "too-distant": "is too far from its own reference clock to be of use",
  "late": "answered after the timeout",
  "timeout": "did not answer in time",
  "refused": "is there, but no time server listens on that port",
  "unreachable": "cannot be reached from this machine",
  "socket-error": "could not be asked",
  "flooded": "was drowned by packets that are no answers",
  "suspended": "was asked while the machine was suspended, so the answer is void",
  "aborted": "was no longer needed",
};

/** A thing worth a line in the log: `key` tells repetitions. */
export interface OutcomeNote {
  readonly key: string;
  readonly message: string;
}

/** What an exchange showed that an operator should know once; empty when all was well. */
export function outcomeNotes(source: string, outcome: ExchangeOutcome): readonly OutcomeNote[] {
  const notes = [...outcome.ignored.keys()].map((reason) => note(source, reason, IGNORED_TEXT[reason]));
  if (outcome.kind === "kiss") notes.push(note(source, `kiss ${outcome.code}`, kissText(outcome.code)));
  if (outcome.kind === "failed" && outcome.reason !== "aborted") {
    const detail = outcome.detail === null ? "" : ` (${outcome.detail})`;
    notes.push(note(source, outcome.reason, FAILED_TEXT[outcome.reason] + detail));
  }
  return notes;
}

function kissText(code: string): string {
  switch (code) {
    case "DENY":
    case "RSTR":
      return `denies its service (kiss-o'-death ${code}); it is not asked again until the daemon restarts`;
    case "RATE":
      return "asks for fewer questions (kiss-o'-death RATE); it is asked less often";
    default:
      return `has no time to give now (kiss-o'-death ${code})`;
  }
}

function note(source: string, what: string, text: string): OutcomeNote {
  return {
    key: `${source} ${what}`,
    message: `Time server ${source} ${text}. Repetitions are only counted.`,
  };
}
