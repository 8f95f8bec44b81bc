/**
 * What each machine of distributed_ticks.ts runs: it stamps events in one order with all others.
 *
 * ```sh
 * deno run --allow-net examples/distributed_ticks_machine.ts ADDRESS AGENT CLOCK_ERROR_SECONDS EVENTS
 * ```
 *
 * @module
 */
import { EtcdAuthority, formatPhi, formatUtc } from "../ticks/mod.ts";

const [address, agent, clockErrorSeconds, events] = Deno.args as [string, string, string, string];
/** The longest time between two events. */
const LONGEST_PAUSE_MS = 200;

await using authority = await EtcdAuthority.open(address);
for (let event = 0; event < Number(events); event++) {
  await new Promise((resolve) => setTimeout(resolve, Math.random() * LONGEST_PAUSE_MS));
  const ownClockNs = BigInt(Math.round(Date.now() + Number(clockErrorSeconds) * 1e3)) * 1_000_000n;
  // Its time is the given one, or that of the stamp before where this machine's clock is behind.
  const { tick, utcNs } = await authority.nextStamped(ownClockNs);
  const line = `${formatPhi({ utcNs, agent, tick })} ${formatUtc(ownClockNs)}\n`;
  Deno.stdout.writeSync(new TextEncoder().encode(line));
}
