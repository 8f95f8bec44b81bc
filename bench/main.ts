/**
 * The bench: every figure that the design promises, measured here and now beside its reference.
 *
 * @module
 */
import { ExitCode } from "../cli/exit_code.ts";
import type { Invocation, Program } from "../cli/program.ts";
import { print, runCommand } from "../cli/run_command.ts";
import { VERSION } from "../cli/version.ts";
import { measureAttach } from "./attach.ts";
import type { BenchContext } from "./bench_context.ts";
import { measureColdStart } from "./cold_start.ts";
import { measureCrowd } from "./crowd.ts";
import { CReferences } from "./c_references.ts";
import { measureDaemon } from "./daemon_footprint.ts";
import { measureEtcd } from "./etcd.ts";
import type { Group } from "./figure.ts";
import { measureFilterUpdate } from "./filter_update.ts";
import { describeMachine } from "./machine.ts";
import { measureMcp } from "./mcp.ts";
import { measureModels } from "./model_inference.ts";
import { Progress } from "./progress.ts";
import { measurePublication } from "./publication.ts";
import { measureReadCost } from "./read_cost.ts";
import { measureSoak } from "./soak.ts";
import { measureSocket } from "./socket.ts";
import { measureCrashes, measureTicks } from "./ticks.ts";
import { measureTornReads } from "./torn_reads.ts";
import { measureStatusApi } from "./status_api.ts";
import { groupText, machineText, resultsToJson } from "./report.ts";

const MEASUREMENTS = {
  read: measureReadCost,
  attach: measureAttach,
  start: measureColdStart,
  crowd: measureCrowd,
  filter: measureFilterUpdate,
  torn: measureTornReads,
  publish: measurePublication,
  models: measureModels,
  daemon: measureDaemon,
  ticks: measureTicks,
  crash: measureCrashes,
  status: measureStatusApi,
  etcd: measureEtcd,
  mcp: measureMcp,
  socket: measureSocket,
  soak: measureSoak,
} satisfies Record<string, (context: BenchContext) => Promise<Group>>;

type GroupName = keyof typeof MEASUREMENTS;

const GROUP_NAMES = Object.keys(MEASUREMENTS) as GroupName[];
/** Half an hour: only for who asks. */
const ON_REQUEST: readonly GroupName[] = ["soak"];

const PROGRAM = {
  name: "chronotick-bench",
  version: VERSION,
  invocation: "deno task bench",
  summary:
    "Measures what ChronoTick costs on this machine, beside the same work in C where there is a compiler",
  options: {
    only: { kind: "string", placeholder: "NAME", choices: GROUP_NAMES, help: "Only this group" },
    long: {
      kind: "boolean",
      help: "Longer, for figures to publish: a billion reads in the hunt for torn ones",
    },
    json: { kind: "boolean", help: "One JSON object instead of tables" },
  },
  examples: [
    { line: "deno task bench", help: "All groups but the soak, some minutes" },
    { line: "deno task bench --only read", help: "What a read costs, some seconds" },
    { line: "deno task bench --only soak", help: "Does the daemon grow? Half an hour" },
  ],
} as const satisfies Program;

if (import.meta.main) await runCommand(PROGRAM, run);

/** Goals that are missed are shown but are no failure: they depend on the machine. A fault is one. */
async function run({ options }: Invocation<typeof PROGRAM>): Promise<number> {
  const machine = describeMachine();
  if (!options.json) print(machineText(machine));
  const names = options.only === undefined
    ? GROUP_NAMES.filter((name) => !ON_REQUEST.includes(name))
    : [options.only];
  const groups = await measure(names, options.long, (group) => {
    if (!options.json) print(groupText(group));
  });
  if (options.json) print(`${JSON.stringify(resultsToJson(machine, groups), null, 2)}\n`);
  return groups.some(({ fault }) => fault !== undefined) ? ExitCode.FAILED : ExitCode.DONE;
}

async function measure(
  names: readonly GroupName[],
  isLong: boolean,
  onGroup: (group: Group) => void,
): Promise<Group[]> {
  using references = new CReferences();
  const progress = new Progress({
    isTerminal: Deno.stderr.isTerminal(),
    write: (text) => void Deno.stderr.writeSync(new TextEncoder().encode(text)),
  });
  const groups: Group[] = [];
  for (const name of names) {
    const group = await MEASUREMENTS[name]({ isLong, progress, references }).catch(notMeasured(name));
    progress.end();
    groups.push(group);
    onGroup(group);
  }
  return groups;
}

/** One measurement that fails leaves the others to be made. */
function notMeasured(name: GroupName): (error: unknown) => Group {
  return (error) => {
    if (!(error instanceof Error)) throw error;
    return { name, title: "not measured", figures: [], fault: error.message };
  };
}
