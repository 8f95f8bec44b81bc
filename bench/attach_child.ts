/**
 * Times attaching in a fresh process. Argument: the segment's name. Prints the ms of each attach, in their order.
 *
 * @module
 */
import { ChronoTickClient } from "../mod.ts";
import { printJsonLine } from "./json_line.ts";

const ATTACHES = 30;

const [shmName] = Deno.args as [string];
printJsonLine(Array.from({ length: ATTACHES }, () => attachMs(shmName)));

/** Open, map and first read. */
function attachMs(shmName: string): number {
  const interval = { earliest: { seconds: 0, nanoseconds: 0 }, latest: { seconds: 0, nanoseconds: 0 } };
  const beganMs = performance.now();
  using client = new ChronoTickClient({ shmName });
  client.nowInto(interval);
  return performance.now() - beganMs;
}
