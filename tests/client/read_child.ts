/** Asks the segment of the given name for the time and prints the answers, or the error, as JSON. */
import { Clock, nowNs } from "../../ffi/clocks.ts";
import { ChronoTickClient, toNs } from "../../mod.ts";

const [shmName] = Deno.args;
using client = new ChronoTickClient({ shmName: shmName! });
let answer: Record<string, string>;
try {
  const { earliest, latest } = client.now();
  answer = {
    boottimeNs: String(nowNs(Clock.BOOTTIME)),
    earliestNs: String(toNs(earliest)),
    latestNs: String(toNs(latest)),
    timeNs: String(toNs(client.getTime().time)),
  };
} catch (error) {
  const { name, message } = error as Error;
  answer = { error: name, message };
}
Deno.stdout.writeSync(new TextEncoder().encode(JSON.stringify(answer)));
