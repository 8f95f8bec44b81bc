/**
 * What the user types to run a program: a task in a checkout, the program itself where it is packaged.
 *
 * @module
 */
import { CARRIED } from "./carried.ts";

/** The program of each task that has one. */
const PROGRAMS: Readonly<Record<string, string>> = {
  "daemon": "chronotick-daemon",
  "client": "chronotick-client",
  "mcp": "chronotick-mcp",
  "chronosd": "chronosd",
  "chronos-ctl": "chronos-ctl",
};
const TASK = /\bdeno task ([a-z][a-z-]*)/g;

/** `text`, which names tasks, as it is right here. */
export function withProgramNames(text: string, isPackaged: boolean = CARRIED !== null): string {
  return isPackaged ? text.replace(TASK, (task, name) => PROGRAMS[name] ?? task) : text;
}
