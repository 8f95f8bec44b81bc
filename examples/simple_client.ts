/**
 * What time is it, and how sure is that? Run a daemon (`deno task daemon`, or `deno task demo -- --keep`), then:
 *
 * ```sh
 * deno run --allow-ffi examples/simple_client.ts [SHM_NAME]
 * ```
 *
 * @module
 */
import { ChronoTickClient, ChronoTickError, toIsoString } from "../mod.ts";

/** Prints the time with its bounds, commits to an instant, and measures a duration's uncertainty. */
async function main(shmName: string | undefined): Promise<void> {
  using client = new ChronoTickClient(shmName === undefined ? {} : { shmName });
  await client.waitUntilReady({ timeoutMs: 5000 });

  const { time, uncertaintySeconds, maxErrorSeconds } = client.getTime();
  print(`it is      ${toIsoString(time)}`);
  print(
    `one sigma  ${(uncertaintySeconds * 1e6).toFixed(1)} µs, never off by more than ${
      (maxErrorSeconds * 1e6).toFixed(1)
    } µs`,
  );

  // TrueTime's commit wait: after it, everybody with an honest clock agrees that this instant is past.
  const { latest: commit } = client.now();
  await client.waitUntilAfter(commit);
  print(`committed  ${toIsoString(commit)} is certainly past: ${client.after(commit)}`);

  print(
    `in 60 s    one sigma will be ${
      (client.futureUncertainty(60) * 1e6).toFixed(1)
    } µs without a new measurement`,
  );
}

function print(line: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(line + "\n"));
}

try {
  await main(Deno.args[0]);
} catch (error) {
  if (!(error instanceof ChronoTickError)) throw error;
  print(error.message);
  Deno.exit(3);
}
