/**
 * What is wrong with a configuration, in sentences.
 *
 * @module
 */
import { closestString } from "@std/text/closest-string";
import type { z } from "zod";
import { oneOf } from "../cli/program.ts";

/** More faults are only counted. */
const MAX_FAULTS = 50;

const MAX_SHOWN_CHARACTERS = 60;
const PLAIN_KEY = /^[\w-]{1,60}$/;

/** Keys from the document's root to a value. */
type Path = readonly PropertyKey[];

/** What is wrong with the value at `path`; null: nobody knows the key. */
interface Fault {
  readonly path: Path;
  readonly issue: z.core.$ZodIssue | null;
}

/**
 * One sentence for each of `issues`.
 *
 * @param document what was judged
 * @param defaults a document with every known key
 */
export function faultsOf(
  issues: readonly z.core.$ZodIssue[],
  document: unknown,
  defaults: unknown,
): string[] {
  const found = issues.flatMap((issue): Fault[] =>
    issue.code === "unrecognized_keys"
      ? issue.keys.map((key) => ({ path: [...issue.path, key], issue: null }))
      : [{ path: issue.path, issue }]
  );
  const faults = found.slice(0, MAX_FAULTS).map(({ path, issue }) =>
    issue === null
      ? unknownKeyFault(path, defaults)
      : valueFault(issue, path, valueAt(document, path, defaults))
  );
  return found.length > MAX_FAULTS
    ? [...faults, `There are ${found.length - MAX_FAULTS} more faults.`]
    : faults;
}

/** `ntp.servers[1]` */
function pathText(path: Path): string {
  const text = path.map((key) => {
    if (typeof key === "number") return `[${key}]`;
    return `.${PLAIN_KEY.test(String(key)) ? String(key) : shownText(String(key))}`;
  }).join("");
  return text.replace(/^\./, "");
}

/** The key may be known elsewhere; otherwise it is likely a misspelt one of the same section. */
function unknownKeyFault(path: Path, defaults: unknown): string {
  const key = String(path.at(-1));
  const section = path.slice(0, -1);
  const siblings = Object.keys(valueAt(defaults, section) as object);
  const homes = pathsOf(defaults).filter((known) => known.at(-1) === key);
  const nearest = homes.length > 0 ? homes : [[...section, closestString(key, siblings)]];
  return `unknown key ${pathText(path)}: did you mean ${oneOf(nearest.map(pathText))}?`;
}

/** The path of every key of a document. */
function pathsOf(value: unknown): string[][] {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return [];
  return Object.entries(value).flatMap((
    [key, inner],
  ) => [[key], ...pathsOf(inner).map((path) => [key, ...path])]);
}

function valueFault(issue: z.core.$ZodIssue, path: Path, value: unknown): string {
  const subject = path.length === 0 ? "the document" : pathText(path);
  const wantsNumber = issue.code === "invalid_type" &&
    (issue.expected === "number" || issue.expected === "int");
  const isQuoted = wantsNumber && typeof value === "string" && value.trim() !== "" &&
    Number.isFinite(Number(value));
  return `${subject} is ${shownValue(value)}: it must be ${issue.message}${
    isQuoted ? ", without quotes" : ""
  }.`;
}

/** The value at `path`, in `defaults` where `document` has none. */
function valueAt(document: unknown, path: Path, defaults?: unknown): unknown {
  const value = path.reduce<unknown>((outer, key) => {
    const isInside = typeof outer === "object" && outer !== null && Object.hasOwn(outer, key);
    return isInside ? (outer as Record<PropertyKey, unknown>)[key] : undefined;
  }, document);
  return value === undefined && defaults !== undefined ? valueAt(defaults, path) : value;
}

/** Short, and without walking into values that may be endless. */
function shownValue(value: unknown): string {
  if (typeof value === "string") return shownText(value);
  if (typeof value !== "object" || value === null) return String(value);
  if (Array.isArray(value)) return value.length === 0 ? "an empty list" : `a list of ${value.length}`;
  if (value instanceof Date) return `the date ${value.toISOString()}`;
  return value instanceof Uint8Array ? "binary data" : "a mapping";
}

function shownText(text: string): string {
  return JSON.stringify(
    text.length > MAX_SHOWN_CHARACTERS ? `${text.slice(0, MAX_SHOWN_CHARACTERS)}…` : text,
  );
}
