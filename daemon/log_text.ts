/**
 * The log as people read it.
 *
 * @module
 */
import type { LogRecord } from "./log.ts";

/** Longer messages and values are cut: much of what is logged was sent by strangers. */
export const MAX_TEXT_CHARACTERS = 1000;

const LEVEL_WIDTH = "WARNING".length;
/** Control characters and those that reorder or break lines: no peer may forge a line or drive a terminal. */
const UNPRINTABLE = /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu;
const BARE_VALUE = /^[^\s"=]+$/;

/** `2026-05-04T03:02:01.123Z WARNING ntp: no answer server=192.0.2.1 polls=8` */
export function formatText({ atRealtimeMs, level, component, message, fields }: LogRecord): string {
  const start = `${timeText(atRealtimeMs)} ${level.padEnd(LEVEL_WIDTH)} ${component}: ${printable(message)}`;
  const values = Object.entries(fields).map(([name, value]) => ` ${name}=${valueText(value)}`);
  return start + values.join("");
}

/** ISO 8601 with milliseconds; a clock that is out of all bounds must not stop the log. */
export function timeText(realtimeMs: number): string {
  const date = new Date(realtimeMs);
  return Number.isNaN(date.getTime()) ? String(realtimeMs) : date.toISOString();
}

function valueText(value: string | number | boolean): string {
  const text = printable(String(value));
  return BARE_VALUE.test(text) ? text : JSON.stringify(text);
}

/** At most {@linkcode MAX_TEXT_CHARACTERS} of `text`. */
export function cutText(text: string): string {
  return text.length > MAX_TEXT_CHARACTERS ? `${text.slice(0, MAX_TEXT_CHARACTERS)}…` : text;
}

function printable(text: string): string {
  return cutText(text).replace(
    UNPRINTABLE,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
