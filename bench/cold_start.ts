/**
 * What it costs to ask for the time once, from a shell.
 *
 * @module
 */
import { writeRoleBundle } from "../packaging/role_bundle.ts";
import { CLIENT } from "../packaging/roles.ts";
import type { BenchContext } from "./bench_context.ts";
import type { Group } from "./figure.ts";
import { LivePublisher } from "./live_publisher.ts";
import { median } from "./statistics.ts";

const ROUNDS = { usual: 15, long: 60 };
const FREQUENCY_HZ = 100;
/** A program that does nothing. */
const NOTHING = "data:text/javascript,";

/** Times `client read` as a whole process, from its source and from its bundle, and Deno with nothing to do. */
export async function measureColdStart({ isLong, progress }: BenchContext): Promise<Group> {
  progress.begin("starting the client");
  await using publisher = await LivePublisher.start(FREQUENCY_HZ);
  const folder = await Deno.makeTempDir({ prefix: "chronotick_bench_" });
  try {
    const bundle = await writeRoleBundle(CLIENT, folder);
    return await compare(publisher.shmName, bundle, isLong ? ROUNDS.long : ROUNDS.usual);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function compare(shmName: string, bundle: string, rounds: number): Promise<Group> {
  const source = new URL("../client/main.ts", import.meta.url).href;
  const read = (main: string) => [...CLIENT.permissions, main, "read", "--shm-name", shmName];
  const times = { nothing: [] as number[], source: [] as number[], bundle: [] as number[] };
  for (let round = 0; round < rounds; round++) {
    times.nothing.push(await runMs([NOTHING]));
    times.source.push(await runMs(read(source)));
    times.bundle.push(await runMs(read(bundle)));
  }
  const common = {
    unit: "ms",
    reference: { what: "Deno with an empty program", value: median(times.nothing) },
  } as const;
  const bundled = { value: median(times.bundle), goal: { of: "value", atMost: 120 } } as const;
  return {
    name: "start",
    title: `whole processes, median of ${rounds} runs that alternate with the reference`,
    figures: [
      { name: "client_read", what: "client read", value: median(times.source), ...common },
      { name: "client_read_bundle", what: "client read, from its bundle", ...bundled, ...common },
    ],
  };
}

async function runMs(args: readonly string[]): Promise<number> {
  const command = new Deno.Command(Deno.execPath(), { args: ["run", "--quiet", ...args], stdout: "null" });
  const beganMs = performance.now();
  const { success } = await command.spawn().status;
  const elapsedMs = performance.now() - beganMs;
  if (!success) throw new Error(`Cannot measure the start of ${args.join(" ")}: it failed.`);
  return elapsedMs;
}
