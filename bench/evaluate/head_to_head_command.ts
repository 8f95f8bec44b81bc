/**
 * The part of the `evaluate` command that compares with chronyd in real time.
 *
 * @module
 */
import type { Scenario } from "../../sim/world/scenario.ts";
import { Progress } from "../progress.ts";
import { runHeadToHead } from "./head_to_head.ts";
import { headToHeadBars, headToHeadNotes, headToHeadTable, headToHeadToJson } from "./head_to_head_report.ts";
import { scoreHeadToHead } from "./head_to_head_score.ts";
import { findChronyd } from "./live_chronyd.ts";
import type { Table } from "./report.ts";

/** What is to be run. */
export interface HeadToHeadRequest {
  readonly name: string;
  readonly scenario: Scenario;
  /** Of the first network; the others have those that follow. */
  readonly seed: number;
  /** How many there are, each with a chronyd and a daemon of its own, at the same time. */
  readonly networks: number;
  readonly seconds: number;
  /** The folder for the bars; null: none. */
  readonly plots: string | null;
}

/** What came out. */
export interface HeadToHeadOutcome {
  readonly table: Table;
  readonly notes: string;
  readonly json: Record<string, unknown>;
}

/** Runs one scenario; null, with a sentence on stderr, where chronyd is missing. */
export async function headToHead(
  request: HeadToHeadRequest,
  chronyd: string | null = findChronyd(),
): Promise<HeadToHeadOutcome | null> {
  const { name, scenario, seed, networks, seconds, plots } = request;
  if (chronyd === null) {
    writeError("Skipped the comparison with chronyd, which is not installed: Debian has it in chrony.\n");
    return null;
  }
  const progress = new Progress({ isTerminal: Deno.stderr.isTerminal(), write: writeError });
  progress.begin(`chronyd and the daemon, ${name}, ${seconds} s`);
  const onProgress = (fraction: number) => progress.advance(fraction);
  const runs = await Promise.all(
    Array.from(
      { length: networks },
      (_, index) => runHeadToHead({ scenario, seed: seed + index, seconds, chronyd, onProgress }),
    ),
  );
  progress.end();
  const score = scoreHeadToHead(runs, seconds);
  const subject = { scenario: name, summary: scenario.summary, seed, networks, seconds };
  if (plots !== null) {
    await Deno.mkdir(plots, { recursive: true });
    await Deno.writeTextFile(`${plots}/head_to_head_${name}.svg`, headToHeadBars(subject, score));
  }
  return {
    table: headToHeadTable(subject, score),
    notes: headToHeadNotes(subject, runs, score),
    json: headToHeadToJson(subject, runs, score),
  };
}

function writeError(text: string): void {
  Deno.stderr.writeSync(new TextEncoder().encode(text));
}
