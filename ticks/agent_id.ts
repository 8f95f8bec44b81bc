/**
 * Names of agents: who asks for a stamp.
 *
 * @module
 */
import { TickError } from "./errors.ts";

/** A letter or digit, then up to 63 letters, digits, dots, underscores and hyphens: nothing that a stamp is parted by. */
export const AGENT_ID = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
/** No more of a refused text than this is quoted. */
const MAX_QUOTED_CHARS = 80;

/**
 * `text`, when it is an agent id.
 *
 * @throws {TickError} `AGENT_ID`: it is none
 */
export function checkAgentId(text: string): string {
  if (AGENT_ID.test(text)) return text;
  throw new TickError(
    "AGENT_ID",
    `Cannot use ${quoted(text)} as an agent id: give 1 to 64 letters, digits, ".", "_" or "-" of ` +
      `ASCII, beginning with a letter or digit.`,
  );
}

/** `text` in quotation marks with everything escaped that could spoil a terminal or a log, and not too much of it. */
export function quoted(text: string): string {
  const shown = text.length > MAX_QUOTED_CHARS ? `${text.slice(0, MAX_QUOTED_CHARS)}…` : text;
  return JSON.stringify(shown).replace(
    /[\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
