/**
 * What it costs to ask for the time once, from a shell.
 *
 * @module
 */
import type { BenchContext } from "./bench_context.ts";
import type { Group } from "./figure.ts";
import { LivePublisher } from "./live_publisher.ts";
import { median } from "./statistics.ts";

const ROUNDS = { usual: 15, long: 60 };
const FREQUENCY_HZ = 100;
const CLIENT_PERMISSIONS = ["--allow-ffi", "--allow-env=NO_COLOR"];
/** A program that does nothing. */
const NOTHING = "data:text/javascript,";

/** Times `client read` as a whole process, and Deno with nothing to do. */
export async function measureColdStart({ isLong, progress }: BenchContext): Promise<Group> {
  progress.begin("starting the client");
  await using publisher = await LivePublisher.start(FREQUENCY_HZ);
  const main = new URL("../client/main.ts", import.meta.url).href;
  const rounds = isLong ? ROUNDS.long : ROUNDS.usual;
  const readMs: number[] = [];
  const nothingMs: number[] = [];
  for (let round = 0; round < rounds; round++) {
    nothingMs.push(await runMs([NOTHING]));
    readMs.push(await runMs([...CLIENT_PERMISSIONS, main, "read", "--shm-name", publisher.shmName]));
  }
  return {
    name: "start",
    title: `whole processes, median of ${rounds} runs that alternate with the reference`,
    figures: [{
      name: "client_read",
      what: "client read",
      value: median(readMs),
      unit: "ms",
      reference: { what: "Deno with an empty program", value: median(nothingMs) },
    }],
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
