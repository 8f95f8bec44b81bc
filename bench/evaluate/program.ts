/**
 * What the `evaluate` command takes.
 *
 * @module
 */
import type { Program } from "../../cli/program.ts";
import { VERSION } from "../../cli/version.ts";
import { READ_INTERVAL_SECONDS } from "../../sim/world/run_scenario.ts";
import { SCENARIOS } from "../../sim/world/scenarios.ts";
import { CONTENDERS } from "./contenders.ts";
import { ModelledContender } from "./modelled_contender.ts";

/** Seeds below are for tuning; published figures come from those above. */
export const FIRST_HELD_OUT_SEED = 1000;
const DEFAULT_TRACES = 20;
/** What fleets are made of, unless the command line says otherwise. */
export const FLEET_SCENARIOS = "lan,cloud,internet,wifi";
/** What both daemons are put into side by side, unless it says otherwise. */
export const HEAD_TO_HEAD_SCENARIO = "internet";
const DEFAULT_MINUTES = 10;
/** Everybody who can take part. */
export const NAMES: readonly string[] = [...CONTENDERS.map(({ name }) => name), ModelledContender.NAME];

/** The command line. */
export const PROGRAM = {
  name: "chronotick-evaluate",
  version: VERSION,
  invocation: "deno task evaluate",
  summary:
    "Measures how well the clock is known: scenarios × estimators, on simulated traces with a known truth",
  options: {
    scenario: {
      kind: "string",
      placeholder: "S,…",
      help: `Only these: ${Object.keys(SCENARIOS).join(", ")}`,
    },
    estimator: {
      kind: "string",
      placeholder: "E,…",
      help: `Only these: ${NAMES.join(", ")}`,
    },
    traces: {
      kind: "number",
      placeholder: "N",
      min: 1,
      max: 100_000,
      isInteger: true,
      default: DEFAULT_TRACES,
      help: "Traces of each scenario",
    },
    seedFrom: {
      kind: "number",
      placeholder: "N",
      min: 0,
      max: 1e9,
      isInteger: true,
      default: FIRST_HELD_OUT_SEED,
      help: `Seed of the first trace; those below ${FIRST_HELD_OUT_SEED} are for tuning`,
    },
    every: {
      kind: "number",
      placeholder: "S",
      min: 1,
      max: 60,
      default: READ_INTERVAL_SECONDS,
      help: "Read the time so often, s; models are asked at each reading, so that less often is quicker",
    },
    scope: {
      kind: "string",
      placeholder: "WHOSE",
      choices: ["private", "public"],
      help: "Ask all servers as often as these may be asked (private: every 10 s), not as the scenario says",
    },
    against: {
      kind: "string",
      placeholder: "E",
      choices: NAMES,
      default: "least_squares",
      help: "Whom the others are compared with at the end",
    },
    nodes: {
      kind: "number",
      placeholder: "N",
      min: 2,
      max: 10_000,
      isInteger: true,
      help:
        `Instead: how far apart do N machines act that agree on a time (scenarios: ${FLEET_SCENARIOS} unless given)`,
    },
    headToHead: {
      kind: "boolean",
      help:
        `Instead: chronyd and the daemon side by side in real time (scenario: ${HEAD_TO_HEAD_SCENARIO} unless given)`,
    },
    minutes: {
      kind: "number",
      placeholder: "N",
      min: 0.5,
      max: 1440,
      default: DEFAULT_MINUTES,
      help: "How long that takes",
    },
    networks: {
      kind: "number",
      placeholder: "N",
      min: 1,
      max: 16,
      isInteger: true,
      default: 1,
      help: "On so many networks at the same time, each with two daemons of its own",
    },
    markdown: { kind: "boolean", help: "Tables for a document" },
    json: { kind: "boolean", help: "One JSON object, in SI units" },
    plots: {
      kind: "string",
      placeholder: "FOLDER",
      help: "Draw the first trace of each scenario into this folder, as SVG",
    },
  },
  examples: [
    { line: "deno task evaluate --scenario cloud,wifi --traces 5", help: "A quick look" },
    {
      line: "deno task evaluate --traces 40 --markdown --plots plots > accuracy.md",
      help: "Figures to publish",
    },
    { line: "deno task evaluate --nodes 50", help: "Fleets of fifty machines" },
    { line: "deno task evaluate --head-to-head --minutes 2 --scenario cloud", help: "Against chronyd" },
  ],
} as const satisfies Program;
