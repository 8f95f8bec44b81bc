/**
 * `deno task train`: makes the models anew, from simulated worlds to the .onnx files. Takes minutes on two cores.
 *
 * @module
 */
import { ExitCode } from "../cli/exit_code.ts";
import type { Program } from "../cli/program.ts";
import { runCommand } from "../cli/run_command.ts";
import { VERSION } from "../cli/version.ts";
import type { ModelRole } from "../daemon/forecast/model_signature.ts";
import { type FitReport, modelCard } from "./model_card.ts";

const PROGRAM = {
  name: "chronotick-train",
  version: VERSION,
  invocation: "deno task train",
  summary:
    "Makes the two models anew, with their cards, from simulated worlds; replaces the files in models/",
  options: {},
  examples: [{ line: "deno task train", help: "A quarter of an hour on two processors" }],
} as const satisfies Program;

/** Debian's own: its packages bring PyTorch and ONNX. */
const PYTHON = "/usr/bin/python3";
const MODELS: readonly ModelRole[] = ["short_term", "long_term"];
/** Seeds from here on judge the models and are not to be trained on. */
const SEEDS = 1000;
/** Processes that simulate at the same time. */
const SHARDS = 2;

if (import.meta.main) await runCommand(PROGRAM, train);

async function train(): Promise<number> {
  if (!await canFit()) {
    say(
      "Cannot train: Python's torch, onnx or numpy is missing. " +
        "Install them with: apt-get install python3-torch python3-onnx python3-numpy",
    );
    return ExitCode.FAILED;
  }
  const folder = await Deno.makeTempDir({ prefix: "chronotick_train_" });
  try {
    say(`Simulating the worlds of ${SEEDS} seeds.`);
    await Promise.all(Array.from({ length: SHARDS }, (_, shard) => dump(folder, shard)));
    say("Fitting the models.");
    await Promise.all(MODELS.map((model) => fit(model, folder)));
    return ExitCode.DONE;
  } catch (error) {
    say(`Cannot train: ${error instanceof Error ? error.message : error}.`);
    return ExitCode.FAILED;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function canFit(): Promise<boolean> {
  try {
    const { success } = await new Deno.Command(PYTHON, {
      args: ["-c", "import numpy, onnx, torch"],
      stdout: "null",
      stderr: "null",
    }).output();
    return success;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

async function dump(folder: string, shard: number): Promise<void> {
  const [first, last] = [shard, shard + 1].map((bound) => String(Math.round(bound * SEEDS / SHARDS)));
  const script = pathOf("dump_features.ts");
  await run(Deno.execPath(), ["run", "--allow-read", "--allow-write", script, folder, first!, last!]);
}

async function fit(model: ModelRole, folder: string): Promise<void> {
  await run(PYTHON, [pathOf("fit.py"), model, folder, pathOf(".")]);
  const bytes = await Deno.readFile(pathOf(`${model}.onnx`));
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  const sha256 = Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
  const report = JSON.parse(await Deno.readTextFile(pathOf(`${model}.json`))) as FitReport;
  await Deno.writeTextFile(pathOf(`${model}.md`), modelCard(model, report, sha256, bytes.length));
  await run(Deno.execPath(), ["fmt", "--quiet", pathOf(`${model}.md`), pathOf(`${model}.json`)]);
}

function pathOf(file: string): string {
  return decodeURIComponent(new URL(file, import.meta.url).pathname);
}

/** Its output goes where ours goes. */
async function run(program: string, args: string[]): Promise<void> {
  const { success, code } = await new Deno.Command(program, { args, stdout: "inherit", stderr: "inherit" })
    .output();
  if (!success) throw new Error(`${program} ${args[0]} ended with ${code}`);
}

function say(text: string): void {
  Deno.stderr.writeSync(new TextEncoder().encode(`${text}\n`));
}
