/**
 * One order of events over three machines whose clocks disagree by seconds, while the cluster's leader is killed. The
 * machines are processes here; with etcd on the PATH (Debian: etcd-server) it starts a cluster of its own on loopback.
 *
 * ```sh
 * deno run --allow-all examples/distributed_ticks.ts
 * ```
 *
 * With real machines, the second file alone is what each of them runs, on the address of a real cluster.
 *
 * @module
 */
import { ExitCode } from "../cli/exit_code.ts";
import { type Program } from "../cli/program.ts";
import { print, runCommand } from "../cli/run_command.ts";
import { VERSION } from "../cli/version.ts";
import { EtcdCluster, NoEtcdError } from "../sim/etcd_cluster.ts";
import { comparePhi, EtcdAuthority, parsePhi, TickError } from "../ticks/mod.ts";

const PROGRAM = {
  name: "distributed-ticks",
  version: VERSION,
  invocation: "deno run --allow-all examples/distributed_ticks.ts",
  summary: "Shows one order of events over machines whose clocks disagree",
  options: {
    events: {
      kind: "number",
      placeholder: "N",
      isInteger: true,
      min: 1,
      max: 1000,
      default: 5,
      help: "Of each machine",
    },
  },
} as const satisfies Program;

/** Who logs, and by how many seconds its clock is wrong. */
const MACHINES = { "berlin": 0, "tokyo": 2, "austin": -2 };

if (import.meta.main) {
  await runCommand(PROGRAM, async ({ options }) => {
    await using cluster = await EtcdCluster.start();
    const address = cluster.address("events");
    // What an administrator does once, with chronos-ctl init.
    await using authority = await EtcdAuthority.open(address, { create: true });
    const stories = Object.entries(MACHINES).map(([agent, clockErrorSeconds]) =>
      tell(address, agent, clockErrorSeconds, options.events)
    );
    await cluster.kill(await cluster.leader());
    print("The cluster's leader was killed; the machines wait for another one and go on.\n\n");
    printLog((await Promise.all(stories)).flat());
    print(`\nThe last tick is ${await authority.current()}.\n`);
    return ExitCode.DONE;
  }, {
    exitCodeOf: (error) =>
      error instanceof NoEtcdError || error instanceof TickError ? ExitCode.FAILED : null,
  });
}

/** What a machine logs, a line an event. */
async function tell(
  address: string,
  agent: string,
  clockErrorSeconds: number,
  events: number,
): Promise<string[]> {
  const machine = new URL("./distributed_ticks_machine.ts", import.meta.url).href;
  const args = [
    "run",
    "--quiet",
    "--allow-net",
    machine,
    address,
    agent,
    String(clockErrorSeconds),
    String(events),
  ];
  const { success, stdout } = await new Deno.Command(Deno.execPath(), { args, stderr: "inherit" }).output();
  if (!success) {
    throw new TickError("UNAVAILABLE", `Cannot tell what happened in ${agent}: its process failed.`);
  }
  return new TextDecoder().decode(stdout).trim().split("\n");
}

/** All machines' lines in the order of their ticks, each with the time that its own clock showed. */
function printLog(lines: readonly string[]): void {
  const log = lines.map((line) => {
    const [stamp, ownClock] = line.split(" ") as [string, string];
    return { stamp, ownClock, tick: parsePhi(stamp).tick };
  }).toSorted(comparePhi);
  for (const { stamp, ownClock } of log) print(`${stamp.padEnd(64)} its own clock: ${ownClock}\n`);
  const inversions = log.filter(({ ownClock }, i) => i > 0 && ownClock < log[i - 1]!.ownClock).length;
  print(
    `\n${log.length} events, ordered by tick. Their own clocks run backwards ${inversions} times in this order.\n`,
  );
}
