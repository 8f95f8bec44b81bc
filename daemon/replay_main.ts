/**
 * The `chronotick-replay` command.
 *
 * @module
 */
import { ExitCode } from "../cli/exit_code.ts";
import { UsageError } from "../cli/options.ts";
import type { Invocation, Program } from "../cli/program.ts";
import { runCommand } from "../cli/run_command.ts";
import { VERSION } from "../cli/version.ts";
import { ConfigError, loadConfig } from "./config.ts";
import { fileFault } from "./file_fault.ts";
import { ModelError, ModelHost } from "./forecast/model_host.ts";
import type { ModelRole } from "./forecast/model_signature.ts";
import { pipelineOptions } from "./pipeline_options.ts";
import { ANSWER_HEADER, answerRow } from "./trace/answer_csv.ts";
import { CsvImport } from "./trace/csv_import.ts";
import { LineReader } from "./trace/line_reader.ts";
import { Replay, type ReplayCounts, type ReplaySettings } from "./trace/replay.ts";
import { ReplayProgress } from "./trace/replay_progress.ts";
import { OutputFile, OutputFileError } from "./trace/output_file.ts";
import { TraceLineError } from "./trace/trace_fields.ts";
import { formatTraceLine, parseTraceLine } from "./trace/trace_line.ts";

const PROGRAM = {
  name: "chronotick-replay",
  version: VERSION,
  invocation: "deno task replay",
  summary: "Runs a recorded trace through the daemon's pipeline and answers its queries",
  options: {
    input: {
      kind: "string",
      placeholder: "TRACE",
      help: "The trace, JSON lines: what a daemon wrote with --record, or exchange, lost and query lines",
    },
    output: {
      kind: "string",
      placeholder: "CSV",
      help: "Where the answers go: local,for,utc,sigma,max_error,flags,source",
    },
    everyPublication: {
      kind: "boolean",
      help: "Answer at each publication that a daemon recorded, too; its traces hold no queries",
    },
    config: {
      kind: "string",
      placeholder: "PATH",
      help: "Configuration to replay with, instead of the trace's own or the defaults",
    },
    importCsv: {
      kind: "string",
      placeholder: "FILE",
      help:
        "First write this public trace (system_time, ntp_offset, ntp_delay …) as the trace of --input, a new file",
    },
  },
  examples: [
    {
      line: "deno task replay --input trace.jsonl --every-publication --output out.csv",
      help: "What did the daemon publish?",
    },
    {
      line: "deno task replay --input queries.jsonl --output out.csv",
      help: "What would have been said at each query?",
    },
    {
      line: "deno task replay --import-csv public.csv --input trace.jsonl --output out.csv",
      help: "The same for a public trace",
    },
  ],
} as const satisfies Program;

/** A file cannot be replayed or imported. */
class ReplayError extends Error {
  override readonly name = "ReplayError";
}

if (import.meta.main) await runCommand(PROGRAM, run, { exitCodeOf });

async function run({ options }: Invocation<typeof PROGRAM>): Promise<number> {
  const input = required("--input", options.input);
  const output = required("--output", options.output);
  const config = loadConfig(options.config);
  if (options.importCsv !== undefined) importCsv(options.importCsv, input);
  // A recording says what the models said; for other traces they are asked.
  using models = isRecording(input) ? null : await ModelHost.start(config.models);
  await models?.loaded;
  replay(input, output, {
    options: { ...pipelineOptions(config, 1), settleSeconds: 0 },
    overridesTrace: options.config !== undefined,
    answersPublications: options.everyPublication,
    createForecaster: () => models?.createBlockingForecaster(reportTrouble) ?? null,
  });
  return ExitCode.DONE;
}

function reportTrouble(role: ModelRole, trouble: string | null): void {
  const model = `the ${role.replace("_", "-")} model`;
  say(trouble === null ? `${model} answers again.` : `Going on without ${model}: ${trouble}.`);
}

/** Whether the trace begins as a daemon's does. */
function isRecording(path: string): boolean {
  using input = openInput(path);
  try {
    const [first] = input.statSync().isFile ? new LineReader(input) : [];
    return first !== undefined && parseTraceLine(first).type === "start";
  } catch (error) {
    if (error instanceof TraceLineError) return false; // refused with its number when its turn comes
    throw error;
  }
}

function required(flag: string, path: string | undefined): string {
  if (path !== undefined) return path;
  throw new UsageError(
    `${flag} is missing: it must be the path of a file. See ${PROGRAM.invocation} --help.`,
  );
}

/** Replays the trace at `inputPath` into `outputPath`. */
function replay(inputPath: string, outputPath: string, settings: ReplaySettings): void {
  using input = openInput(inputPath);
  refuseSameFile(input, inputPath, outputPath);
  using output = OutputFile.replace(outputPath);
  output.write(ANSWER_HEADER);
  const run = new Replay(settings);
  try {
    forEachLine("replay", inputPath, input, (line) => {
      const answer = run.take(parseTraceLine(line));
      if (answer !== null) output.write(answerRow(answer));
    });
  } finally {
    output.flush(); // what was answered before a refused line is right
  }
  const advice = run.counts.answers > 0 || settings.answersPublications
    ? ""
    : " The trace holds no query; --every-publication answers at each publication of a daemon's trace.";
  say(`Replayed ${inputPath}: ${countsText(run.counts)}. The answers are in ${outputPath}.${advice}`);
}

/** Writes the public trace at `csvPath` as a new trace at `tracePath`, or nothing when it cannot be read. */
function importCsv(csvPath: string, tracePath: string): void {
  using input = openInput(csvPath);
  using output = OutputFile.create(tracePath);
  let importer: CsvImport | null = null;
  try {
    forEachLine("import", csvPath, input, (line) => {
      if (importer === null) importer = new CsvImport(line);
      else for (const imported of importer.lines(line)) output.write(`${formatTraceLine(imported)}\n`);
    });
    output.flush();
  } catch (error) {
    Deno.removeSync(tracePath);
    throw error;
  }
}

/** Hands every line to `take`, showing progress; a line that is refused is named by its number. */
function forEachLine(verb: string, path: string, file: Deno.FsFile, take: (line: string) => void): void {
  const lines = new LineReader(file);
  using progress = new ReplayProgress(path, file.statSync().size);
  try {
    for (const line of lines) {
      take(line);
      progress.show(lines.bytesRead);
    }
  } catch (error) {
    if (!(error instanceof TraceLineError)) throw error;
    throw new ReplayError(`Cannot ${verb} ${path}: line ${lines.number} is refused: ${error.message}.`);
  }
}

function openInput(path: string): Deno.FsFile {
  try {
    const file = Deno.openSync(path);
    if (!file.statSync().isDirectory) return file;
    file.close();
  } catch (error) {
    throw new ReplayError(`Cannot read ${path}: ${fileFault(error)}. Give the path of a readable file.`);
  }
  throw new ReplayError(`Cannot read ${path}: it is a folder. Give the path of a readable file.`);
}

/** To write the answers over the trace would destroy it. */
function refuseSameFile(input: Deno.FsFile, inputPath: string, outputPath: string): void {
  try {
    const [a, b] = [input.statSync(), Deno.statSync(outputPath)];
    if (!a.isFile || a.ino !== b.ino || a.dev !== b.dev) return;
  } catch {
    return; // There is no such output yet.
  }
  throw new UsageError(
    `--output is ${outputPath}, which is the trace ${inputPath} itself: choose another file. See ${PROGRAM.invocation} --help.`,
  );
}

function countsText({ exchanges, lost, answers }: ReplayCounts): string {
  return `${exchanges} exchanges, ${lost} lost, ${answers} answers`;
}

function say(text: string): void {
  Deno.stderr.writeSync(new TextEncoder().encode(`${text}\n`));
}

function exitCodeOf(error: Error): number | null {
  if (error instanceof ConfigError || error instanceof ModelError) return ExitCode.USAGE;
  return error instanceof ReplayError || error instanceof OutputFileError ? ExitCode.FAILED : null;
}
