/**
 * What the `chronotick-client` command accepts.
 *
 * @module
 */
import type { Program } from "../cli/program.ts";
import { RECORD_OPTIONS } from "../cli/record_options.ts";
import { VERSION } from "../cli/version.ts";
import { BATCH } from "./benchmark.ts";
import { INSTANT_FORMS } from "./instant.ts";

/** A day. */
const MAX_WAIT_SECONDS = 86_400;
/** The command line of `chronotick-client`. */
export const PROGRAM = {
  name: "chronotick-client",
  version: VERSION,
  invocation: "deno task client",
  summary: "Reads the corrected time that a ChronoTick daemon publishes on this machine",
  options: {
    ...RECORD_OPTIONS,
    statusSocket: {
      kind: "string",
      placeholder: "PATH",
      help: "The daemon's status socket, where it is in no usual place",
    },
  },
  commands: {
    read: { summary: "The time now, with its bounds" },
    "wait-ready": {
      summary: "Wait until a daemon publishes a valid time; exit code 3 when none does",
      options: {
        timeout: {
          kind: "number",
          placeholder: "S",
          min: 0,
          max: MAX_WAIT_SECONDS,
          default: 30,
          help: "Give up after so many seconds",
        },
      },
    },
    "wait-until": {
      summary: "Sleep until the corrected time is TIME, and print what it then is",
      positionals: { time: { help: INSTANT_FORMS } },
      options: {
        certain: {
          kind: "boolean",
          help: "Until that time has certainly passed, whatever the error (commit wait)",
        },
      },
    },
    monitor: {
      summary: "Watch the time; redrawn on a terminal, a line per sample in a pipe",
      options: {
        interval: {
          kind: "number",
          placeholder: "S",
          min: 0.01,
          max: 3600,
          default: 1,
          help: "Seconds between samples",
        },
        count: {
          kind: "number",
          placeholder: "N",
          min: 1,
          isInteger: true,
          help: "Stop after so many samples",
        },
      },
    },
    status: {
      summary: "How the daemon and its servers do; exit code 0 healthy, 1 degraded, 3 no live daemon",
      options: { json: { kind: "boolean", help: "As one JSON object" } },
    },
    benchmark: {
      summary: "What a read costs here, beside the raw clock",
      options: {
        iterations: {
          kind: "number",
          placeholder: "N",
          min: BATCH,
          max: 1e9,
          isInteger: true,
          default: 1_000_000,
          help: "Calls of each kind",
        },
      },
    },
    json: {
      summary: "The record and the time now as one JSON object",
      options: { pretty: { kind: "boolean", help: "Indent it" } },
    },
  },
  examples: [
    { line: "deno task client read", help: "What time is it, and how sure is that?" },
    { line: "deno task client monitor --interval 0.2", help: "Watch the correction" },
    {
      line: "deno task client wait-ready --timeout 60 && start-my-service",
      help: "Start when the time is known",
    },
    { line: "deno task client wait-until +2.5", help: "Sleep by the corrected time" },
    { line: "deno task client json | jq .max_error_now", help: "For scripts" },
  ],
} as const satisfies Program;
