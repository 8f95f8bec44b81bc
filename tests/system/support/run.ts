import { DAEMON_PERMISSIONS } from "../../../sim/daemon_process.ts";
import { taskPermissions } from "../../../sim/task_permissions.ts";
import { type Ran, runToEnd } from "../../support/run_to_end.ts";

const PROJECT = new URL("../../../", import.meta.url).pathname;

/** A command that takes longer is ended, and its exit code tells. */
const TIMEOUT_MS = 30_000;

/** Runs one of the client's commands to its end. */
export function runClient(command: string, shmName: string, args: readonly string[] = []): Promise<Ran> {
  return run([
    ...taskPermissions("client"),
    `${PROJECT}client/main.ts`,
    command,
    "--shm-name",
    shmName,
    ...args,
  ]);
}

/** Runs the daemon's command to its end, which it must come to by itself. */
export function runDaemon(args: readonly string[]): Promise<Ran> {
  return run([...DAEMON_PERMISSIONS, `${PROJECT}daemon/main.ts`, ...args]);
}

/** Replays a trace. */
export function runReplay(args: readonly string[]): Promise<Ran> {
  return run([...taskPermissions("replay"), `${PROJECT}daemon/replay_main.ts`, ...args]);
}

/** How an example is run. */
export interface ExampleOptions {
  readonly permissions: readonly string[];
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** Runs one of the examples to its end. */
export function runExample(file: string, { permissions, args = [], env = {} }: ExampleOptions): Promise<Ran> {
  return run([...permissions, `${PROJECT}examples/${file}`, ...args], env);
}

function run(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ran> {
  return runToEnd(Deno.execPath(), {
    args: ["run", "--quiet", "--config", `${PROJECT}deno.json`, ...args],
    signal: AbortSignal.timeout(TIMEOUT_MS),
    env: { NO_COLOR: "1", ...env },
  });
}
