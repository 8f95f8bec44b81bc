/**
 * A client of a cluster's counter that asks for ticks until SIGTERM, and tells of each when it has it.
 *
 * ```sh
 * etcd_client_child.ts ADDRESS plain|stamped CLOCK_ERROR_NS
 * ```
 *
 * @module
 */
import { print } from "../../cli/run_command.ts";
import { Clock, nowNs } from "../../ffi/clocks.ts";
import { EtcdAuthority } from "../../ticks/etcd_authority.ts";

const [address, kind, clockErrorNs] = Deno.args as [string, string, string];
/** A block makes ticks far faster than they can be told. */
const REST_MS = 1;
const TICKS_BETWEEN_RESTS = 10;

let isStopped = false;
Deno.addSignalListener("SIGTERM", () => isStopped = true);
await using authority = await EtcdAuthority.open(address);
print(`${Deno.pid}\n`);

for (let asked = 0; !isStopped; asked++) {
  const askedNs = nowNs(Clock.MONOTONIC);
  const { tick, utcNs } = kind === "stamped"
    ? await authority.nextStamped(nowNs(Clock.REALTIME) + BigInt(clockErrorNs))
    : { tick: await authority.next(), utcNs: -1n };
  print(`${tick} ${utcNs} ${askedNs} ${nowNs(Clock.MONOTONIC)}\n`);
  if (asked % TICKS_BETWEEN_RESTS === 0) await new Promise((resolve) => setTimeout(resolve, REST_MS));
}
print("end\n");
Deno.exit(); // The runtime would wait for the signal's listener.
